import type { MonoMillis, Ticks } from "../base/units.ts";
import * as at from "./layout.ts";
import { makePartRow, type PartRow } from "./records.ts";
import { SlotRingView } from "./slot_ring.ts";

/** Part numbers stay below this, so that segment and part make one number that grows. */
const PARTS_IN_SEGMENT = 2 ** 20;
/** Searches begun anew when rows vanish under them; each time at least one row has vanished. */
const TRIES = 8;

/** Looks closed parts up by number: rows are in order of segment and part. */
export class PartIndex {
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #frames: SlotRingView;
  readonly #rows: SlotRingView;
  readonly #newest = { msn: -1, part: -1 };

  constructor(words: Int32Array, floats: Float64Array, frames: SlotRingView) {
    this.#words = words;
    this.#floats = floats;
    this.#frames = frames;
    this.#rows = new SlotRingView(words, at.PARTS);
  }

  /** Segment and part of a row as one number; -1 when the row is gone. */
  #key(row: number): number {
    const slot = this.#rows.slot(row);
    if (slot < 0) return -1;
    const msn = (this.#words[(slot + at.PART_MSN) >> 2] as number) >>> 0;
    const part = this.#words[(slot + at.PART_NUMBER) >> 2] as number;
    return this.#rows.intact(row) ? msn * PARTS_IN_SEGMENT + part : -1;
  }

  /** First row whose key is `key` or greater; the head when there is none. */
  #search(key: number): number {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      let low = this.#rows.tail;
      let high = this.#rows.head;
      let gone = false;
      while (low < high) {
        const middle = low + ((high - low) >> 1);
        const found = this.#key(middle);
        if (found < 0) {
          gone = true;
          break;
        }
        if (found < key) low = middle + 1;
        else high = middle;
      }
      if (!gone) return low;
    }
    return this.#rows.head;
  }

  find(msn: number, part: number, out?: PartRow): PartRow | undefined {
    const row = this.#search(msn * PARTS_IN_SEGMENT + part);
    if (row >= this.#rows.head) return undefined;
    const slot = this.#rows.slot(row);
    if (slot < 0) return undefined;
    const words = this.#words;
    const word = slot >> 2;
    if ((words[word + (at.PART_MSN >> 2)] as number) >>> 0 !== msn) return undefined;
    if (words[word + (at.PART_NUMBER >> 2)] !== part) return undefined;
    const to = out ?? makePartRow();
    const flags = words[word + (at.PART_FLAGS >> 2)] as number;
    to.msn = msn;
    to.part = part;
    to.first = this.#frames.extend(words[word + (at.PART_FIRST >> 2)] as number);
    to.count = words[word + (at.PART_COUNT >> 2)] as number;
    to.configVersion = words[word + (at.PART_CONFIG >> 2)] as number;
    to.bytes = (words[word + (at.PART_BYTES >> 2)] as number) >>> 0;
    to.startDts = this.#floats[(slot + at.PART_START) >> 3] as Ticks;
    to.durationTicks = this.#floats[(slot + at.PART_DURATION) >> 3] as number;
    to.closedAt = this.#floats[(slot + at.PART_CLOSED_AT) >> 3] as MonoMillis;
    to.independent = (flags & at.PART_IS_INDEPENDENT) !== 0;
    to.discontinuity = (flags & at.PART_IS_DISCONTINUITY) !== 0;
    return this.#rows.intact(row) ? to : undefined;
  }

  countOf(msn: number): number {
    const row = this.#search((msn + 1) * PARTS_IN_SEGMENT) - 1;
    if (row < this.#rows.tail) return 0;
    const key = this.#key(row);
    return Math.floor(key / PARTS_IN_SEGMENT) === msn ? (key % PARTS_IN_SEGMENT) + 1 : 0;
  }

  oldestMsn(): number {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const row = this.#rows.tail;
      if (row >= this.#rows.head) return -1;
      const key = this.#key(row);
      if (key < 0) continue;
      const msn = Math.floor(key / PARTS_IN_SEGMENT);
      return key % PARTS_IN_SEGMENT === 0 ? msn : msn + 1;
    }
    return -1;
  }

  newest(): { readonly msn: number; readonly part: number } | undefined {
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const row = this.#rows.head - 1;
      if (row < this.#rows.tail) return undefined;
      const key = this.#key(row);
      if (key < 0) continue;
      this.#newest.msn = Math.floor(key / PARTS_IN_SEGMENT);
      this.#newest.part = key % PARTS_IN_SEGMENT;
      return this.#newest;
    }
    return undefined;
  }
}
