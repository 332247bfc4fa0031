// RTP Payload Format For AV1 (AOMedia, v1.0), 4.4: aggregation header and OBU elements.
import type { RtpPacket } from "../packet.ts";
import type { Depacketizer, UnitSink } from "./depacketizer.ts";
import { PictureUnits } from "./picture_units.ts";

const SEQUENCE_HEADER = 1;
const TEMPORAL_DELIMITER = 2;

/** AV1 packets into temporal units; the OBUs come out as they are in the packets, mostly without size fields. */
export class Av1Depacketizer implements Depacketizer {
  readonly #sink: UnitSink;
  readonly #unit: PictureUnits;
  #at = 0;
  #size = 0;

  constructor(sink: UnitSink, max: number) {
    this.#sink = sink;
    this.#unit = new PictureUnits(sink, {
      told: false,
      max,
      complete: (b) => b.open ? "AV1 OBU cut off" : undefined,
    });
  }

  packet(packet: RtpPacket, gap: boolean): void {
    const payload = packet.payload;
    if (payload.length < 2) {
      if (gap) this.#unit.packet(packet.timestamp, true, false);
      this.#sink.skipped("AV1 payload without an OBU");
    } else {
      const begins = gap && beginsUnit(payload);
      if (this.#unit.packet(packet.timestamp, gap, begins)) this.#elements(payload);
    }
    if (packet.marker) this.#unit.marker();
  }

  flush(): void {
    this.#unit.flush();
  }

  reset(): void {
    this.#unit.clear();
  }

  #elements(payload: Uint8Array): void {
    const header = payload[0] as number;
    const count = (header >> 4) & 3;
    const continued = (header & 0x80) !== 0;
    const continues = (header & 0x40) !== 0;
    const { buffer } = this.#unit;
    if (continued !== buffer.open) return this.#unit.harm("AV1 OBU fragments do not fit");
    this.#at = 1;
    for (let n = 1; this.#at < payload.length && (count === 0 || n <= count); n++) {
      this.#size = payload.length - this.#at;
      if (n !== count && !this.#readSize(payload)) return this.#unit.harm("AV1 OBU element cut off");
      const end = this.#at + this.#size;
      const last = count === 0 ? end >= payload.length : n === count;
      const opens = !(n === 1 && continued);
      if (opens && (this.#size > 0 || (last && continues)) && !buffer.begin()) {
        return this.#unit.harm("too many units in an access unit");
      }
      if (this.#size > 0 && !buffer.append(payload.subarray(this.#at, end))) {
        return this.#unit.harm("access unit too large");
      }
      if (buffer.open && !(last && continues)) buffer.end();
      this.#at = end;
    }
  }

  /** Reads the leb128 size of an element. */
  #readSize(payload: Uint8Array): boolean {
    let size = 0;
    for (let i = 0; i < 4; i++) {
      const byte = payload[this.#at++];
      if (byte === undefined) return false;
      size |= (byte & 0x7f) << (7 * i);
      if ((byte & 0x80) === 0) {
        this.#size = size;
        return size <= payload.length - this.#at;
      }
    }
    return false;
  }
}

/**
 * Whether nothing of a temporal unit can stand before this packet: it says that it begins a coded video sequence, or
 * its first OBU is a sequence header or temporal delimiter.
 */
function beginsUnit(payload: Uint8Array): boolean {
  const header = payload[0] as number;
  if (header & 0x80) return false;
  if (header & 0x08) return true;
  let at = 1;
  if ((header & 0x30) !== 0x10) { while ((payload[at++] ?? 0) & 0x80); }
  const type = ((payload[at] ?? 0) >> 3) & 15;
  return type === SEQUENCE_HEADER || type === TEMPORAL_DELIMITER;
}
