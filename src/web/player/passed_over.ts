/** Passed over at most this many times as long as at first. */
const LONGEST = 32;

interface Failure {
  readonly at: number;
  /** How long from then on, milliseconds. */
  readonly pause: number;
}

/**
 * The ways that failed, and how long each is passed over: twice as long when it fails again soon. All times are
 * milliseconds of one clock.
 */
export class PassedOver {
  readonly #first: number;
  readonly #random: () => number;
  readonly #failures = new Map<string, Failure>();

  /** `first`: after one failure, on average: not all viewers of a server come back to it at once. */
  constructor(first: number, random: () => number = Math.random) {
    this.#first = first;
    this.#random = random;
  }

  add(key: string, now: number): void {
    const before = this.#failures.get(key);
    const again = before !== undefined && now - before.at < before.pause * 4;
    const pause = again
      ? Math.min(before.pause * 2, this.#first * LONGEST)
      : this.#first * (0.75 + this.#random() / 2);
    this.#failures.set(key, { at: now, pause });
  }

  has(key: string, now: number): boolean {
    const failure = this.#failures.get(key);
    return failure !== undefined && now - failure.at <= failure.pause;
  }

  clear(): void {
    this.#failures.clear();
  }
}
