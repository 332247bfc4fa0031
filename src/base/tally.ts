/**
 * Counts mishaps by name and says each at most once in `everyMs`: `rtp gap ×37, last 511 → 514`.
 * The owner calls `flush` about once a second.
 */
export class Tally {
  readonly #pending = new Map<string, { count: number; last: string }>();
  readonly #totals = new Map<string, number>();
  readonly #say: (line: string) => void;

  constructor(say: (line: string) => void) {
    this.#say = say;
  }

  /** Counts one mishap; `last` describes the newest one. */
  add(name: string, last = ""): void {
    this.#totals.set(name, (this.#totals.get(name) ?? 0) + 1);
    const entry = this.#pending.get(name);
    if (entry === undefined) this.#pending.set(name, { count: 1, last });
    else {
      entry.count++;
      entry.last = last;
    }
  }

  /** All that was ever counted. */
  totals(): ReadonlyMap<string, number> {
    return this.#totals;
  }

  /** Says what has come since the last flush. */
  flush(): void {
    for (const [name, { count, last }] of this.#pending) {
      const times = count > 1 ? ` ×${count}` : "";
      this.#say(last === "" ? `${name}${times}` : `${name}${times}, last ${last}`);
    }
    this.#pending.clear();
  }
}
