import { ACCESS_UNIT_MAX, UNITS_MAX } from "./depacketizer.ts";

/** Audio and metadata need no more; video grows it in its first key frame. */
const FIRST_SIZE = 8 * 1024;
/** Longest head of a fragment: that of H.265. */
const HEAD_MAX = 3;

/**
 * The bytes of the access unit that is being put together, one unit after the other in one array that is kept from
 * access unit to access unit.
 */
export class UnitBuffer {
  readonly #max: number;
  #bytes = new Uint8Array(FIRST_SIZE);
  #length = 0;
  #starts: number[] = [];
  #open = false;
  readonly #units: Uint8Array[] = [];

  /** `max`: bytes that one access unit may have. */
  constructor(max = ACCESS_UNIT_MAX) {
    this.#max = max;
  }

  /** Bytes held. */
  get length(): number {
    return this.#length;
  }

  /** Units held, the open one included. */
  get count(): number {
    return this.#starts.length;
  }

  /** A unit was begun and not closed. */
  get open(): boolean {
    return this.#open;
  }

  /** Bytes of the last unit so far. */
  get unitLength(): number {
    return this.#starts.length === 0 ? 0 : this.#length - (this.#starts[this.#starts.length - 1] as number);
  }

  /** Begins a unit; the one before ends. False when there are too many. */
  begin(): boolean {
    if (this.#starts.length >= UNITS_MAX) return false;
    this.#starts.push(this.#length);
    this.#open = true;
    return true;
  }

  /** Appends one byte to the open unit. False when the access unit becomes too large. */
  byte(value: number): boolean {
    if (!this.#room(1)) return false;
    this.#bytes[this.#length++] = value;
    return true;
  }

  /** Appends `from` from offset `start` on to the open unit. False when the access unit becomes too large. */
  append(from: Uint8Array, start = 0): boolean {
    const size = from.length - start;
    if (!this.#room(size)) return false;
    const bytes = this.#bytes;
    const at = this.#length - start;
    if (start > 0 && start <= HEAD_MAX && at >= 0) {
      // a view for each fragment would cost more than to put back what its head is written over
      const first = bytes[at] as number, second = bytes[at + 1] as number, third = bytes[at + 2] as number;
      bytes.set(from, at);
      bytes[at] = first;
      if (start > 1) bytes[at + 1] = second;
      if (start > 2) bytes[at + 2] = third;
    } else bytes.set(start === 0 ? from : from.subarray(start), this.#length);
    this.#length += size;
    return true;
  }

  /** A whole unit at once. False when it does not fit. */
  add(unit: Uint8Array): boolean {
    if (!this.begin() || !this.append(unit)) return false;
    this.#open = false;
    return true;
  }

  /** Ends the open unit; an empty one vanishes. */
  end(): void {
    this.#open = false;
    if (this.unitLength === 0) this.#starts.pop();
  }

  /** Byte `at` of unit `index`; −1 past its end. */
  peek(index: number, at: number): number {
    const start = this.#starts[index];
    if (start === undefined) return -1;
    const next = this.#starts[index + 1];
    return start + at < (next ?? this.#length) ? this.#bytes[start + at] as number : -1;
  }

  /** Takes `count` bytes off the end of the last unit. */
  trim(count: number): void {
    this.#length -= Math.min(count, this.unitLength);
  }

  /**
   * Splits the last unit where start codes (00 00 01) stand in it, which no NAL unit contains; zero bytes before a
   * start code go with it.
   */
  splitAtStartCodes(): void {
    if (this.#starts.length === 0) return;
    const bytes = this.#bytes;
    const start = this.#starts[this.#starts.length - 1] as number;
    const end = this.#length;
    let code = findStartCode(bytes, start, end);
    if (code < 0) return;
    this.#starts.pop();
    let write = start;
    let from = start;
    for (;;) {
      let to = code < 0 ? end : code;
      while (to > from && code >= 0 && bytes[to - 1] === 0) to--;
      if (to > from && this.#starts.length < UNITS_MAX) {
        this.#starts.push(write);
        bytes.copyWithin(write, from, to);
        write += to - from;
      }
      if (code < 0) break;
      from = code + 3;
      code = findStartCode(bytes, from, end);
    }
    this.#length = write;
  }

  /** Views of all units, valid until the next change. */
  units(): readonly Uint8Array[] {
    const units = this.#units;
    const starts = this.#starts;
    units.length = 0;
    for (let i = 0; i < starts.length; i++) {
      const end = i + 1 < starts.length ? starts[i + 1] as number : this.#length;
      units.push(this.#bytes.subarray(starts[i] as number, end));
    }
    return units;
  }

  clear(): void {
    this.#length = 0;
    this.#starts.length = 0;
    this.#open = false;
  }

  #room(size: number): boolean {
    const needed = this.#length + size;
    if (needed > this.#max) return false;
    if (needed > this.#bytes.length) {
      const grown = new Uint8Array(Math.min(this.#max, Math.max(needed, this.#bytes.length * 2)));
      grown.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = grown;
    }
    return true;
  }
}

function findStartCode(bytes: Uint8Array, from: number, end: number): number {
  let i = from;
  while (i + 2 < end) {
    const third = bytes[i + 2] as number;
    if (third > 1) i += 3;
    else if (third === 1) {
      if (bytes[i] === 0 && bytes[i + 1] === 0) return i;
      i += 3;
    } else i++;
  }
  return -1;
}
