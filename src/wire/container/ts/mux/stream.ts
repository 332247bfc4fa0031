import type { TsFrame } from "./frame.ts";
import { Multiplexer } from "./multiplexer.ts";
import type { TsProgram } from "./program.ts";

/** Tables are repeated this often, ms. */
export const TABLES_MILLIS = 100;

/** Writes one endless stream: counters go on from call to call, tables are repeated. */
export class TsStreamWriter {
  #multiplexer: Multiplexer;
  readonly #tablesEvery: number;
  /** Counters before the call in work, and those of the tables. */
  readonly #counters: Uint8Array;
  readonly #tableCounters = new Uint8Array(2);

  constructor(program: TsProgram, tablesMillis = TABLES_MILLIS) {
    this.#multiplexer = new Multiplexer(program);
    this.#tablesEvery = tablesMillis * 90;
    this.#counters = new Uint8Array(program.tracks.length);
  }

  get program(): TsProgram {
    return this.#multiplexer.program;
  }

  /** Goes on with what the program became: as many tracks, on the same PIDs. Its tables come before the next frame. */
  change(program: TsProgram): void {
    const before = this.#multiplexer;
    const after = new Multiplexer(program);
    after.counters.set(before.counters);
    after.tableCounters.set(before.tableCounters);
    after.tablesFlagged = before.tablesFlagged;
    after.clockAt = before.clockAt;
    this.#multiplexer = after;
  }

  /** Puts tables before the next frame, whenever the last ones were. */
  tablesNext(): void {
    this.#multiplexer.tablesAt = Number.NEGATIVE_INFINITY;
  }

  /** Exactly how many bytes {@link write} would write now. */
  size(frames: readonly TsFrame[]): number {
    const mux = this.#multiplexer;
    const { tablesAt } = mux;
    this.#counters.set(mux.counters);
    this.#tableCounters.set(mux.tableCounters);
    try {
      return mux.run(frames, undefined, 0, false, this.#tablesEvery);
    } finally {
      mux.counters.set(this.#counters);
      mux.tablesAt = tablesAt;
    }
  }

  /** What the last {@link write} wrote, or did not as it threw, is thrown away: counters go on from before it, tables come again. */
  discard(): void {
    this.#multiplexer.counters.set(this.#counters);
    this.#multiplexer.tableCounters.set(this.#tableCounters);
    this.tablesNext();
  }

  /**
   * Writes `frames`, in the order in which they are to be sent, at `out[at]`, which has {@link size} bytes free; answers
   * the bytes written. Frames of audio in one call may share a PES packet. Throws RangeError when `out` is too short or
   * a frame of audio or data has more than 65 471 bytes.
   */
  write(out: Uint8Array, at: number, frames: readonly TsFrame[]): number {
    const need = this.size(frames);
    if (at + need > out.length) {
      throw new RangeError(`Cannot write ${need} bytes at offset ${at}: only ${out.length - at} left`);
    }
    return this.#multiplexer.run(frames, out, at, false, this.#tablesEvery);
  }
}
