// RFC 6184: single NAL unit packets (5.6), STAP-A (5.7.1), FU-A (5.8). The interleaved mode's packets are refused.
import type { RtpPacket } from "../packet.ts";
import type { Depacketizer, UnitSink } from "./depacketizer.ts";
import { NalAccessUnits, type NalSyntax } from "./nal_access_unit.ts";

const STAP_A = 24;
const FU_A = 28;
/** Packet types that only the interleaved mode (packetization-mode=2) knows; no camera is known to send them. */
const INTERLEAVED: Record<number, string> = {
  25: "H.264 STAP-B (interleaved mode) is not supported",
  26: "H.264 MTAP16 (interleaved mode) is not supported",
  27: "H.264 MTAP24 (interleaved mode) is not supported",
  29: "H.264 FU-B (interleaved mode) is not supported",
};

const syntax: NalSyntax = {
  header: 1,
  coded: (first) => (first & 31) >= 1 && (first & 31) <= 5,
  leading: (first) => (first & 31) >= 6 && (first & 31) <= 9,
};

/** H.264 packets into access units of NAL units. */
export class H264Depacketizer implements Depacketizer {
  readonly #sink: UnitSink;
  readonly #unit: NalAccessUnits;

  constructor(sink: UnitSink, max?: number) {
    this.#sink = sink;
    this.#unit = new NalAccessUnits(syntax, sink, max);
  }

  packet(packet: RtpPacket, gap: boolean): void {
    const payload = packet.payload;
    if (payload.length === 0) {
      // Nothing to begin with, but a gap before it is a gap.
      if (gap) this.#unit.packet(packet.timestamp, true, false);
      return this.#sink.skipped("empty payload");
    }
    const type = (payload[0] as number) & 31;
    this.#unit.packet(packet.timestamp, gap, begins(payload, type));
    if (type === FU_A) this.#fragment(payload);
    else if (type === STAP_A) this.#aggregate(payload);
    else if (type < STAP_A && (type > 0 || startsWithStartCode(payload))) {
      if (this.#unit.begin(payload[0] as number, payload[1] ?? 0)) this.#whole(payload);
    } else this.#sink.skipped(INTERLEAVED[type] ?? "H.264 packet of a reserved type");
    if (packet.marker) this.#unit.marker();
  }

  flush(): void {
    this.#unit.flush();
  }

  reset(): void {
    this.#unit.clear();
  }

  #whole(nal: Uint8Array): void {
    if (this.#unit.buffer.append(nal)) this.#unit.unitEnded();
    else this.#unit.harm("access unit too large");
  }

  #aggregate(payload: Uint8Array): void {
    let at = 1;
    while (at + 2 <= payload.length) {
      const size = ((payload[at] as number) << 8) | (payload[at + 1] as number);
      at += 2;
      if (size > payload.length - at) return this.#unit.harm("H.264 STAP-A cut off");
      if (size > 0) {
        if (!this.#unit.begin(payload[at] as number, payload[at + 1] ?? 0)) return;
        this.#whole(payload.subarray(at, at + size));
      }
      at += size;
    }
  }

  // The reserved bit is not looked at (some cameras set it), nor the type in fragments after the first (Tiandy changes
  // it), nor whether S and E stand together (CostarHD sends small units so).
  #fragment(payload: Uint8Array): void {
    if (payload.length < 2) return this.#sink.skipped("H.264 FU-A without header");
    const unit = this.#unit;
    const header = payload[1] as number;
    if (header & 0x80) {
      const first = ((payload[0] as number) & 0xe0) | (header & 31);
      if (!unit.begin(first, payload[2] ?? 0)) return;
      unit.buffer.byte(first);
    } else if (unit.damaged) return;
    else if (!unit.buffer.open) {
      if (payload.length > 2) unit.harm("H.264 FU-A without its start");
      return;
    }
    if (!unit.buffer.append(payload, 2)) return unit.harm("access unit too large");
    if (header & 0x40) unit.unitEnded();
  }
}

/** Whether nothing of an access unit can stand before this packet. */
function begins(payload: Uint8Array, type: number): boolean {
  if (type === FU_A) {
    const header = payload[1] ?? 0;
    return (header & 0x80) !== 0 && beginsUnit(header & 31, payload[2] ?? 0);
  }
  if (type === STAP_A) return beginsUnit((payload[3] ?? 0) & 31, payload[4] ?? 0);
  return beginsUnit(type, payload[1] ?? 0);
}

function beginsUnit(type: number, afterHeader: number): boolean {
  return type === 9 || type === 7 || ((type === 1 || type === 5) && (afterHeader & 0x80) !== 0);
}

function startsWithStartCode(b: Uint8Array): boolean {
  return b.length > 4 && b[0] === 0 && b[1] === 0 && (b[2] === 1 || (b[2] === 0 && b[3] === 1));
}
