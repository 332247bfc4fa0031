import type { Codec } from "../../../../media/codec.ts";
import type { ElementaryStream, TrackOutput } from "./track_sink.ts";

const DATA_TIMESCALE = 90_000;
/** What a frame of data is said to last: its track has no end of its own. */
const DURATION = DATA_TIMESCALE;
/** Bytes before each metadata cell, ISO/IEC 13818-1, 2.12.4. */
const CELL_HEAD = 5;
/** Longest metadata access unit made of several cells. */
export const METADATA_MAX = 1024 * 1024;

/** PES payloads, sections and metadata cells into frames of a data track. */
export class DataStream implements ElementaryStream {
  readonly #output: TrackOutput;
  readonly #codec: Codec;
  readonly #config: Uint8Array;
  readonly #cells: boolean;
  readonly #now: () => number;
  #described = false;
  /** Cells of the metadata access unit in work. */
  #pieces: Uint8Array[] = [];
  #size = 0;

  /** `config`: as `media/track.ts` has it. `now`: the clock, for what has no time of its own. */
  constructor(output: TrackOutput, codec: Codec, config: Uint8Array, cells: boolean, now: () => number) {
    this.#output = output;
    this.#codec = codec;
    this.#config = config;
    this.#cells = cells;
    this.#now = now;
  }

  pes(payload: Uint8Array, pts: number | undefined): void {
    const time = pts ?? this.#now();
    if (this.#cells) this.#cellsOf(payload, time);
    else if (this.#codec === "json") this.#texts(payload, time);
    else this.frame(payload, time);
  }

  /** One frame at `time`, ticks of 90 kHz. */
  frame(data: Uint8Array, time = this.#now()): void {
    if (data.length === 0) return;
    if (!this.#described) this.#describe();
    this.#output.write(time, time, DURATION, true, data);
  }

  lost(): void {
    this.#pieces.length = 0;
    this.#size = 0;
  }

  /** The reference's form: two bytes of length before each text; a text without them is taken whole. */
  #texts(payload: Uint8Array, time: number): void {
    let at = 0;
    while (at + 2 <= payload.length) {
      const end = at + 2 + (((payload[at] as number) << 8) | (payload[at + 1] as number));
      if (end > payload.length) break;
      this.frame(payload.subarray(at + 2, end), time);
      at = end;
    }
    if (at === 0) this.frame(payload, time);
  }

  #cellsOf(payload: Uint8Array, time: number): void {
    let at = 0;
    while (at + CELL_HEAD <= payload.length) {
      const flags = payload[at + 2] as number;
      const end = at + CELL_HEAD + (((payload[at + 3] as number) << 8) | (payload[at + 4] as number));
      if (end > payload.length) return this.#output.damaged("metadata cell longer than its packet");
      const cell = payload.subarray(at + CELL_HEAD, end);
      at = end;
      if (flags >> 6 === 3) this.frame(cell, time);
      else this.#piece(cell, flags >> 6, time);
    }
  }

  /** `place`: 2 begins an access unit, 0 goes on, 1 ends it. */
  #piece(cell: Uint8Array, place: number, time: number): void {
    if (place === 2) this.lost();
    else if (this.#pieces.length === 0) return;
    this.#pieces.push(cell.slice());
    this.#size += cell.length;
    if (this.#size > METADATA_MAX) {
      this.#output.damaged("metadata access unit too large");
      this.lost();
    } else if (place === 1) {
      const whole = new Uint8Array(this.#size);
      let at = 0;
      for (const piece of this.#pieces) {
        whole.set(piece, at);
        at += piece.length;
      }
      this.lost();
      this.frame(whole, time);
    }
  }

  #describe(): void {
    this.#described = true;
    const { id, language } = this.#output;
    const base = { id, codec: this.#codec, timescale: DATA_TIMESCALE, config: this.#config, codecString: "" };
    this.#output.describe({ kind: "data", language, ...base });
  }
}
