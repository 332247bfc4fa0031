// RFC 2326, 10.12: packets interleaved on a TCP connection stand behind `$`, a channel and a length of 16 bits.
import type { PacketOutput } from "./packetizer.ts";

/** Where a packet is put together. */
export interface PacketPlace {
  readonly buffer: Uint8Array;
  /** Where the next packet begins; there is room for the largest one behind it. */
  readonly at: number;
  /** The next packet is whole: `length` bytes. */
  sent(length: number): void;
}

/** One packet at a time, handed on at once. */
export class SinglePacket implements PacketPlace {
  readonly buffer: Uint8Array;
  readonly at = 0;
  readonly #output: PacketOutput;

  constructor(packetMax: number, output: PacketOutput) {
    this.buffer = new Uint8Array(packetMax);
    this.#output = output;
  }

  sent(length: number): void {
    this.#output(this.buffer.subarray(0, length));
  }
}

/** Bytes before each packet on a TCP connection. */
export const INTERLEAVED_HEADER = 4;
const FIRST_BYTES = 64 * 1024;

/**
 * The packets of a frame or of several, one behind the other, each with the header of an interleaved packet before it:
 * a TCP player gets all of them by one write, and UDP gets views of the packets. Made once, whoever reads.
 */
export class PacketBatch implements PacketPlace {
  readonly #packetMax: number;
  #buffer: Uint8Array;
  #end = 0;
  readonly #starts: number[] = [];
  readonly #views: Uint8Array[] = [];

  /** `packetMax`: bytes of a packet at most, RTP header included. */
  constructor(packetMax: number, firstBytes = FIRST_BYTES) {
    this.#packetMax = packetMax;
    this.#buffer = new Uint8Array(Math.max(firstBytes, 2 * (packetMax + INTERLEAVED_HEADER)));
  }

  get buffer(): Uint8Array {
    return this.#buffer;
  }

  get at(): number {
    return this.#end + INTERLEAVED_HEADER;
  }

  /** Packets in it. */
  get count(): number {
    return this.#starts.length;
  }

  /** Bytes of the packets with their interleaved headers. */
  get bytes(): number {
    return this.#end;
  }

  sent(length: number): void {
    const b = this.#buffer;
    b[this.#end] = 0x24;
    b[this.#end + 2] = length >> 8;
    b[this.#end + 3] = length;
    this.#starts.push(this.#end);
    this.#end += INTERLEAVED_HEADER + length;
    if (this.#end + INTERLEAVED_HEADER + this.#packetMax > b.length) {
      this.#buffer = new Uint8Array(b.length * 2);
      this.#buffer.set(b.subarray(0, this.#end));
    }
  }

  /** Packets `[from, to)` for a TCP connection that carries them on `channel`. Valid until the next call and `clear`. */
  interleaved(channel: number, from = 0, to = this.count): Uint8Array {
    const b = this.#buffer;
    for (let i = from; i < to; i++) b[(this.#starts[i] as number) + 1] = channel;
    return b.subarray(this.#startOf(from), this.#startOf(to));
  }

  /** Bytes of the packets from `from` on, with their interleaved headers. */
  bytesFrom(from: number): number {
    return this.#end - this.#startOf(from);
  }

  /** The first packet of `[from, count)` before which more than `bytes` bytes lie. */
  within(from: number, bytes: number): number {
    const end = this.#startOf(from) + bytes;
    let to = from;
    while (to < this.count && this.#startOf(to + 1) <= end) to++;
    return Math.min(this.count, Math.max(to, from + 1));
  }

  /** Views of packets `[from, to)` as UDP carries them. Valid until `clear`. */
  packets(from = 0, to = this.count): readonly Uint8Array[] {
    // Packets that lay there before the buffer grew are seen in the former one, which has them still.
    for (let i = this.#views.length; i < this.count; i++) {
      this.#views.push(this.#buffer.subarray(this.#startOf(i) + INTERLEAVED_HEADER, this.#startOf(i + 1)));
    }
    return from === 0 && to === this.count ? this.#views : this.#views.slice(from, to);
  }

  /** Number and timestamp of packet `index`, which must be there. */
  head(index: number): { readonly sequence: number; readonly timestamp: number } {
    const at = this.#startOf(index) + INTERLEAVED_HEADER;
    const b = this.#buffer;
    const byte = (i: number) => b[at + i] as number;
    return {
      sequence: (byte(2) << 8) | byte(3),
      timestamp: ((byte(4) << 24) | (byte(5) << 16) | (byte(6) << 8) | byte(7)) >>> 0,
    };
  }

  clear(): void {
    this.#end = 0;
    this.#starts.length = 0;
    this.#views.length = 0;
  }

  #startOf(index: number): number {
    return this.#starts[index] ?? this.#end;
  }
}
