// ISO/IEC 13818-1, 2.14 and 2.17: H.264 and H.265 in PES packets.
import { H264Assembler } from "../../../codec/h264/assembler.ts";
import { H265Assembler } from "../../../codec/h265/assembler.ts";
import { splitAnnexB } from "../../../codec/nal.ts";
import type { VideoAssembler, VideoDescription } from "../../../codec/video_description.ts";
import type { ElementaryStream, TrackOutput } from "./track_sink.ts";

/** Frames last as long as the one before; the first one this long where nothing says the frame rate. */
const STEP = 3600;
/** Pictures are not told to last longer, ticks of 90 kHz. */
const DURATION_MAX = 900_000;

/** How long the pictures of a stream last, and what was told of them. */
export class PictureTimes {
  readonly #output: TrackOutput;
  #described: VideoDescription | undefined;
  #duration = 0;
  /** Time of the last picture; NaN before the first one. */
  last = NaN;

  constructor(output: TrackOutput) {
    this.#output = output;
  }

  /** From one picture to the next. */
  get step(): number {
    return this.#duration || STEP;
  }

  /** Where a picture without a time belongs; NaN before the first one. */
  get next(): number {
    return this.last + this.step;
  }

  /** A picture of this decoding time comes. */
  enter(time: number): void {
    const delta = time - this.last;
    if (delta > 0 && delta <= DURATION_MAX) this.#duration = delta;
    this.last = time;
  }

  /** Announces the track where it has changed; answers how long its picture is taken to last. */
  describe(description: VideoDescription): number {
    const { codec, config, codecString, width, height, frameRate } = description;
    if (description !== this.#described) {
      this.#described = description;
      const { id, language } = this.#output;
      const what = { codec, config, codecString, width, height, frameRate };
      this.#output.describe({ kind: "video", id, timescale: 90_000, language, ...what });
    }
    return this.#duration || (frameRate > 0 ? Math.round(90_000 / frameRate) : STEP);
  }
}

/** Pictures into frames. A PES packet holds one access unit, or several with delimiters between them. */
export class VideoStream implements ElementaryStream {
  readonly #output: TrackOutput;
  readonly #hevc: boolean;
  readonly #assembler: VideoAssembler;
  readonly #times: PictureTimes;
  /** Decoding times are not in the stream although pictures are reordered: the assembler makes them. */
  #derive = false;
  #explicit = false;

  constructor(output: TrackOutput, codec: "h264" | "h265") {
    this.#output = output;
    this.#times = new PictureTimes(output);
    this.#hevc = codec === "h265";
    this.#assembler = this.#hevc ? new H265Assembler([]) : new H264Assembler([]);
  }

  pes(payload: Uint8Array, pts: number | undefined, dts: number | undefined, explicit: boolean): void {
    const units = splitAnnexB(payload);
    if (units.length === 0) return;
    const { step } = this.#times;
    let time = dts ?? this.#times.next;
    let shown = pts ?? time;
    if (Number.isNaN(time)) return this.#output.damaged("picture without time");
    if (explicit) this.#explicit = true;
    else if (!this.#explicit && time < this.#times.last) this.#derive = true;
    let from = 0;
    for (let i = 1; i <= units.length; i++) {
      if (i < units.length && !this.#begins(units, i)) continue;
      this.#accessUnit(from === 0 && i === units.length ? units : units.slice(from, i), shown, time);
      from = i;
      time += step;
      shown += step;
    }
  }

  lost(): void {
    this.#assembler.reset();
  }

  /** Whether a delimiter stands at `i`, behind a picture. */
  #begins(units: readonly Uint8Array[], i: number): boolean {
    const type = this.#type(units[i] as Uint8Array);
    if (type !== (this.#hevc ? 35 : 9)) return false;
    const before = this.#type(units[i - 1] as Uint8Array);
    return this.#hevc ? before < 32 || before === 40 : before === 1 || before === 5;
  }

  #type(unit: Uint8Array): number {
    const first = unit[0] as number;
    return this.#hevc ? (first >> 1) & 0x3f : first & 0x1f;
  }

  #accessUnit(units: readonly Uint8Array[], pts: number, dts: number): void {
    this.#times.enter(dts);
    const frame = this.#assembler.unit(units, pts);
    const { description } = this.#assembler;
    if (frame === undefined || description === undefined) return;
    const duration = this.#times.describe(description);
    if (this.#derive) this.#output.write(frame.dts, frame.pts, duration, frame.key, frame.data);
    else this.#output.write(dts, pts, duration, frame.key, frame.data);
  }
}
