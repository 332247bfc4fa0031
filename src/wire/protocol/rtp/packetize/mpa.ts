// RFC 2250, 3.5: one MPEG audio frame a packet, or fragments of one, behind a header of four bytes.
import type { Packetizer, PacketWriter } from "./packetizer.ts";

const HEADER = 4;

/** MPEG audio frames (layers I to III) into packets. */
export class MpaPacketizer implements Packetizer {
  readonly #out: PacketWriter;
  readonly #head = [0, 0, 0, 0];

  constructor(out: PacketWriter) {
    this.#out = out;
  }

  config(): void {
    // There is none.
  }

  frame(data: Uint8Array, timestamp: number): void {
    if (data.length > 0xffff) throw new RangeError(`MPEG audio frame of ${data.length} bytes`);
    const room = this.#out.room - HEADER;
    for (let at = 0; at < data.length; at += room) {
      this.#head[2] = at >> 8;
      this.#head[3] = at & 0xff;
      // The marker stands for the start of a talk spurt, which a stream without pauses has not (RFC 3551, 4.1).
      this.#out.sendPiece(this.#head, data, at, Math.min(data.length, at + room), timestamp, false);
    }
  }
}
