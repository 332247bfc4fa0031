import { type Ticks, ticks } from "../../base/units.ts";
import type { Codec } from "../../media/codec.ts";
import type { FrameMaker } from "./frame_maker.ts";
import type { FrameOutput } from "./frame_output.ts";

const DATA_TIMESCALE = 90_000;
/** A document is worth this long at least to a reader that asks for a duration. */
const FIRST_DURATION = DATA_TIMESCALE;

/** Documents into frames of a data track. */
export class DataFrames implements FrameMaker {
  readonly #codec: Codec;
  readonly #output: FrameOutput;
  readonly #id: number;
  readonly #clockRate: number;
  #jump = false;
  #lastDts = NaN;
  #duration = FIRST_DURATION;

  constructor(codec: Codec, output: FrameOutput, id: number, clockRate: number) {
    this.#codec = codec;
    this.#output = output;
    this.#id = id;
    this.#clockRate = clockRate;
  }

  unit(units: readonly Uint8Array[], at: Ticks, jump: boolean): void {
    if (jump) this.#jump = true;
    for (const unit of units) {
      let dts = Math.round((at * DATA_TIMESCALE) / this.#clockRate);
      if (Number.isNaN(this.#lastDts)) this.#describe();
      else {
        if (dts <= this.#lastDts) dts = this.#lastDts + 1;
        this.#duration = Math.min(dts - this.#lastDts, FIRST_DURATION);
      }
      this.#lastDts = dts;
      this.#output.write(
        { dts: ticks(dts), ptsOffset: 0, duration: this.#duration, key: true, discontinuity: this.#jump },
        unit,
      );
      this.#jump = false;
    }
  }

  config(): void {
    // Documents describe themselves.
  }

  lost(): void {
    // The document that was hit is missing; the next one stands for itself.
  }

  #describe(): void {
    this.#output.describe({
      kind: "data",
      id: this.#id,
      codec: this.#codec,
      timescale: DATA_TIMESCALE,
      config: new Uint8Array(0),
      codecString: "",
      language: "und",
    });
  }
}
