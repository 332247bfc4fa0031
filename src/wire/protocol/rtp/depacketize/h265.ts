// RFC 7798: single NAL unit packets (4.4.1), aggregation packets (4.4.2), fragmentation units (4.4.3).
import type { RtpPacket } from "../packet.ts";
import type { Depacketizer, UnitSink } from "./depacketizer.ts";
import { NalAccessUnits, type NalSyntax } from "./nal_access_unit.ts";

const AP = 48;
const FU = 49;
const PACI = 50;

const syntax: NalSyntax = {
  header: 2,
  coded: (first) => ((first >> 1) & 63) < 32,
  leading: (first) => ((first >> 1) & 63) >= 32 && ((first >> 1) & 63) <= 35,
};

/** H.265 packets into access units of NAL units. */
export class H265Depacketizer implements Depacketizer {
  readonly #sink: UnitSink;
  readonly #unit: NalAccessUnits;
  readonly #don: boolean;

  /** `don`: decoding order numbers stand in the packets (sprop-max-don-diff above 0). */
  constructor(sink: UnitSink, don: boolean, max?: number) {
    this.#sink = sink;
    this.#don = don;
    this.#unit = new NalAccessUnits(syntax, sink, max);
  }

  packet(packet: RtpPacket, gap: boolean): void {
    const payload = packet.payload;
    if (payload.length < 3) {
      // Nothing to begin with, but a gap before it is a gap.
      if (gap) this.#unit.packet(packet.timestamp, true, false);
      return this.#sink.skipped("H.265 payload without a unit");
    }
    const type = ((payload[0] as number) >> 1) & 63;
    this.#unit.packet(packet.timestamp, gap, this.#begins(payload, type));
    if (type === FU) this.#fragment(payload);
    else if (type === AP) this.#aggregate(payload);
    else if (type < AP) this.#single(payload);
    else {
      this.#sink.skipped(
        type === PACI ? "H.265 PACI packet is not supported" : "H.265 packet of a reserved type",
      );
    }
    if (packet.marker) this.#unit.marker();
  }

  flush(): void {
    this.#unit.flush();
  }

  reset(): void {
    this.#unit.clear();
  }

  #single(payload: Uint8Array): void {
    const skip = this.#don ? 4 : 2;
    const { buffer } = this.#unit;
    if (!this.#unit.begin(payload[0] as number, payload[skip] ?? 0)) return;
    buffer.byte(payload[0] as number);
    buffer.byte(payload[1] as number);
    this.#ended(buffer.append(payload, Math.min(skip, payload.length)));
  }

  #aggregate(payload: Uint8Array): void {
    let at = 2;
    for (let first = true; at + 2 <= payload.length; first = false) {
      // DONL of 16 bits before the first unit, DOND of 8 bits before the others.
      if (this.#don) at += first ? 2 : 1;
      if (at + 2 > payload.length) break;
      const size = ((payload[at] as number) << 8) | (payload[at + 1] as number);
      at += 2;
      if (size > payload.length - at) return this.#unit.harm("H.265 aggregation packet cut off");
      if (size >= 2) {
        if (!this.#unit.begin(payload[at] as number, payload[at + 2] ?? 0)) return;
        this.#ended(this.#unit.buffer.append(payload.subarray(at, at + size)));
      }
      at += size;
    }
  }

  #ended(fits: boolean): void {
    if (fits) this.#unit.unitEnded();
    else this.#unit.harm("access unit too large");
  }

  #fragment(payload: Uint8Array): void {
    const unit = this.#unit;
    const header = payload[2] as number;
    let at = 3;
    if (header & 0x80) {
      if (this.#don) at += 2;
      const first = ((payload[0] as number) & 0x81) | ((header & 63) << 1);
      if (!unit.begin(first, payload[at] ?? 0)) return;
      unit.buffer.byte(first);
      unit.buffer.byte(payload[1] as number);
    } else if (unit.damaged) return;
    else if (!unit.buffer.open) {
      if (payload.length > at) unit.harm("H.265 FU without its start");
      return;
    }
    if (!unit.buffer.append(payload, Math.min(at, payload.length))) {
      return unit.harm("access unit too large");
    }
    if (header & 0x40) unit.unitEnded();
  }

  /** Whether nothing of an access unit can stand before this packet. */
  #begins(payload: Uint8Array, type: number): boolean {
    const don = this.#don ? 2 : 0;
    if (type === FU) {
      const header = payload[2] as number;
      return (header & 0x80) !== 0 && beginsUnit(header & 63, payload[3 + don] ?? 0);
    }
    if (type === AP) {
      return beginsUnit(((payload[4 + don] ?? 0) >> 1) & 63, payload[6 + don] ?? 0);
    }
    return beginsUnit(type, payload[2 + don] ?? 0);
  }
}

/** Delimiter, video parameter set, or the first slice of a picture. */
function beginsUnit(type: number, afterHeader: number): boolean {
  return type === 35 || type === 32 || (type < 32 && (afterHeader & 0x80) !== 0);
}
