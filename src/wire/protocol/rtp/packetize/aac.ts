// RFC 3640, AAC-hbr (3.3.6): one access unit a packet, or fragments of one (3.2.3).
import { RTP_HEADER } from "../packet.ts";
import type { Packetizer, PacketWriter } from "./packetizer.ts";

/** The largest access unit that a 13-bit size can tell. */
export const AAC_UNIT_MAX = 8191;
/** AU-headers-length and one AU header of 16 bits. */
const HEADERS = 4;

/** Raw AAC access units into packets; to be announced as sizelength=13;indexlength=3;indexdeltalength=3. */
export class AacPacketizer implements Packetizer {
  readonly #out: PacketWriter;

  constructor(out: PacketWriter) {
    this.#out = out;
  }

  config(): void {
    // The AudioSpecificConfig is in the SDP only.
  }

  /** Throws RangeError for access units above {@link AAC_UNIT_MAX}. */
  frame(data: Uint8Array, timestamp: number): void {
    if (data.length > AAC_UNIT_MAX) throw new RangeError(`AAC access unit of ${data.length} bytes`);
    const { buffer, room } = this.#out;
    for (let at = 0; at < data.length; at += room - HEADERS) {
      const end = Math.min(data.length, at + room - HEADERS);
      buffer[RTP_HEADER] = 0;
      buffer[RTP_HEADER + 1] = 16;
      buffer[RTP_HEADER + 2] = data.length >> 5;
      buffer[RTP_HEADER + 3] = (data.length & 31) << 3;
      buffer.set(data.subarray(at, end), RTP_HEADER + HEADERS);
      this.#out.send(HEADERS + end - at, timestamp, end === data.length);
    }
  }
}
