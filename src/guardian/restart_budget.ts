import { Backoff } from "../base/backoff.ts";
import type { MonoMillis } from "../base/units.ts";

/** So many restarts within {@link BUDGET_MILLIS} come at once; later ones wait. */
export const BUDGET = 5;
export const BUDGET_MILLIS = 60_000;
/** The first wait beyond the budget, and the longest, milliseconds. */
export const FIRST_WAIT = 1000;
export const LONGEST_WAIT = 30_000;

/**
 * Decides how long to wait before a dead server is started again. It never gives up: a box in a cellar has nobody to
 * start it by hand.
 */
export class RestartBudget {
  readonly #backoff: Backoff;
  #deaths: number[] = [];

  constructor(random: () => number) {
    this.#backoff = new Backoff(FIRST_WAIT, LONGEST_WAIT, random);
  }

  /** The server died at `now`: milliseconds to wait, 0 within the budget. */
  died(now: MonoMillis): number {
    this.#deaths = this.#deaths.filter((at) => now - at < BUDGET_MILLIS);
    if (this.#deaths.length === 0) this.#backoff.reset();
    this.#deaths.push(now);
    return this.#deaths.length <= BUDGET ? 0 : this.#backoff.next();
  }
}
