/** Where one part lies in its segment. */
export interface PartSpan {
  readonly at: number;
  readonly length: number;
}

const SMALLEST = 16 * 1024;

/**
 * The bytes of one segment while it grows: parts one behind the other, so that a part is a view and the whole segment
 * is one too. A part without media is an empty span. When a part does not fit, everything moves to a larger array; what
 * was given out before stays valid, as bytes are never changed once written.
 */
export class SegmentBuffer {
  #bytes: Uint8Array<ArrayBuffer>;
  #length = 0;
  readonly #parts: PartSpan[] = [];

  /** `expected`: bytes that the segment will probably have. */
  constructor(expected: number) {
    this.#bytes = new Uint8Array(Math.max(SMALLEST, expected));
  }

  get length(): number {
    return this.#length;
  }

  get partCount(): number {
    return this.#parts.length;
  }

  /**
   * Appends a part of `size` bytes that `write` puts into `out` at `at`; it answers false when what it copied was not
   * whole, and the part is not kept then.
   */
  append(size: number, write: (out: Uint8Array, at: number) => boolean): boolean {
    const at = this.#length;
    if (at + size > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(at + size, Math.ceil(this.#bytes.length * 1.5)));
      grown.set(this.#bytes.subarray(0, at));
      this.#bytes = grown;
    }
    if (!write(this.#bytes, at)) return false;
    this.#length = at + size;
    this.#parts.push({ at, length: size });
    return true;
  }

  /** Notes a part without media. */
  appendGap(): void {
    this.#parts.push({ at: this.#length, length: 0 });
  }

  /** The part's bytes; undefined when it does not exist or has no media. */
  part(index: number): Uint8Array<ArrayBuffer> | undefined {
    const span = this.#parts[index];
    if (span === undefined || span.length === 0) return undefined;
    return this.#bytes.subarray(span.at, span.at + span.length);
  }

  /** All parts so far. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#length);
  }
}
