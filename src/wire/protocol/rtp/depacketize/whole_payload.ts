// One packet, one unit: RFC 3551, 4.5 (PCMA, PCMU, L16) and RFC 7587 (Opus).
import type { RtpPacket } from "../packet.ts";
import type { Depacketizer, UnitSink } from "./depacketizer.ts";

/** Payloads that are units as they are. */
export class WholePayloadDepacketizer implements Depacketizer {
  readonly #sink: UnitSink;
  readonly #multiple: number;
  readonly #one: Uint8Array[] = [];

  /** `multiple`: bytes that a unit is cut to a multiple of, the size of one sample of all channels. */
  constructor(sink: UnitSink, multiple: number) {
    this.#sink = sink;
    this.#multiple = multiple;
  }

  packet(packet: RtpPacket, gap: boolean): void {
    if (gap) this.#sink.damaged("packets lost");
    const payload = packet.payload;
    const extra = payload.length % this.#multiple;
    if (payload.length - extra === 0) return this.#sink.skipped("empty payload");
    this.#one[0] = extra === 0 ? payload : payload.subarray(0, payload.length - extra);
    this.#sink.unit(this.#one, packet.timestamp, 0);
  }

  flush(): void {
    // Nothing is ever held.
  }

  reset(): void {
    // Nothing is ever held.
  }
}
