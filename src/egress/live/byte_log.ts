import { NOTHING } from "../../wire/container/live_muxer.ts";

/** Bytes of one slab, unless a single write needs more: of a log that many follow, and of one with a single reader. */
const SLAB_BYTES = 128 * 1024;
const SINGLE_SLAB_BYTES = 48 * 1024;
/** Kept behind the head for readers that are a little behind, whatever the entries are. */
const KEEP_BYTES = 512 * 1024;
/** Most that is kept; an entry that is further behind is given up. */
const KEEP_MAX = 16 * 1024 * 1024;

interface Slab {
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** Offset in the log of its first byte. */
  readonly start: number;
  used: number;
}

/** A place where a reader may begin, and what it needs before. */
export interface LogEntry {
  readonly at: number;
  readonly header: Uint8Array;
}

/**
 * The newest bytes of an endless file that many readers are sent: a reader is an offset. Written once, in slabs, never
 * changed afterwards; what is pending for a reader is mostly one view. Old slabs are dropped as soon as the entry before
 * the newest one is in a later slab.
 */
export class ByteLog {
  readonly #slabs: Slab[] = [];
  readonly #keepMax: number;
  readonly #lagging: boolean;
  readonly #single: boolean;
  #head = 0;
  #first: LogEntry | undefined;
  #newest: LogEntry | undefined;
  #before: LogEntry | undefined;

  /**
   * `lagging`: readers begin at the entry before the newest one. `single`: there is one reader, who begins with the first
   * and says with {@link release} what it has; nothing else is dropped.
   */
  constructor(
    { keepMax = KEEP_MAX, lagging = false, single = false }: {
      readonly keepMax?: number;
      readonly lagging?: boolean;
      readonly single?: boolean;
    } = {},
  ) {
    this.#keepMax = keepMax;
    this.#lagging = lagging;
    this.#single = single;
  }

  /** Offset behind the newest byte. */
  get head(): number {
    return this.#head;
  }

  /** Offset of the oldest byte that is still there. */
  get tail(): number {
    return this.#slabs[0]?.start ?? this.#head;
  }

  /** Where a new reader begins; undefined while there is no such place. */
  get entry(): LogEntry | undefined {
    return this.#lagging ? this.#before ?? this.#newest : this.#newest;
  }

  /** The first place that a reader could ever begin at; undefined before it, and when its bytes are gone. */
  get first(): LogEntry | undefined {
    return this.#first !== undefined && this.#first.at >= this.tail ? this.#first : undefined;
  }

  /** Room for `size` bytes, to be written from {@link at} on. Valid until {@link commit}. */
  reserve(size: number): Uint8Array<ArrayBuffer> {
    const last = this.#slabs.at(-1);
    if (last !== undefined && last.used + size <= last.bytes.length) return last.bytes;
    const bytes = new Uint8Array(Math.max(this.#single ? SINGLE_SLAB_BYTES : SLAB_BYTES, size));
    this.#slabs.push({ bytes, start: this.#head, used: 0 });
    return bytes;
  }

  /** Where in the array of {@link reserve} to write. */
  get at(): number {
    return this.#slabs.at(-1)?.used ?? 0;
  }

  /** Adds the first `length` bytes of what was reserved. With `header`: a reader may begin with it and them. */
  commit(length: number, header?: Uint8Array): void {
    const slab = this.#slabs.at(-1);
    if (slab === undefined || length === 0) return;
    if (header !== undefined) {
      this.#before = this.#newest;
      this.#newest = { at: this.#head, header };
      this.#first ??= this.#newest;
    }
    slab.used += length;
    this.#head += length;
    if (!this.#single) this.#trim();
  }

  /** Adds bytes that exist already. */
  append(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.reserve(bytes.length).set(bytes, this.at);
    this.commit(bytes.length);
  }

  /** The bytes from `offset` on that lie together, `most` at most; empty at the head. Undefined: they are gone. */
  read(offset: number, most: number): Uint8Array<ArrayBuffer> | undefined {
    if (offset >= this.#head) return NOTHING;
    // Nearly all readers are in the newest slab.
    for (let i = this.#slabs.length - 1; i >= 0; i--) {
      const { bytes, start, used } = this.#slabs[i] as Slab;
      if (offset < start) continue;
      return bytes.subarray(offset - start, Math.min(used, offset - start + most));
    }
    return undefined;
  }

  /** The single reader has everything up to `offset`; with `reuse`, the arrays too: nobody looks into them any more. */
  release(offset: number, reuse: boolean): void {
    while (this.#slabs.length > 1 && slabEnd(this.#slabs[0] as Slab) <= offset) this.#slabs.shift();
    const [slab] = this.#slabs;
    if (!reuse || this.#slabs.length !== 1 || slab === undefined || slabEnd(slab) > offset) return;
    this.#slabs[0] = { bytes: slab.bytes, start: this.#head, used: 0 };
  }

  #trim(): void {
    const wanted = Math.min(this.#before?.at ?? this.#newest?.at ?? this.#head, this.#head - KEEP_BYTES);
    const limit = Math.max(wanted, this.#head - this.#keepMax);
    for (;;) {
      const [first] = this.#slabs;
      if (first === undefined || this.#slabs.length === 1 || slabEnd(first) > limit) break;
      this.#slabs.shift();
    }
    const { tail } = this;
    if (this.#before !== undefined && this.#before.at < tail) this.#before = undefined;
    if (this.#newest !== undefined && this.#newest.at < tail) this.#newest = undefined;
  }
}

/** Offset behind the last byte of a slab. */
function slabEnd({ start, used }: Slab): number {
  return start + used;
}
