/** How long picture or sound may come behind the other one that passed the end, microseconds of stream time. */
const LATE_MICROS = 2e6;

/** Where a range of a stream ends: with the frame before the end that comes last, of whichever track. */
export class RangeEnd {
  /** By track: nothing before the end comes any more. */
  readonly #over: boolean[];

  /** `kinds`: of the tracks, in the order in which {@link reached} numbers them. Data is not waited for. */
  constructor(kinds: readonly string[]) {
    this.#over = kinds.map((kind) => kind !== "video" && kind !== "audio");
  }

  /**
   * A frame of track `n`, of stream time `micros`, is not before the end at `until`. True when all is over: each track is
   * there, or those that are not have been waited for.
   */
  reached(n: number, micros: number, until: number): boolean {
    this.#over[n] = true;
    return micros >= until + LATE_MICROS || this.#over.every((over) => over);
  }
}
