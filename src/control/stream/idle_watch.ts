import type { Clock } from "../../base/clock.ts";

/** Who watches is told of every 250 ms, which a machine that is busy does later. */
const SHORTEST_MILLIS = 1000;
/** The last part of the time is looked over so often, so far apart. */
const LOOKS = 4;
const LOOK_MILLIS = 125;

/**
 * Notes that somebody looks at a stream, and tells when nobody has for its idle time. That a machine stood still is not
 * taken for that: the end of the time is counted in looks, and those who watch have the time between them to say so.
 */
export class IdleWatch {
  readonly #clock: Clock;
  readonly #over: () => void;
  #wantedUntil = -Infinity;
  #touched = false;
  #looks = 0;
  #cancel: (() => void) | undefined;

  /** `over` is called once for each `start`. */
  constructor(clock: Clock, over: () => void) {
    this.#clock = clock;
    this.#over = over;
  }

  /** Somebody looks: from now on they may be silent for `idleMillis`, at least for a second. */
  touch(idleMillis: number): void {
    this.#wantedUntil = this.#clock.mono() + Math.max(idleMillis, SHORTEST_MILLIS);
    this.#touched = true;
  }

  /** Somebody has looked within the time. */
  get wanted(): boolean {
    return this.#clock.mono() < this.#wantedUntil;
  }

  /** Nobody looks any more, whatever they said. */
  forget(): void {
    this.#wantedUntil = -Infinity;
  }

  /** Watches from now on; the same as before when it does already. */
  start(): void {
    if (this.#cancel !== undefined) return;
    this.#touched = true;
    this.#wait();
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #wait(): void {
    if (this.#touched) this.#looks = 0;
    this.#touched = false;
    const before = (LOOKS - 1) * LOOK_MILLIS;
    const left = this.#looks > 0 ? 0 : this.#wantedUntil - before - this.#clock.mono();
    this.#cancel = this.#clock.after(Math.max(LOOK_MILLIS, left), () => {
      if (!this.#touched && ++this.#looks >= LOOKS && !this.wanted) {
        this.#cancel = undefined;
        this.#over();
      } else this.#wait();
    });
  }
}
