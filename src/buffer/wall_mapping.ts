import type { StreamMicros, WallMillis } from "../base/units.ts";

/**
 * How far the wall clock of segments may move from one segment to the next against their lengths, milliseconds. Players
 * compare neighbouring dates with lengths to the millisecond.
 */
export const SLEW_MAX_MILLIS = 0.5;

/**
 * Wall-clock time of stream times. What the sender reports is followed slowly inside a run of continuous segments, and
 * at once where such a run begins.
 */
export class WallMapping {
  /** Wall milliseconds at stream time 0. */
  #offset = NaN;
  /** What the newest report of this session says `#offset` should be. */
  #target = NaN;

  /** Goes on with the mapping of another writer: `origin` is its wall clock at stream time 0. */
  goOn(origin: WallMillis): void {
    this.#offset = origin;
  }

  /** A new session: earlier reports say nothing about it. */
  begin(): void {
    this.#target = NaN;
  }

  /** The sender says that stream time `at` was `wall`. */
  report(at: StreamMicros, wall: WallMillis): void {
    this.#target = wall - at / 1000;
  }

  /** Date of a segment that begins at `at` and arrives at `now`; `fresh` when it does not continue the one before. */
  start(at: StreamMicros, now: WallMillis, fresh: boolean): WallMillis {
    if (fresh || Number.isNaN(this.#offset)) {
      this.#offset = Number.isNaN(this.#target) ? now - at / 1000 : this.#target;
    } else if (!Number.isNaN(this.#target)) {
      const off = this.#target - this.#offset;
      this.#offset += Math.min(SLEW_MAX_MILLIS, Math.max(-SLEW_MAX_MILLIS, off));
    }
    return this.#offset + at / 1000 as WallMillis;
  }
}
