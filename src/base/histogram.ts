/** Upper bounds of latencies inside the server, milliseconds; what is above the last is counted behind it. */
export const LATENCY_BOUNDS = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 1000] as const;

/** What a histogram holds, as it is posted between threads. */
export interface HistogramCounts {
  /** One more than there are bounds: values up to each bound and above the one before it. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** Counts values by size: a fixed number of words however many there are. */
export class Histogram {
  readonly #bounds: readonly number[];
  readonly #counts: Float64Array;
  #sum = 0;
  #count = 0;

  /** `bounds` grow. */
  constructor(bounds: readonly number[]) {
    this.#bounds = bounds;
    this.#counts = new Float64Array(bounds.length + 1);
  }

  get count(): number {
    return this.#count;
  }

  get sum(): number {
    return this.#sum;
  }

  observe(value: number): void {
    let n = 0;
    while (n < this.#bounds.length && value > (this.#bounds[n] as number)) n++;
    this.#counts[n] = (this.#counts[n] as number) + 1;
    this.#sum += value;
    this.#count++;
  }

  /** Adds what another with the same bounds held. */
  add(more: HistogramCounts): void {
    for (let n = 0; n < this.#counts.length; n++) {
      const count = more.counts[n] ?? 0;
      this.#counts[n] = (this.#counts[n] as number) + count;
      this.#count += count;
    }
    this.#sum += more.sum;
  }

  /** Number of values up to each bound, and of all. */
  cumulative(): number[] {
    let sum = 0;
    return Array.from(this.#counts, (count) => sum += count);
  }

  /** What it holds; it is empty afterwards. Undefined when it is empty already. */
  take(): HistogramCounts | undefined {
    if (this.#count === 0) return undefined;
    const taken = { counts: [...this.#counts], sum: this.#sum };
    this.#counts.fill(0);
    this.#sum = 0;
    this.#count = 0;
    return taken;
  }
}
