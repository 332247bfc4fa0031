import type { Clock } from "../src/base/clock.ts";
import { type MonoMillis, monoMillis, type WallMillis, wallMillis } from "../src/base/units.ts";

/** A clock that moves when a test says so; timers run in the order of their times. */
export class ManualClock implements Clock {
  #now = 1000;
  #set = 0;
  #timers: { at: number; run: () => void }[] = [];

  mono(): MonoMillis {
    return monoMillis(this.#now);
  }

  wall(): WallMillis {
    return wallMillis(1_700_000_000_000 + this.#now + this.#set);
  }

  /** Sets the wall clock forward by `ms`, or back. */
  setWall(ms: number): void {
    this.#set += ms;
  }

  after(ms: number, run: () => void): () => void {
    const timer = { at: this.#now + ms, run };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((t) => t !== timer);
    };
  }

  /** Moves on by `ms` at once, as on a machine that stands still so long; then runs what has fallen due. */
  stall(ms: number): void {
    this.#now += ms;
    this.advance(0);
  }

  /** Moves on by `ms`, running what falls due. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      const due = this.#timers.filter((t) => t.at <= end).sort((a, b) => a.at - b.at)[0];
      if (due === undefined) break;
      this.#timers = this.#timers.filter((t) => t !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = end;
  }
}
