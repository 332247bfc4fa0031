// RFC 7741, 4.2: the VP8 payload descriptor with a picture number of 15 bits.
import type { Packetizer, PacketWriter } from "./packetizer.ts";

const EXTENDED = 0x80;
const START = 0x10;
const HAS_PICTURE = 0x80;
const DESCRIPTOR = 4;

/** VP8 frames into packets. */
export class Vp8Packetizer implements Packetizer {
  readonly #out: PacketWriter;
  readonly #head = [0, HAS_PICTURE, 0, 0];
  #picture = 0;

  constructor(out: PacketWriter) {
    this.#out = out;
  }

  config(): void {
    // There is none.
  }

  frame(data: Uint8Array, timestamp: number): void {
    const head = this.#head;
    head[2] = 0x80 | (this.#picture >> 8);
    head[3] = this.#picture & 0xff;
    this.#picture = (this.#picture + 1) & 0x7fff;
    const room = this.#out.room - DESCRIPTOR;
    for (let at = 0; at < data.length; at += room) {
      const end = Math.min(data.length, at + room);
      head[0] = EXTENDED | (at === 0 ? START : 0);
      this.#out.sendPiece(head, data, at, end, timestamp, end === data.length);
    }
  }
}
