// RFC 3640, AAC-hbr (3.3.6): one access unit a packet, or fragments of one (3.2.3).
import type { Packetizer, PacketWriter } from "./packetizer.ts";

/** The largest access unit that a 13-bit size can tell. */
export const AAC_UNIT_MAX = 8191;
/** AU-headers-length and one AU header of 16 bits. */
const HEADERS = 4;

/** Raw AAC access units into packets; to be announced as sizelength=13;indexlength=3;indexdeltalength=3. */
export class AacPacketizer implements Packetizer {
  readonly #out: PacketWriter;
  readonly #head = [0, 16, 0, 0];

  constructor(out: PacketWriter) {
    this.#out = out;
  }

  config(): void {
    // The AudioSpecificConfig is in the SDP only.
  }

  frame(data: Uint8Array, timestamp: number): void {
    if (data.length > AAC_UNIT_MAX) throw new RangeError(`AAC access unit of ${data.length} bytes`);
    const head = this.#head;
    head[2] = data.length >> 5;
    head[3] = (data.length & 31) << 3;
    const room = this.#out.room - HEADERS;
    for (let at = 0; at < data.length; at += room) {
      const end = Math.min(data.length, at + room);
      this.#out.sendPiece(head, data, at, end, timestamp, end === data.length);
    }
  }
}
