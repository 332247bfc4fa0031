// RFC 9628, 4.2: the VP9 payload descriptor, non-flexible mode, one layer, with a picture number of 15 bits.
import type { Packetizer, PacketWriter } from "./packetizer.ts";

const HAS_PICTURE = 0x80;
const PREDICTED = 0x40;
const BEGINS = 0x08;
const ENDS = 0x04;
const DESCRIPTOR = 3;

/** VP9 frames and superframes into packets. */
export class Vp9Packetizer implements Packetizer {
  readonly #out: PacketWriter;
  readonly #head = [0, 0, 0];
  #picture = 0;

  constructor(out: PacketWriter) {
    this.#out = out;
  }

  config(): void {
    // Frames describe themselves.
  }

  frame(data: Uint8Array, timestamp: number, key: boolean): void {
    const head = this.#head;
    head[1] = 0x80 | (this.#picture >> 8);
    head[2] = this.#picture & 0xff;
    this.#picture = (this.#picture + 1) & 0x7fff;
    const room = this.#out.room - DESCRIPTOR;
    for (let at = 0; at < data.length; at += room) {
      const end = Math.min(data.length, at + room);
      head[0] = HAS_PICTURE | (key ? 0 : PREDICTED) | (at === 0 ? BEGINS : 0) |
        (end === data.length ? ENDS : 0);
      this.#out.sendPiece(head, data, at, end, timestamp, end === data.length);
    }
  }
}
