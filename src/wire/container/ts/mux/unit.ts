import { sectionPackets } from "../psi.ts";
import type { TsFrame } from "./frame.ts";
import { Multiplexer } from "./multiplexer.ts";
import type { TsProgram } from "./program.ts";

/**
 * Writes segments and parts that need nothing of what went before: every continuity counter begins at 0 and ends where
 * 0 follows, the last PES packet of each PID being cut into as many more packets as that takes. So any two units, one
 * behind the other, have no continuity error, and any worker writes the same bytes for the same frames.
 */
export class TsUnitWriter {
  readonly #multiplexer: Multiplexer;

  constructor(readonly program: TsProgram) {
    this.#multiplexer = new Multiplexer(program);
  }

  /**
   * Exactly how many bytes {@link write} will write. `tables`: which unit with tables this is, counted from any number
   * (the segment's); undefined for a unit without them. `again`: the unit of that number was another one, and these
   * tables say that their counters do not go on.
   */
  size(frames: readonly TsFrame[], tables: number | undefined, again = false): number {
    return this.#run(frames, undefined, 0, tables, again);
  }

  /**
   * Writes `frames`, in the order in which they are to be sent, at `out[at]`; answers the bytes written. Throws
   * RangeError when `out` is too short or a frame of audio or data has more than 65 471 bytes.
   */
  write(
    out: Uint8Array,
    at: number,
    frames: readonly TsFrame[],
    tables: number | undefined,
    again = false,
  ): number {
    const need = this.size(frames, tables, again);
    if (at + need > out.length) {
      throw new RangeError(`Cannot write ${need} bytes at offset ${at}: only ${out.length - at} left`);
    }
    return this.#run(frames, out, at, tables, again);
  }

  #run(
    frames: readonly TsFrame[],
    out: Uint8Array | undefined,
    at: number,
    tables: number | undefined,
    again: boolean,
  ): number {
    const mux = this.#multiplexer;
    mux.counters.fill(0);
    mux.clockAt = Number.NEGATIVE_INFINITY;
    // Tables come once or never: their counters go on with the number of the unit.
    mux.tablesAt = tables === undefined ? Number.NaN : Number.NEGATIVE_INFINITY;
    mux.tablesFlagged = again;
    mux.tableCounters[0] = (tables ?? 0) & 15;
    mux.tableCounters[1] = ((tables ?? 0) * sectionPackets(mux.program.pmt.length)) & 15;
    return mux.run(frames, out, at, true, Number.POSITIVE_INFINITY);
  }
}
