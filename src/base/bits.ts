import { Truncated } from "./bytes.ts";

/** Most significant bit first reader. Reading past the end throws {@link Truncated}. */
export class BitReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at: number;

  /** Reads `bytes` from bit offset `at`. */
  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#end = bytes.length * 8;
    this.#at = at;
  }

  /** Bit offset of the next bit. */
  get at(): number {
    return this.#at;
  }

  /** Bits left. */
  get left(): number {
    return this.#end - this.#at;
  }

  /** Reads `n` bits, 0 to 32, as an unsigned number. */
  bits(n: number): number {
    if (n === 0) return 0;
    const at = this.#at;
    if (at + n > this.#end) throw new Truncated(Math.ceil(n / 8), at >> 3, Math.ceil(this.left / 8));
    this.#at = at + n;
    let value = 0;
    let bit = at;
    let left = n;
    while (left > 0) {
      const inByte = 8 - (bit & 7);
      const take = inByte < left ? inByte : left;
      const byte = this.#bytes[bit >> 3] as number;
      value = value * (1 << take) + ((byte >> (inByte - take)) & ((1 << take) - 1));
      bit += take;
      left -= take;
    }
    return value;
  }

  /** Reads one bit. */
  flag(): boolean {
    return this.bits(1) === 1;
  }

  skip(n: number): void {
    if (n < 0 || this.#at + n > this.#end) {
      throw new Truncated(Math.ceil(n / 8), this.#at >> 3, Math.ceil(this.left / 8));
    }
    this.#at += n;
  }

  /** Moves to the next byte boundary. */
  align(): void {
    this.#at = (this.#at + 7) & ~7;
  }

  /** Unsigned Exp-Golomb code, ue(v) of H.264 and H.265, 9.1/9.2. At most 32 leading zeros. */
  ue(): number {
    let zeros = 0;
    while (!this.flag()) {
      if (++zeros > 32) throw new RangeError(`Exp-Golomb code longer than 32 bits at bit ${this.#at}`);
    }
    return 2 ** zeros - 1 + this.bits(zeros);
  }

  /** Signed Exp-Golomb code, se(v). */
  se(): number {
    const k = this.ue();
    return k & 1 ? (k + 1) / 2 : -k / 2;
  }
}

/** Most significant bit first writer. */
export class BitWriter {
  readonly #bytes: number[] = [];
  #free = 0;

  /** Bits written so far. */
  get at(): number {
    return this.#bytes.length * 8 - this.#free;
  }

  /** Appends the low `n` bits of `value`, 0 to 32. */
  bits(value: number, n: number): this {
    for (let i = n - 1; i >= 0; i--) {
      if (this.#free === 0) {
        this.#bytes.push(0);
        this.#free = 8;
      }
      this.#free--;
      if (Math.floor(value / 2 ** i) % 2 === 1) {
        const last = this.#bytes.length - 1;
        this.#bytes[last] = (this.#bytes[last] as number) | (1 << this.#free);
      }
    }
    return this;
  }

  flag(value: boolean): this {
    return this.bits(value ? 1 : 0, 1);
  }

  /** Unsigned Exp-Golomb code. */
  ue(value: number): this {
    const bits = Math.floor(Math.log2(value + 1));
    return this.bits(0, bits).bits(value + 1, bits + 1);
  }

  /** Signed Exp-Golomb code. */
  se(value: number): this {
    return this.ue(value > 0 ? value * 2 - 1 : -value * 2);
  }

  /** What was written, the last byte filled with zero bits. */
  take(): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(this.#bytes);
  }
}
