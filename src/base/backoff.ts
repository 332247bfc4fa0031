/** Doubling delay with jitter: each answer lies between half the step and the step. */
export class Backoff {
  readonly #first: number;
  readonly #cap: number;
  readonly #random: () => number;
  #step: number;

  /** `first` and `cap` in milliseconds; `random` answers 0 ≤ x < 1. */
  constructor(first: number, cap: number, random: () => number) {
    this.#first = first;
    this.#cap = cap;
    this.#random = random;
    this.#step = first;
  }

  /** The next delay in milliseconds. */
  next(): number {
    const step = this.#step;
    this.#step = Math.min(this.#cap, step * 2);
    return step / 2 + (this.#random() * step) / 2;
  }

  /** To be called after a success. */
  reset(): void {
    this.#step = this.#first;
  }
}
