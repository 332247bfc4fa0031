import type { LogLine } from "../../base/log.ts";

/** The last lines. Each has a number that grows by one, so that a reader asks for what came after the last it has. */
export class LogRing {
  #lines: (LogLine | undefined)[];
  #next = 0;
  /** Number of the first line since the ring last changed its size. */
  #first = 0;

  /** Keeps `capacity` lines, at least 1. */
  constructor(capacity: number) {
    this.#lines = new Array(Math.max(1, capacity)).fill(undefined);
  }

  /** Number of the next line; also how many there ever were. */
  get next(): number {
    return this.#next;
  }

  put(line: LogLine): void {
    this.#lines[this.#next % this.#lines.length] = line;
    this.#next++;
  }

  /** Lines from number `from` on that are still there, oldest first, at most the newest `most`. */
  since(from = 0, most = Infinity): LogLine[] {
    const oldest = Math.max(this.#first, from, this.#next - this.#lines.length, this.#next - most);
    const found: LogLine[] = [];
    for (let i = oldest; i < this.#next; i++) found.push(this.#lines[i % this.#lines.length] as LogLine);
    return found;
  }

  /** Changes how many lines are kept; the newest stay. */
  resize(capacity: number): void {
    const size = Math.max(1, capacity);
    if (size === this.#lines.length) return;
    const kept = this.since(0, size);
    this.#lines = new Array(size).fill(undefined);
    this.#first = this.#next - kept.length;
    for (let i = 0; i < kept.length; i++) {
      this.#lines[(this.#next - kept.length + i) % size] = kept[i];
    }
  }
}
