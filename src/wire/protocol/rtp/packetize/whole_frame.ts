// RFC 7587, 4.2: one Opus packet is one payload.
import type { Packetizer, PacketWriter } from "./packetizer.ts";

const NO_HEAD: readonly number[] = [];

/** Frames that are payloads as they are. */
export class WholeFramePacketizer implements Packetizer {
  readonly #out: PacketWriter;

  constructor(out: PacketWriter) {
    this.#out = out;
  }

  config(): void {
    // It is in the SDP.
  }

  frame(data: Uint8Array, timestamp: number): void {
    if (data.length > this.#out.room) {
      throw new RangeError(`Frame of ${data.length} bytes where a packet has ${this.#out.room}`);
    }
    if (data.length > 0) this.#out.sendPiece(NO_HEAD, data, 0, data.length, timestamp, false);
  }
}
