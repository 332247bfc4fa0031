import { type Ticks, ticks } from "../../base/units.ts";
import type { VideoTrack } from "../../media/track.ts";
import type { VideoAssembler, VideoDescription } from "../../wire/codec/video_description.ts";
import type { FrameMaker } from "./frame_maker.ts";
import type { FrameOutput } from "./frame_output.ts";

/** Ticks per second of every video track. */
export const VIDEO_TIMESCALE = 90_000;
/** Duration of a frame before anything is known: 25 frames per second. */
const FIRST_DURATION = 3600;
/** A longer way between two frames is a pause, not a duration. */
const DURATION_MAX = VIDEO_TIMESCALE;

/** Access units of video into frames, through the codec's assembler. */
export class VideoFrames implements FrameMaker {
  readonly #assembler: VideoAssembler;
  readonly #output: FrameOutput;
  readonly #id: number;
  readonly #clockRate: number;
  #described: VideoDescription | undefined;
  #jump = false;
  #duration = 0;
  #lastDts = NaN;

  constructor(assembler: VideoAssembler, output: FrameOutput, id: number, clockRate: number) {
    this.#assembler = assembler;
    this.#output = output;
    this.#id = id;
    this.#clockRate = clockRate;
  }

  unit(units: readonly Uint8Array[], at: Ticks, jump: boolean): void {
    if (jump) this.#jump = true;
    const pts = this.#clockRate === VIDEO_TIMESCALE
      ? at
      : Math.round((at * VIDEO_TIMESCALE) / this.#clockRate);
    const frame = this.#assembler.unit(units, pts);
    const description = this.#assembler.description;
    if (frame === undefined || description === undefined) return;
    if (description !== this.#described) this.#describe(description);
    const step = frame.dts - this.#lastDts;
    if (step > 0 && step <= DURATION_MAX) this.#duration = step;
    this.#lastDts = frame.dts;
    this.#output.write({
      dts: ticks(frame.dts),
      ptsOffset: frame.pts - frame.dts,
      duration: this.#duration,
      key: frame.key,
      discontinuity: this.#jump,
    }, frame.data);
    this.#jump = false;
  }

  config(): void {
    // Video carries its parameter sets among the units.
  }

  lost(): void {
    // The way over the hole is no duration.
    this.#lastDts = NaN;
    this.#assembler.reset();
  }

  #describe(description: VideoDescription): void {
    this.#described = description;
    if (this.#duration === 0) {
      const rate = description.frameRate;
      this.#duration = rate > 1 ? Math.round(VIDEO_TIMESCALE / rate) : FIRST_DURATION;
    }
    const track: VideoTrack = {
      kind: "video",
      id: this.#id,
      codec: description.codec,
      timescale: VIDEO_TIMESCALE,
      config: description.config,
      codecString: description.codecString,
      language: "und",
      width: description.width,
      height: description.height,
      frameRate: description.frameRate,
    };
    this.#output.describe(track);
  }
}
