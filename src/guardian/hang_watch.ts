import type { MonoMillis } from "../base/units.ts";

/** How often a server says that it lives, and how often the guardian looks, milliseconds. */
export const BEAT_MILLIS = 250;
/** A server that said nothing for so long hangs. */
export const HANG_MILLIS = 3000;
/** So long, while it starts: a busy machine holds up the many things that it does then, and nobody is served by it yet. */
export const START_MILLIS = 20_000;
/** When the guardian itself was held up for so long (machine asleep, process stopped), beats may wait unread. */
const HELD_UP_MILLIS = 1000;

/** Decides from heartbeats whether a server hangs. */
export class HangWatch {
  #beatAt: number;
  #lookedAt: number;
  #limit = START_MILLIS;

  constructor(now: MonoMillis) {
    this.#beatAt = now;
    this.#lookedAt = now;
  }

  beat(now: MonoMillis): void {
    this.#beatAt = now;
  }

  /** It serves: from now on silence is a fault sooner. */
  started(): void {
    this.#limit = HANG_MILLIS;
  }

  /** To be called about every {@link BEAT_MILLIS}: milliseconds of silence when the server hangs, else undefined. */
  look(now: MonoMillis): number | undefined {
    if (now - this.#lookedAt > BEAT_MILLIS + HELD_UP_MILLIS) this.#beatAt = now;
    this.#lookedAt = now;
    const silent = now - this.#beatAt;
    return silent > this.#limit ? silent : undefined;
  }
}
