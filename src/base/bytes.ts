/** Thrown when a bounded reader is asked for more than there is. `offset` is where the read began. */
export class Truncated extends Error {
  constructor(readonly needed: number, readonly offset: number, have: number) {
    super(`Cannot read ${needed} bytes at offset ${offset}: only ${have} left`);
  }
}

/** Big-endian reader over a fixed range. Reading past the end throws {@link Truncated}, never yields 0. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#at = at;
  }

  /** Offset of the next byte. */
  get at(): number {
    return this.#at;
  }

  /** Bytes left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  #take(n: number): number {
    if (n < 0 || n > this.left) throw new Truncated(n, this.#at, this.left);
    const at = this.#at;
    this.#at += n;
    return at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u24(): number {
    const at = this.#take(3);
    return (this.#view.getUint16(at) << 8) | this.#view.getUint8(at + 2);
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  i16(): number {
    return this.#view.getInt16(this.#take(2));
  }

  i32(): number {
    return this.#view.getInt32(this.#take(4));
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#take(8));
  }

  /** A view, not a copy, of the next `n` bytes. */
  bytes(n: number): Uint8Array {
    const at = this.#take(n);
    return this.#bytes.subarray(at, at + n);
  }

  skip(n: number): void {
    this.#take(n);
  }

  /** The next `n` bytes as Latin-1, for four-character codes and the like. */
  latin1(n: number): string {
    let s = "";
    for (const b of this.bytes(n)) s += String.fromCharCode(b);
    return s;
  }
}

/** Big-endian writer that grows. For headers and small structures; frames never pass through it. */
export class ByteWriter {
  #bytes: Uint8Array<ArrayBuffer>;
  #view: DataView<ArrayBuffer>;
  #at = 0;

  constructor(capacity = 256) {
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#at;
  }

  /** To be called before #bytes or #view is looked at: it may replace them. */
  #room(n: number): number {
    const end = this.#at + n;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes.subarray(0, this.#at));
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    const at = this.#at;
    this.#at = end;
    return at;
  }

  u8(v: number): this {
    const at = this.#room(1);
    this.#view.setUint8(at, v);
    return this;
  }

  u16(v: number): this {
    const at = this.#room(2);
    this.#view.setUint16(at, v);
    return this;
  }

  u24(v: number): this {
    return this.u8(v >>> 16).u16(v);
  }

  u32(v: number): this {
    const at = this.#room(4);
    this.#view.setUint32(at, v);
    return this;
  }

  i16(v: number): this {
    const at = this.#room(2);
    this.#view.setInt16(at, v);
    return this;
  }

  i32(v: number): this {
    const at = this.#room(4);
    this.#view.setInt32(at, v);
    return this;
  }

  /** An unsigned 64-bit integer given as a number; must be a safe integer. */
  u64(v: number): this {
    const at = this.#room(8);
    this.#view.setBigUint64(at, BigInt(v));
    return this;
  }

  bytes(b: ArrayLike<number>): this {
    const at = this.#room(b.length);
    this.#bytes.set(b, at);
    return this;
  }

  zeros(n: number): this {
    const at = this.#room(n);
    this.#bytes.fill(0, at, this.#at);
    return this;
  }

  latin1(s: string): this {
    for (let i = 0; i < s.length; i++) this.u8(s.charCodeAt(i) & 0xff);
    return this;
  }

  /** Overwrites four bytes written before, for sizes known only afterwards. */
  patchU32(at: number, v: number): void {
    this.#view.setUint32(at, v);
  }

  /** A view of what was written; valid until the next write. */
  view(): Uint8Array<ArrayBuffer> {
    return this.#bytes.subarray(0, this.#at);
  }

  /** A copy of what was written. */
  take(): Uint8Array<ArrayBuffer> {
    return this.#bytes.slice(0, this.#at);
  }
}

/** Joins pieces into one new array. For headers and tests, not for frames. */
export function joinBytes(pieces: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const p of pieces) length += p.length;
  const out = new Uint8Array(length);
  let at = 0;
  for (const p of pieces) {
    out.set(p, at);
    at += p.length;
  }
  return out;
}

/** True when both hold the same bytes. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
