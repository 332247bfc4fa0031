/**
 * Most significant bit first writer into a given array, for the encoder: no allocation, no growing. Writing beyond
 * the array's end is lost silently, as typed arrays do; the encoder proves beforehand that a frame fits.
 */
export class BitSink {
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  /** Bits not yet stored, right-aligned, fewer than 8. */
  #word = 0;
  #count = 0;

  /** Starts at byte `at` of `bytes`. */
  open(bytes: Uint8Array, at: number): void {
    this.#bytes = bytes;
    this.#at = at;
    this.#word = 0;
    this.#count = 0;
  }

  /** Byte offset of the next byte; to be asked on a byte boundary. */
  get at(): number {
    return this.#at;
  }

  /** Appends the low `n` bits of `value`, 0 to 24; the bits above them are ignored. */
  bits(value: number, n: number): void {
    let word = (this.#word << n) | (value & ((1 << n) - 1));
    let count = this.#count + n;
    while (count >= 8) {
      count -= 8;
      this.#bytes[this.#at++] = word >>> count;
    }
    word &= 0xff;
    this.#word = word;
    this.#count = count;
  }

  /** Appends `zeros` zero bits and a one. */
  unary(zeros: number): void {
    let left = zeros;
    while (left >= 16) {
      this.bits(0, 16);
      left -= 16;
    }
    this.bits(1, left + 1);
  }

  /** Fills the last byte with zero bits. */
  align(): void {
    if (this.#count > 0) this.bits(0, 8 - this.#count);
  }
}
