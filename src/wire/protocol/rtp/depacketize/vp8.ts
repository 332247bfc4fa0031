// RFC 7741, 4.2: the VP8 payload descriptor.
import type { RtpPacket } from "../packet.ts";
import type { Depacketizer, UnitSink } from "./depacketizer.ts";
import { PictureUnits } from "./picture_units.ts";

/** Bytes of the descriptor at the start of a payload; more than the payload when it is cut off. */
export function vp8DescriptorLength(b: Uint8Array): number {
  if (((b[0] ?? 0) & 0x80) === 0) return 1;
  const extension = b[1] ?? 0;
  let length = 2;
  if (extension & 0x80) length += (b[length] ?? 0) & 0x80 ? 2 : 1;
  if (extension & 0x40) length++;
  if (extension & 0x30) length++;
  return length;
}

/** VP8 packets into frames. */
export class Vp8Depacketizer implements Depacketizer {
  readonly #sink: UnitSink;
  readonly #frame: PictureUnits;

  constructor(sink: UnitSink, max: number) {
    this.#sink = sink;
    this.#frame = new PictureUnits(sink, { told: true, max });
  }

  packet(packet: RtpPacket, gap: boolean): void {
    const payload = packet.payload;
    const at = vp8DescriptorLength(payload);
    // The first packet of the first partition.
    const begins = payload.length > 0 && ((payload[0] as number) & 0x17) === 0x10;
    const wanted = this.#frame.packet(packet.timestamp, gap, begins);
    if (payload.length < at) {
      this.#sink.skipped("VP8 payload descriptor cut off");
      this.#frame.harm("VP8 payload descriptor cut off");
    } else if (wanted && payload.length > at) this.#frame.append(payload, at);
    if (packet.marker) this.#frame.marker();
  }

  flush(): void {
    this.#frame.flush();
  }

  reset(): void {
    this.#frame.clear();
  }
}
