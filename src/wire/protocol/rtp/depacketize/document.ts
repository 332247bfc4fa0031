// ONVIF Streaming Specification, 5.1.2.1.1: an XML document ends with the marker; RFC 6597, 4.2: so does a KLV unit.
import type { RtpPacket } from "../packet.ts";
import type { Depacketizer, UnitSink } from "./depacketizer.ts";
import { PictureUnits } from "./picture_units.ts";

/** Payloads of one timestamp joined to one document. */
export class DocumentDepacketizer implements Depacketizer {
  readonly #document: PictureUnits;

  constructor(sink: UnitSink, max?: number) {
    this.#document = new PictureUnits(sink, max === undefined ? { told: false } : { told: false, max });
  }

  packet(packet: RtpPacket, gap: boolean): void {
    const wanted = this.#document.packet(packet.timestamp, gap, false);
    if (wanted && packet.payload.length > 0) this.#document.append(packet.payload);
    if (packet.marker) this.#document.marker();
  }

  flush(): void {
    this.#document.flush();
  }

  reset(): void {
    this.#document.clear();
  }
}
