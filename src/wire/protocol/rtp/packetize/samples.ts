// RFC 3551, 4.5: G.711 and L16, any number of samples a packet.
import type { Packetizer, PacketWriter } from "./packetizer.ts";

/** Samples into packets; a frame that is larger than a packet is divided between two samples. */
export class SamplesPacketizer implements Packetizer {
  readonly #out: PacketWriter;
  readonly #sampleBytes: number;

  /** `sampleBytes`: bytes of one sample of all channels. */
  constructor(out: PacketWriter, sampleBytes: number) {
    this.#out = out;
    this.#sampleBytes = sampleBytes;
  }

  config(): void {
    // There is none.
  }

  frame(data: Uint8Array, timestamp: number): void {
    const room = this.#out.room - this.#out.room % this.#sampleBytes;
    for (let at = 0; at < data.length; at += room) {
      const end = Math.min(data.length, at + room);
      this.#out.sendPiece(NO_HEAD, data, at, end, timestamp + at / this.#sampleBytes, false);
    }
  }
}

const NO_HEAD: readonly number[] = [];
