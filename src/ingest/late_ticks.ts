import type { MonoMillis } from "../base/units.ts";

/** A tick that comes so much later than it was due finds a machine that stood still, milliseconds. */
const LATE_MILLIS = 100;

/**
 * Tells at which ticks the time proves nothing. When a machine has stood still, timers run before sockets are read: what
 * came meanwhile waits there, and until then looks like silence, or like loss. Such a tick is left to the next one.
 */
export class LateTicks {
  #left = false;

  /** Whether a tick that was due at `due` and comes at `now` is to do nothing. Never two of them in a row. */
  isLate(due: number, now: MonoMillis): boolean {
    this.#left = !this.#left && now - due > LATE_MILLIS;
    return this.#left;
  }
}
