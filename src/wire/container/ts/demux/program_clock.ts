// ISO/IEC 13818-1, 2.4.2.2 and 2.7.2: the clock of a program; its 33 bits unwrapped, and put behind one another where it jumps.
import { timeDifference } from "../pes.ts";

/** The clock may stand so far from a frame's time, and go on so far in a gap; ticks of 90 kHz (10 s). */
export const CLOCK_NEAR = 900_000;
/** What is marked as a discontinuity and goes on by no more than this is none (1 s). */
const CONTINUOUS = 90_000;
/** Time between the last reference before a jump and the first one behind it. */
const STEP = 3600;
/** A step of references this long (1 s), and so many times longer than they are, shows that packets are missing. */
const GAP = 90_000;
const GAP_TIMES = 4;
/** Times without any clock reference after which they stand in for it. */
const PATIENCE = 50;

interface Epoch {
  readonly number: number;
  /** The newest reference, 33 bits. */
  raw: number;
  /** The same, unwrapped and moved behind the epoch before. */
  out: number;
}

/**
 * Turns the 33-bit times of a program into ones that go on for ever. Time of the first epoch is as in the stream; where
 * the clock jumps, the next epoch is moved right behind the one before, for all tracks of the program alike.
 */
export class ProgramClock {
  #now: Epoch | undefined;
  /** Frames that were sent before the jump may still come. */
  #before: Epoch | undefined;
  #epochs = 0;
  #referenced = false;
  #unreferenced = 0;
  #leader: object | undefined;
  /** Mean step of references. */
  #usual = 0;
  /** Number of the epoch of the last answer of {@link unwrap}. */
  epoch = 0;
  /** Jumps met so far. */
  jumps = 0;
  /** The last reference does not follow the one before: packets between them are missing, or the sender began anew. */
  broken = false;

  /** The newest reference, unwrapped; 0 before the first one. */
  get now(): number {
    return this.#now?.out ?? 0;
  }

  /** A clock reference came: ticks of 90 kHz, 33 bits. `flagged`: the packet says that the clock does not go on. */
  reference(time: number, flagged: boolean): void {
    const { jumps, now } = this;
    const led = this.#referenced;
    this.#refer(time, flagged);
    if (!led) return;
    const step = this.now - now;
    this.broken = !flagged && (this.jumps !== jumps || (step > GAP && step > this.#usual * GAP_TIMES));
    if (this.jumps === jumps) this.#usual += (step - this.#usual) / 8;
  }

  #refer(time: number, flagged: boolean): void {
    if (!this.#referenced && this.#now !== undefined) {
      // Until now times of frames stood in: the clock is behind those, which is no jump.
      const d = timeDifference(time, this.#now.raw);
      this.#referenced = true;
      if (Math.abs(d) <= CLOCK_NEAR) {
        this.#now.raw = time;
        this.#now.out += d;
        return;
      }
    }
    this.#referenced = true;
    this.#advance(time, flagged);
  }

  /**
   * The unwrapped form of a time near the clock. `who` asks: the first one that does leads while there are no clock
   * references.
   */
  unwrap(time: number, who: object): number {
    if (!this.#referenced || ++this.#unreferenced > PATIENCE) {
      this.#leader ??= who;
      if (this.#leader === who || this.#now === undefined) this.#advance(time, false);
    }
    const now = this.#now as Epoch;
    const d = timeDifference(time, now.raw);
    if (Math.abs(d) > CLOCK_NEAR && this.#before !== undefined) {
      const e = timeDifference(time, this.#before.raw);
      if (Math.abs(e) <= CLOCK_NEAR) {
        this.epoch = this.#before.number;
        return this.#before.out + e;
      }
    }
    this.epoch = now.number;
    return now.out + d;
  }

  #advance(time: number, flagged: boolean): void {
    this.#unreferenced = 0;
    const now = this.#now;
    if (now === undefined) {
      this.#now = { number: 0, raw: time, out: time };
      return;
    }
    const d = timeDifference(time, now.raw);
    const least = this.#referenced ? 0 : -CLOCK_NEAR;
    if (d >= least && d <= (flagged ? CONTINUOUS : CLOCK_NEAR)) {
      now.raw = time;
      now.out += d;
      return;
    }
    this.jumps++;
    const { out } = now;
    const back = this.#before === undefined ? NaN : timeDifference(time, this.#before.raw);
    if (this.#before !== undefined && back >= 0 && back <= CLOCK_NEAR) {
      // A reference that was wrong, and now a right one: back to where it was.
      this.#now = { number: this.#before.number, raw: time, out: this.#before.out + back };
      this.#before = now;
      return;
    }
    this.#before = now;
    this.#now = { number: ++this.#epochs, raw: time, out: out + STEP };
  }
}
