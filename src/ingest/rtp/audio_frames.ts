import { type Ticks, ticks } from "../../base/units.ts";
import type { AudioTrack } from "../../media/track.ts";
import type { AudioDescription } from "../../wire/codec/audio_description.ts";
import type { FrameMaker } from "./frame_maker.ts";
import type { FrameOutput } from "./frame_output.ts";

/** What a codec knows of its units. */
export interface AudioCoder {
  /** Undefined until it is known; a new object whenever it changes. */
  readonly description: AudioDescription | undefined;
  /** Looks at a unit, which may complete the description. Answers its samples; 0 when it is not usable. */
  samples(unit: Uint8Array): number;
  /** Configuration met in the stream. */
  config(config: Uint8Array): void;
}

/** Frames that begin this close to the end of the one before are joined to it: timestamps were rounded. Seconds. */
export const JOIN = 0.005;
/** While timestamps stand still, frames follow one another as long as arrival does not differ by more. Seconds. */
export const PACED_JOIN = 0.25;

/** Access units of audio into frames. Durations are exact, in samples. */
export class AudioFrames implements FrameMaker {
  readonly #coder: AudioCoder;
  readonly #output: FrameOutput;
  readonly #id: number;
  readonly #clockRate: number;
  #described: AudioDescription | undefined;
  #jump = false;
  #lastDts = NaN;
  #end = NaN;

  constructor(coder: AudioCoder, output: FrameOutput, id: number, clockRate: number) {
    this.#coder = coder;
    this.#output = output;
    this.#id = id;
    this.#clockRate = clockRate;
  }

  unit(units: readonly Uint8Array[], at: Ticks, jump: boolean, paced: boolean): void {
    if (jump) this.#jump = true;
    for (const unit of units) {
      const samples = this.#coder.samples(unit);
      const description = this.#coder.description;
      if (samples <= 0 || description === undefined) continue;
      if (description !== this.#described) this.#describe(description);
      const rate = description.sampleRate;
      let dts = this.#clockRate === rate ? at : Math.round((at * rate) / this.#clockRate);
      if (!this.#jump && Math.abs(dts - this.#end) <= rate * (paced ? PACED_JOIN : JOIN)) dts = this.#end;
      if (dts <= this.#lastDts) dts = this.#lastDts + 1;
      this.#lastDts = dts;
      this.#end = dts + samples;
      this.#output.write(
        { dts: ticks(dts), ptsOffset: 0, duration: samples, key: true, discontinuity: this.#jump },
        unit,
      );
      this.#jump = false;
    }
  }

  config(config: Uint8Array): void {
    this.#coder.config(config);
  }

  lost(): void {
    // Only the unit that was hit is missing; its time stays empty.
  }

  #describe(description: AudioDescription): void {
    if (this.#described !== undefined && this.#described.sampleRate !== description.sampleRate) {
      const scale = description.sampleRate / this.#described.sampleRate;
      this.#lastDts = Math.ceil(this.#lastDts * scale);
      this.#end = Math.ceil(this.#end * scale);
    }
    this.#described = description;
    const track: AudioTrack = {
      kind: "audio",
      id: this.#id,
      codec: description.codec,
      timescale: description.sampleRate,
      config: description.config,
      codecString: description.codecString,
      language: "und",
      sampleRate: description.sampleRate,
      channels: description.channels,
    };
    this.#output.describe(track);
  }
}
