/** Where one part lies in its segment. */
interface PartSpan {
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
  /** Views that were given out, so that whoever asks for the same bytes gets the same object. */
  readonly #views = new Map<number, Uint8Array<ArrayBuffer>>();
  #whole: Uint8Array<ArrayBuffer> | undefined;

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
      // else they would keep the smaller array alive
      this.#views.clear();
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
    let view = this.#views.get(index);
    if (view === undefined) {
      view = this.#bytes.subarray(span.at, span.at + span.length);
      this.#views.set(index, view);
    }
    return view;
  }

  /** All parts so far. */
  view(): Uint8Array<ArrayBuffer> {
    if (this.#whole?.length !== this.#length) this.#whole = this.#bytes.subarray(0, this.#length);
    return this.#whole;
  }
}
