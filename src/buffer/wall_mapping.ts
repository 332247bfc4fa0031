import type { StreamMicros, WallMillis } from "../base/units.ts";

/**
 * How far the dates of segments may be from what the sender reports before they are put right, milliseconds. Until then
 * they go on with the lengths of segments exactly: players that place parts by their dates take 1 ms of difference for
 * a break, and drop what follows up to the next key frame.
 */
export const HELD_MILLIS = 100;
/** A sender's clock that is further off is another clock: to follow it would tear a running stream apart. */
const FOLLOWED_MILLIS = 1000;

/**
 * Wall-clock time of stream times. Where a run of continuous segments begins it is what the sender reports; inside of one
 * it is put right in one step, and seldom.
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
      if (Math.abs(off) >= HELD_MILLIS && Math.abs(off) <= FOLLOWED_MILLIS) this.#offset = this.#target;
    }
    return this.#offset + at / 1000 as WallMillis;
  }
}
