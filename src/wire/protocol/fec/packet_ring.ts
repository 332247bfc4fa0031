import { sequenceDistance } from "../rtp/sequence.ts";

/** Media packets that are kept. */
export const FEC_RING = 1024;
/** Longest media packet that can be mended, in bytes. */
export const FEC_PACKET_MAX = 2048;

interface Slot {
  /** Sequence number counted on; -1 where nothing is kept. */
  at: number;
  length: number;
  bytes: Uint8Array;
}

/** The newest media packets, by sequence numbers that do not wrap. */
export class PacketRing {
  readonly #slots: Slot[] = [];
  #highest = -1;

  /** The highest number so far; -1 before the first packet. */
  get highest(): number {
    return this.#highest;
  }

  /** A 16-bit number, counted on from the highest one; before the first packet the number itself, a lap up. */
  unwrap(sequence: number): number {
    if (this.#highest < 0) return 65_536 + sequence;
    return this.#highest + sequenceDistance(this.#highest & 0xffff, sequence);
  }

  /** Keeps a copy; false where it is there already, too old or too long. */
  put(at: number, packet: Uint8Array): boolean {
    const length = packet.length;
    if (length > FEC_PACKET_MAX || at < 0 || at <= this.#highest - FEC_RING) return false;
    const slot = this.#slots[at % FEC_RING] ??= { at: -1, length: 0, bytes: new Uint8Array(0) };
    if (slot.at === at) return false;
    if (slot.bytes.length < length) slot.bytes = new Uint8Array(length <= 1536 ? 1536 : FEC_PACKET_MAX);
    slot.bytes.set(packet);
    slot.length = length;
    slot.at = at;
    if (at > this.#highest) this.#highest = at;
    return true;
  }

  has(at: number): boolean {
    return this.#slots[at % FEC_RING]?.at === at;
  }

  /** A view, valid until the ring has gone round; undefined where the packet is not kept. */
  get(at: number): Uint8Array | undefined {
    const slot = this.#slots[at % FEC_RING];
    return slot?.at === at ? slot.bytes.subarray(0, slot.length) : undefined;
  }

  clear(): void {
    for (const slot of this.#slots) if (slot !== undefined) slot.at = -1;
    this.#highest = -1;
  }
}
