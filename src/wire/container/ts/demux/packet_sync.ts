// ISO/IEC 13818-1, G.1: acquiring synchronisation; packets of 188, of 192 (M2TS, a time before each) and of 204 bytes.
import { TS_PACKET, TS_SYNC } from "../packet.ts";

/** Distances of sync bytes that are known, the most usual first. */
const STRIDES = [188, 192, 204];
/** Sync bytes in a row that are believed. */
const SYNC_MIN = 3;
/** Bytes that are kept while searching: one less than what would be enough at the widest distance. */
const KEPT = 204 * SYNC_MIN;
/** Packets in a row without sync byte after which the search begins anew. */
const LOST_MAX = 2;

/** Where packets go: `bytes[at, at + 188)`, valid during the call. */
export interface PacketTaker {
  packet(bytes: Uint8Array, at: number): void;
  /** Synchronisation was lost; it is searched for again. */
  syncLost(): void;
}

/** Cuts a stream that comes in pieces of any length into packets. */
export class PacketSync {
  readonly #taker: PacketTaker;
  /** Distance of sync bytes; 0 while it is not known. */
  #stride = 0;
  /** Bytes before the next packet that belong to none. */
  #skip = 0;
  #missed = 0;
  /** A packet begun, or what is searched. */
  readonly #kept = new Uint8Array(KEPT);
  #length = 0;
  /** Bytes that were in no packet. */
  skipped = 0;

  constructor(taker: PacketTaker) {
    this.#taker = taker;
  }

  /** Distance of packets in bytes: 188, 192 or 204; 0 while it is not known. */
  get stride(): number {
    return this.#stride;
  }

  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) at = this.#stride === 0 ? this.#search(bytes, at) : this.#packets(bytes, at);
  }

  /** The end: what is kept is taken for packets when it begins like one. */
  flush(): void {
    const kept = this.#kept.subarray(0, this.#length);
    this.#length = 0;
    if (this.#stride !== 0) return;
    for (let at = 0; at + TS_PACKET <= kept.length; at++) {
      const next = at + TS_PACKET;
      if (kept[at] !== TS_SYNC || (next < kept.length && kept[next] !== TS_SYNC)) continue;
      this.#taker.packet(kept, at);
      at = next - 1;
    }
  }

  #packets(bytes: Uint8Array, at: number): number {
    if (this.#skip > 0) {
      const n = Math.min(this.#skip, bytes.length - at);
      this.#skip -= n;
      return at + n;
    }
    if (this.#length > 0) {
      const n = Math.min(TS_PACKET - this.#length, bytes.length - at);
      this.#kept.set(bytes.subarray(at, at + n), this.#length);
      this.#length += n;
      if (this.#length === TS_PACKET) {
        this.#length = 0;
        this.#skip = this.#stride - TS_PACKET;
        this.#take(this.#kept, 0);
      }
      return at + n;
    }
    const gap = this.#stride - TS_PACKET;
    for (; at + TS_PACKET <= bytes.length && this.#stride !== 0; at += TS_PACKET + gap) {
      if (!this.#take(bytes, at)) return at;
    }
    if (at > bytes.length) {
      this.#skip = at - bytes.length;
      return bytes.length;
    }
    if (this.#stride === 0) return at;
    this.#kept.set(bytes.subarray(at), 0);
    this.#length = bytes.length - at;
    return bytes.length;
  }

  /** False when synchronisation was lost with this packet. */
  #take(bytes: Uint8Array, at: number): boolean {
    if (bytes[at] === TS_SYNC) {
      this.#missed = 0;
      this.#taker.packet(bytes, at);
      return true;
    }
    this.skipped += TS_PACKET;
    if (++this.#missed < LOST_MAX) return true;
    this.#missed = 0;
    this.#stride = 0;
    this.#skip = 0;
    this.skipped -= TS_PACKET; // these bytes are searched
    this.#taker.syncLost();
    if (bytes !== this.#kept) return false;
    this.#length = TS_PACKET;
    return true;
  }

  /** Searches what is kept and `bytes` from `at` on; answers where to go on in `bytes`. */
  #search(bytes: Uint8Array, at: number): number {
    const n = Math.min(KEPT - this.#length, bytes.length - at);
    this.#kept.set(bytes.subarray(at, at + n), this.#length);
    this.#length += n;
    const next = at + n;
    const { found, stride } = this.#find();
    this.skipped += found;
    if (stride === 0) {
      this.#kept.copyWithin(0, found, this.#length);
      this.#length -= found;
      return next;
    }
    // Packets that are whole go out of what was kept; what begins behind them is begun anew.
    this.#stride = stride;
    let from = found;
    const { length } = this.#kept.subarray(0, this.#length);
    const kept = this.#kept.slice(0, length);
    this.#length = 0;
    for (; from + TS_PACKET <= length; from += stride) this.#taker.packet(kept, from);
    if (from > length) this.#skip = from - length;
    else {
      this.#kept.set(kept.subarray(from, length), 0);
      this.#length = length - from;
    }
    return next;
  }

  /** The first offset at which packets may begin, and their distance: 0 while there are too few bytes to tell. */
  #find(): { found: number; stride: number } {
    const kept = this.#kept;
    const length = this.#length;
    let open = length;
    for (let at = 0; at < length; at++) {
      if (kept[at] !== TS_SYNC) continue;
      for (const stride of STRIDES) {
        let n = 1;
        while (n < SYNC_MIN && at + n * stride < length && kept[at + n * stride] === TS_SYNC) n++;
        if (n === SYNC_MIN) return { found: at, stride };
        if (at + n * stride >= length && at < open) open = at;
      }
    }
    return { found: open, stride: 0 };
  }
}
