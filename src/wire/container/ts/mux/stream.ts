import type { TsFrame } from "./frame.ts";
import { Multiplexer } from "./multiplexer.ts";
import type { TsProgram } from "./program.ts";

/** Tables are repeated this often, ms. */
export const TABLES_MILLIS = 100;

/** Writes one endless stream: counters go on from call to call, tables are repeated. */
export class TsStreamWriter {
  #multiplexer: Multiplexer;
  readonly #tablesEvery: number;

  constructor(program: TsProgram, tablesMillis = TABLES_MILLIS) {
    this.#multiplexer = new Multiplexer(program);
    this.#tablesEvery = tablesMillis * 90;
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
    const counters = mux.counters.slice();
    const { tablesAt } = mux;
    const size = mux.run(frames, undefined, 0, false, this.#tablesEvery);
    mux.counters.set(counters);
    mux.tablesAt = tablesAt;
    return size;
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
