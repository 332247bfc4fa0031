import { freezePage, usedBytes } from "../../buffer/page_memory.ts";

/** What is left of the budget must hold a new stream's first seconds, bytes. */
export const STREAM_LEAST = 2 * 1024 * 1024;
/** Share of the machine's memory, where the configuration says nothing. */
const SHARE = 4;

/** Bytes for all buffers: what is configured, else a quarter of `machineBytes`. */
export function budgetBytes(configured: number, machineBytes: number): number {
  return configured > 0 ? configured : Math.floor(machineBytes / SHARE);
}

/**
 * Memory of all streams' pages against a budget. Pages grow by themselves up to their window: when the budget is used
 * up they stop growing, so windows get shorter, and no further stream is started.
 */
export class MemoryBudget {
  #total: number;
  #used = 0;
  #refused = 0;
  #frozen = false;

  constructor(total: number) {
    this.#total = total;
  }

  set total(bytes: number) {
    this.#total = bytes;
  }

  get total(): number {
    return this.#total;
  }

  /** Bytes in use when the pages were last looked at. */
  get used(): number {
    return this.#used;
  }

  /** Streams that were not started for want of memory. */
  get refused(): number {
    return this.#refused;
  }

  /** Whether pages are kept from growing. */
  get full(): boolean {
    return this.#frozen;
  }

  /** Looks at all track pages, about once a second. */
  look(pages: Iterable<SharedArrayBuffer>): void {
    const all = [...pages];
    this.#used = all.reduce((sum, page) => sum + usedBytes(page), 0);
    this.#frozen = this.#used >= this.#total;
    for (const page of all) freezePage(page, this.#frozen);
  }

  /** Whether a stream may be started; counts those that may not. */
  start(): boolean {
    if (this.#used + STREAM_LEAST <= this.#total) return true;
    this.#refused++;
    return false;
  }
}
