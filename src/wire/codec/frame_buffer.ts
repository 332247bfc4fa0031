/**
 * The one output buffer of an assembler: NAL units with 4-byte length prefixes, or plain pieces, one frame at a time. It
 * grows to the largest frame seen and is then used again and again.
 */
export class FrameBuffer {
  #bytes = new Uint8Array(16_384);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  clear(): void {
    this.#length = 0;
  }

  /** Appends a 4-byte big-endian length and the unit. */
  unit(unit: Uint8Array): void {
    const at = this.#room(4 + unit.length);
    this.#prefix(at, unit.length);
    this.#bytes.set(unit, at + 4);
  }

  /** Puts a unit with its length before all that is there. For the rare parameter set between key frames. */
  unitInFront(unit: Uint8Array): void {
    const before = this.#room(4 + unit.length);
    this.#bytes.copyWithin(4 + unit.length, 0, before);
    this.#prefix(0, unit.length);
    this.#bytes.set(unit, 4);
  }

  /** Appends bytes as they are. */
  bytes(bytes: Uint8Array): void {
    this.#bytes.set(bytes, this.#room(bytes.length));
  }

  byte(value: number): void {
    const at = this.#room(1);
    this.#bytes[at] = value;
  }

  /** What was appended since `clear`; valid until the next change. */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  #prefix(at: number, length: number): void {
    const bytes = this.#bytes;
    bytes[at] = length >>> 24;
    bytes[at + 1] = length >>> 16;
    bytes[at + 2] = length >>> 8;
    bytes[at + 3] = length;
  }

  #room(n: number): number {
    const at = this.#length;
    const end = at + n;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    this.#length = end;
    return at;
  }
}
