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

/** Pictures into frames. A PES packet holds one access unit, or several with delimiters between them. */
export class VideoStream implements ElementaryStream {
  readonly #output: TrackOutput;
  readonly #hevc: boolean;
  readonly #assembler: VideoAssembler;
  #described: VideoDescription | undefined;
  /** Decoding times are not in the stream although pictures are reordered: the assembler makes them. */
  #derive = false;
  #explicit = false;
  #lastTime = NaN;
  #duration = 0;

  constructor(output: TrackOutput, codec: "h264" | "h265") {
    this.#output = output;
    this.#hevc = codec === "h265";
    this.#assembler = this.#hevc ? new H265Assembler([]) : new H264Assembler([]);
  }

  pes(payload: Uint8Array, pts: number | undefined, dts: number | undefined, explicit: boolean): void {
    const units = splitAnnexB(payload);
    if (units.length === 0) return;
    const step = this.#duration || STEP;
    let time = dts ?? this.#lastTime + step;
    let shown = pts ?? time;
    if (Number.isNaN(time)) return this.#output.damaged("picture without time");
    if (explicit) this.#explicit = true;
    else if (!this.#explicit && time < this.#lastTime) this.#derive = true;
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
    const delta = dts - this.#lastTime;
    if (delta > 0 && delta <= DURATION_MAX) this.#duration = delta;
    this.#lastTime = dts;
    const frame = this.#assembler.unit(units, pts);
    const { description } = this.#assembler;
    if (frame === undefined || description === undefined) return;
    if (description !== this.#described) this.#describe(description);
    const duration = this.#duration ||
      (description.frameRate > 0 ? Math.round(90_000 / description.frameRate) : STEP);
    if (this.#derive) this.#output.write(frame.dts, frame.pts, duration, frame.key, frame.data);
    else this.#output.write(dts, pts, duration, frame.key, frame.data);
  }

  #describe(description: VideoDescription): void {
    this.#described = description;
    const { codec, config, codecString, width, height, frameRate } = description;
    const { id, language } = this.#output;
    const size = { width, height, frameRate };
    this.#output.describe({
      kind: "video",
      id,
      codec,
      timescale: 90_000,
      config,
      codecString,
      language,
      ...size,
    });
  }
}
