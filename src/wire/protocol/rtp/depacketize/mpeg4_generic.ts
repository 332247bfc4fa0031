// RFC 3640: AU headers (3.2.1), fragmented AUs (3.2.3), AAC low and high bit rate (3.3.5, 3.3.6).
import { BitReader } from "../../../../base/bits.ts";
import { fmtpInteger, type RtpFormat } from "../format.ts";
import type { RtpPacket } from "../packet.ts";
import { ADTS_HEADER, adtsFrameLength, adtsHeaderLength } from "./adts_inside.ts";
import { ACCESS_UNIT_MAX, type Depacketizer, type UnitSink } from "./depacketizer.ts";
import { UnitBuffer } from "./unit_buffer.ts";

/** Access units in one packet at most. */
export const AUS_MAX = 256;

/** Widths of the fields of an AU header in bits; 0 where the field is absent. RFC 3640, 4.1. */
export interface AuHeaderShape {
  readonly size: number;
  readonly index: number;
  readonly indexDelta: number;
  readonly ctsDelta: number;
  readonly dtsDelta: number;
  readonly randomAccess: boolean;
  readonly streamState: number;
  readonly auxiliary: number;
  /** Size of every AU when the header does not say; 0 unknown. */
  readonly constantSize: number;
}

/**
 * The shape that the format parameters describe. Cameras that leave everything out (Anpviz sends only `config`) mean
 * AAC-hbr.
 */
export function auHeaderShape(format: RtpFormat): AuHeaderShape {
  const mode = format.fmtp.get("mode")?.trim().toLowerCase() ?? "";
  const constantSize = fmtpInteger(format, "constantsize", 0);
  const low = mode === "aac-lbr";
  const sized = constantSize === 0 || format.fmtp.has("sizelength");
  const bits = (key: string, otherwise: number) => Math.min(32, fmtpInteger(format, key, otherwise));
  return {
    size: bits("sizelength", !sized ? 0 : low ? 6 : 13),
    index: bits("indexlength", !sized ? 0 : low ? 2 : 3),
    indexDelta: bits("indexdeltalength", !sized ? 0 : low ? 2 : 3),
    ctsDelta: bits("ctsdeltalength", 0),
    dtsDelta: bits("dtsdeltalength", 0),
    randomAccess: fmtpInteger(format, "randomaccessindication", 0) === 1,
    streamState: bits("streamstateindication", 0),
    auxiliary: bits("auxiliarydatasizelength", 0),
    constantSize,
  };
}

/** AAC packets into access units; AUs wrapped in ADTS are unwrapped. */
export class Mpeg4GenericDepacketizer implements Depacketizer {
  readonly #sink: UnitSink;
  readonly #shape: AuHeaderShape;
  readonly #auTicks: number;
  readonly #max: number;
  readonly #buffer: UnitBuffer;
  readonly #one: Uint8Array[] = [];
  readonly #sizes: number[] = [];
  readonly #places: number[] = [];
  /** Whole size of the AU that comes in fragments; 0 none. */
  #wanted = 0;
  #timestamp = 0;
  #sawHeaders = false;

  /** `auTicks`: length of an access unit in ticks of the RTP clock. */
  constructor(sink: UnitSink, shape: AuHeaderShape, auTicks: number, max = ACCESS_UNIT_MAX) {
    this.#sink = sink;
    this.#shape = shape;
    this.#auTicks = auTicks;
    this.#max = max;
    this.#buffer = new UnitBuffer(max);
  }

  packet(packet: RtpPacket, gap: boolean): void {
    const payload = packet.payload;
    if (gap) {
      this.#sink.damaged("packets lost");
      this.reset();
    }
    if (payload.length === 0) return this.#sink.skipped("empty payload");
    if (adtsFrameLength(payload, 0) > 0 && this.#adtsStream(packet)) return;
    const data = this.#headers(payload);
    if (data < 0) return this.#withoutHeaders(packet);
    this.#sawHeaders = true;
    if (this.#wanted > 0) return this.#fragment(packet, data);
    let at = data;
    for (let i = 0; i < this.#sizes.length; i++) {
      const size = this.#sizes[i] as number;
      if (size > payload.length - at) {
        if (i === 0 && this.#sizes.length === 1) return this.#firstFragment(packet, at, size);
        return this.#sink.damaged("AAC access unit cut off");
      }
      this.#emit(
        payload.subarray(at, at + size),
        packet.timestamp,
        (this.#places[i] as number) * this.#auTicks,
      );
      at += size;
    }
  }

  flush(): void {
    this.reset();
  }

  reset(): void {
    this.#wanted = 0;
    this.#buffer.clear();
  }

  /** Reads the AU header section. Answers where the AUs begin, −1 when there is no such section. */
  #headers(payload: Uint8Array): number {
    const shape = this.#shape;
    this.#sizes.length = 0;
    this.#places.length = 0;
    let at = 0;
    if (hasHeaders(shape)) {
      if (payload.length < 2) return -1;
      const bits = ((payload[0] as number) << 8) | (payload[1] as number);
      at = 2 + ((bits + 7) >> 3);
      if (bits === 0 || at > payload.length) return -1;
      if (!this.#readHeaders(new BitReader(payload.subarray(2, at)), bits)) return -1;
    }
    if (shape.auxiliary > 0) at = skipAuxiliary(payload, at, shape.auxiliary);
    if (at > payload.length) return -1;
    if (shape.size === 0) this.#constant(payload.length - at);
    return this.#sizes.length === 0 ? -1 : at;
  }

  #readHeaders(reader: BitReader, bits: number): boolean {
    const shape = this.#shape;
    let place = 0;
    // The shortest header that is whole; what is left of the section is padding.
    while (this.#sizes.length < AUS_MAX) {
      const first = this.#sizes.length === 0;
      const index = first ? shape.index : shape.indexDelta;
      if (reader.at + Math.max(1, shape.size + index) > bits) break;
      const size = reader.bits(shape.size);
      const step = reader.bits(index);
      if (!first) place += step + 1;
      if (shape.ctsDelta > 0 && !skipOptional(reader, shape.ctsDelta, bits)) return false;
      if (shape.dtsDelta > 0 && !skipOptional(reader, shape.dtsDelta, bits)) return false;
      const flags = (shape.randomAccess ? 1 : 0) + shape.streamState;
      if (reader.at + flags > bits) return false;
      reader.skip(flags);
      this.#sizes.push(size);
      this.#places.push(place);
    }
    return this.#sizes.length > 0;
  }

  #constant(bytes: number): void {
    const size = this.#shape.constantSize || bytes;
    const count = Math.min(AUS_MAX, Math.max(1, Math.floor(bytes / size)));
    this.#sizes.length = 0;
    this.#places.length = 0;
    for (let i = 0; i < count; i++) {
      this.#sizes.push(Math.min(size, bytes));
      this.#places.push(i);
    }
  }

  #firstFragment(packet: RtpPacket, at: number, size: number): void {
    if (size > this.#max) return this.#sink.damaged("access unit too large");
    this.#wanted = size;
    this.#timestamp = packet.timestamp;
    this.#buffer.clear();
    this.#buffer.begin();
    this.#buffer.append(packet.payload, at);
    if (packet.marker) {
      this.reset();
      this.#sink.damaged("AAC access unit cut off");
    }
  }

  #fragment(packet: RtpPacket, at: number): void {
    if (packet.timestamp !== this.#timestamp) {
      this.reset();
      this.#sink.damaged("AAC access unit cut off");
      return this.packet(packet, false);
    }
    const whole = this.#buffer.append(packet.payload, at);
    if (whole && this.#buffer.length < this.#wanted && !packet.marker) return;
    const unit = this.#buffer.units()[0] as Uint8Array;
    const fits = whole && this.#buffer.length === this.#wanted;
    this.reset();
    if (fits) this.#emit(unit, packet.timestamp, 0);
    else this.#sink.damaged("AAC fragments do not add up");
  }

  /** A payload of ADTS frames and nothing else. */
  #adtsStream(packet: RtpPacket): boolean {
    const payload = packet.payload;
    let at = 0;
    while (at < payload.length) {
      const length = adtsFrameLength(payload, at);
      if (length === 0 || length > payload.length - at) return false;
      at += length;
    }
    at = 0;
    for (let i = 0; at < payload.length; i++) {
      const length = adtsFrameLength(payload, at);
      this.#emit(payload.subarray(at, at + length), packet.timestamp, i * this.#auTicks);
      at += length;
    }
    return true;
  }

  /** Seen from cameras that put one bare AU into each packet: go2rtc issue 1328. */
  #withoutHeaders(packet: RtpPacket): void {
    if (this.#sawHeaders) return this.#sink.damaged("AAC without AU headers");
    this.#emit(packet.payload, packet.timestamp, 0);
  }

  #emit(unit: Uint8Array, timestamp: number, offset: number): void {
    let bare = unit;
    if (unit.length > ADTS_HEADER && adtsFrameLength(unit, 0) === unit.length) {
      bare = unit.subarray(adtsHeaderLength(unit, 0));
    }
    if (bare.length === 0) return this.#sink.skipped("empty AAC access unit");
    this.#one[0] = bare;
    this.#sink.unit(this.#one, timestamp, offset);
  }
}

function hasHeaders(s: AuHeaderShape): boolean {
  return s.size + s.index + s.indexDelta + s.ctsDelta + s.dtsDelta + s.streamState > 0 || s.randomAccess;
}

function skipOptional(reader: BitReader, width: number, end: number): boolean {
  if (reader.at + 1 > end) return false;
  if (!reader.flag()) return true;
  if (reader.at + width > end) return false;
  reader.skip(width);
  return true;
}

function skipAuxiliary(payload: Uint8Array, at: number, width: number): number {
  if ((payload.length - at) * 8 < width) return payload.length + 1;
  const reader = new BitReader(payload, at * 8);
  const size = reader.bits(width);
  return at + ((width + size + 7) >> 3);
}
