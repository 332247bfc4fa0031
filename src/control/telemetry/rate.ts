/** Samples kept, so about as many seconds when samples come once a second. */
const SAMPLES = 6;

/** How fast a counter grows, over the last few samples. */
export class Rate {
  readonly #values: number[] = [];
  readonly #times: number[] = [];

  /** `at` in milliseconds of any clock that only moves forward. A counter that fell begins anew. */
  sample(value: number, at: number): void {
    if (value < (this.#values.at(-1) ?? 0)) this.reset();
    this.#values.push(value);
    this.#times.push(at);
    if (this.#values.length > SAMPLES) {
      this.#values.shift();
      this.#times.shift();
    }
  }

  reset(): void {
    this.#values.length = 0;
    this.#times.length = 0;
  }

  /** A second; 0 until there are two samples. */
  get perSecond(): number {
    const millis = (this.#times.at(-1) ?? 0) - (this.#times[0] ?? 0);
    return millis <= 0 ? 0 : (((this.#values.at(-1) ?? 0) - (this.#values[0] ?? 0)) * 1000) / millis;
  }
}
