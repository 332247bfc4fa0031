/** A step back of presentation time by more than this (10 s of 90 kHz) is a new time line, not reordering. */
export const JUMP = 900_000;
/** Reordering deeper than a decoded picture buffer can be is bad input. */
export const REORDER_MAX = 16;
/** Distance of the first decoding times where nothing says the frame rate: 1/25 s of 90 kHz. */
const STEP = 3600;

/**
 * Decoding times for pictures that come in decoding order with presentation times. With a reorder depth of n, a picture
 * is decoded when the picture that lies n places earlier in presentation order is shown: its decoding time is the
 * smallest of the n + 1 largest presentation times so far. Nothing is held back for it. At the start, n times before
 * the first picture are made up, one frame apart. With depth 0 both times are equal.
 */
export class DecodeClock {
  /** The largest presentation times that are not yet used as decoding times, ascending; `depth` of them. */
  readonly #waiting: number[] = [];
  #depth = 0;
  #last = Number.NEGATIVE_INFINITY;
  #newest = Number.NEGATIVE_INFINITY;
  #step = STEP;
  /** The answers of the last `next`. */
  dts = 0;
  pts = 0;

  /** Frames per second as the parameter sets have them; 0 when unknown. */
  set frameRate(rate: number) {
    if (rate > 0) this.#step = Math.max(1, Math.round(90_000 / rate));
  }

  get depth(): number {
    return this.#depth;
  }

  /** Sets the reorder depth. A larger one than before, once frames were given, is approached without stepping back. */
  set depth(depth: number) {
    depth = Math.min(depth, REORDER_MAX);
    if (this.#waiting.length > 0 || this.#depth === 0) {
      let before = this.#last;
      while (this.#last !== Number.NEGATIVE_INFINITY && this.#waiting.length < depth) {
        this.#waiting.unshift(before);
        before -= this.#step;
      }
    }
    this.#waiting.splice(0, this.#waiting.length - depth);
    this.#depth = depth;
  }

  /** Frames were lost: the next one starts anew, behind all that were given. */
  restart(): void {
    this.#waiting.length = 0;
  }

  /** Takes the next picture; `dts` and `pts` hold the answer. `pts` is raised where it would lie before `dts`. */
  next(pts: number): void {
    if (Math.abs(pts - this.#newest) > JUMP) {
      this.#waiting.length = 0;
      if (pts < this.#newest) this.#last = Number.NEGATIVE_INFINITY;
      this.#newest = pts;
    } else if (pts > this.#newest) this.#newest = pts;
    const waiting = this.#waiting;
    if (waiting.length < this.#depth) {
      for (let n = this.#depth; n > 0; n--) waiting.push(pts - n * this.#step);
    }
    let dts = pts;
    if (this.#depth > 0 && pts > (waiting[0] as number)) {
      dts = waiting[0] as number;
      let i = 1;
      for (; i < waiting.length && (waiting[i] as number) < pts; i++) waiting[i - 1] = waiting[i] as number;
      waiting[i - 1] = pts;
    }
    if (dts <= this.#last) dts = this.#last + 1;
    this.#last = dts;
    this.dts = dts;
    this.pts = pts < dts ? dts : pts;
  }
}
