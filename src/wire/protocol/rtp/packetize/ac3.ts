// RFC 4184, 4.1.1 (AC-3) and RFC 4598, 4.1.1 (E-AC-3): one frame a packet, or fragments of one, behind two bytes.
import type { Packetizer, PacketWriter } from "./packetizer.ts";

const HEADER = 2;
/** AC-3: first fragment, with or without the first 5/8 of the frame, and the others. */
const FIRST_LONG = 1;
const FIRST_SHORT = 2;
const OTHER = 3;
/** E-AC-3: a fragment. */
const FRAGMENT = 1;
const FRAGMENTS_MAX = 255;

/** AC-3 and E-AC-3 frames into packets. */
export class Ac3Packetizer implements Packetizer {
  readonly #out: PacketWriter;
  readonly #enhanced: boolean;
  readonly #head = [0, 0];

  constructor(out: PacketWriter, enhanced: boolean) {
    this.#out = out;
    this.#enhanced = enhanced;
  }

  config(): void {
    // Frames describe themselves.
  }

  frame(data: Uint8Array, timestamp: number): void {
    const room = this.#out.room - HEADER;
    const count = Math.ceil(data.length / room);
    if (count > FRAGMENTS_MAX) throw new RangeError(`AC-3 frame of ${data.length} bytes`);
    this.#head[1] = count;
    for (let at = 0; at < data.length; at += room) {
      const end = Math.min(data.length, at + room);
      this.#head[0] = count === 1 ? 0 : this.#fragment(at, end, data.length);
      this.#out.sendPiece(this.#head, data, at, end, timestamp, end === data.length);
    }
  }

  #fragment(at: number, end: number, length: number): number {
    if (this.#enhanced) return FRAGMENT;
    if (at > 0) return OTHER;
    return end * 8 >= length * 5 ? FIRST_LONG : FIRST_SHORT;
  }
}
