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
const NO_CHANNEL = -1;

/**
 * The packets of a frame or of several, one behind the other, each with the header of an interleaved packet before it:
 * a TCP player gets all of them by one write, and UDP gets views of the packets. Made once, whoever reads.
 */
export class PacketBatch implements PacketPlace {
  readonly #packetMax: number;
  #buffer: Uint8Array;
  #end = 0;
  readonly #starts: number[] = [];
  #channel = NO_CHANNEL;
  #views: Uint8Array[] | undefined;

  /** `packetMax`: bytes of a packet at most, RTP header included. */
  constructor(packetMax: number) {
    this.#packetMax = packetMax;
    this.#buffer = new Uint8Array(Math.max(FIRST_BYTES, 2 * (packetMax + INTERLEAVED_HEADER)));
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
    this.#channel = NO_CHANNEL;
    this.#views = undefined;
    if (this.#end + INTERLEAVED_HEADER + this.#packetMax > b.length) {
      this.#buffer = new Uint8Array(b.length * 2);
      this.#buffer.set(b.subarray(0, this.#end));
    }
  }

  /** All packets for a TCP connection that carries them on `channel`. Valid until the next call and `clear`. */
  interleaved(channel: number): Uint8Array {
    if (channel !== this.#channel) {
      for (const start of this.#starts) this.#buffer[start + 1] = channel;
      this.#channel = channel;
    }
    return this.#buffer.subarray(0, this.#end);
  }

  /** Views of the packets as UDP carries them. Valid until `clear`. */
  get packets(): readonly Uint8Array[] {
    this.#views ??= this.#starts.map((start, i) =>
      this.#buffer.subarray(start + INTERLEAVED_HEADER, this.#starts[i + 1] ?? this.#end)
    );
    return this.#views;
  }

  clear(): void {
    this.#end = 0;
    this.#starts.length = 0;
    this.#channel = NO_CHANNEL;
    this.#views = undefined;
  }
}
