// ONVIF Streaming Specification, 5.1.2.1.1, and RFC 6597, 4.2 (KLV): one document, its last packet with the marker.
import type { Packetizer, PacketWriter } from "./packetizer.ts";

const NO_HEAD: readonly number[] = [];

/** Documents into packets of one timestamp. */
export class DocumentPacketizer implements Packetizer {
  readonly #out: PacketWriter;

  constructor(out: PacketWriter) {
    this.#out = out;
  }

  config(): void {
    // Documents describe themselves.
  }

  frame(data: Uint8Array, timestamp: number): void {
    const { room } = this.#out;
    for (let at = 0; at < data.length; at += room) {
      const end = Math.min(data.length, at + room);
      this.#out.sendPiece(NO_HEAD, data, at, end, timestamp, end === data.length);
    }
  }
}
