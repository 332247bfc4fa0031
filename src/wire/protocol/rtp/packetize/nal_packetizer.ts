import type { Packetizer, PacketWriter } from "./packetizer.ts";

/** What the payload formats of H.264 and H.265 differ in. */
export interface NalFormat {
  /** Parameter sets of a configuration. Throws RangeError when it cannot be read. */
  sets(config: Uint8Array): readonly Uint8Array[];
  /** Header of a packet of several units. */
  readonly aggregation: readonly number[];
  /** Bytes of a unit's own header, which fragments do not repeat. */
  readonly unitHeader: number;
  /** Bytes that {@link NalFormat.fragment} writes. */
  readonly fragmentHeader: number;
  /** Writes the header of a fragment of `unit` at `at`. */
  fragment(unit: Uint8Array, first: boolean, last: boolean, buffer: Uint8Array, at: number): void;
}

/** Canonical frames of NAL units into packets; parameter sets go before every key frame. */
export class NalPacketizer implements Packetizer {
  readonly #format: NalFormat;
  readonly #out: PacketWriter;
  readonly #units: Uint8Array[] = [];
  #sets: readonly Uint8Array[] = [];

  constructor(format: NalFormat, out: PacketWriter) {
    this.#format = format;
    this.#out = out;
  }

  config(config: Uint8Array): void {
    const { sets, unitHeader } = this.#format;
    this.#sets = sets(config).filter((set) => set.length > unitHeader).map((set) => set.slice());
  }

  frame(data: Uint8Array, timestamp: number, key: boolean): void {
    const units = this.#units;
    readNalUnits(data, units);
    if (key) this.#parameterSets(timestamp);
    for (let i = 0; i < units.length; i++) {
      this.#unit(units[i] as Uint8Array, timestamp, i === units.length - 1);
    }
  }

  #parameterSets(timestamp: number): void {
    const { aggregation } = this.#format;
    let length = aggregation.length;
    for (const set of this.#sets) length += 2 + set.length;
    if (this.#sets.length < 2 || length > this.#out.room) {
      for (const set of this.#sets) this.#unit(set, timestamp, false);
      return;
    }
    const { buffer, at: start } = this.#out;
    buffer.set(aggregation, start);
    let at = start + aggregation.length;
    for (const set of this.#sets) {
      buffer[at++] = set.length >> 8;
      buffer[at++] = set.length;
      buffer.set(set, at);
      at += set.length;
    }
    this.#out.send(length, timestamp, false);
  }

  #unit(unit: Uint8Array, timestamp: number, last: boolean): void {
    const { room } = this.#out;
    if (unit.length <= room) {
      this.#out.buffer.set(unit, this.#out.at);
      return this.#out.send(unit.length, timestamp, last);
    }
    const { unitHeader, fragmentHeader } = this.#format;
    for (let from = unitHeader; from < unit.length; from += room - fragmentHeader) {
      const end = Math.min(unit.length, from + room - fragmentHeader);
      const { buffer, at } = this.#out;
      this.#format.fragment(unit, from === unitHeader, end === unit.length, buffer, at);
      buffer.set(unit.subarray(from, end), at + fragmentHeader);
      this.#out.send(fragmentHeader + end - from, timestamp, last && end === unit.length);
    }
  }
}

/** A view of each unit of a canonical H.264 or H.265 frame. Throws RangeError where the lengths do not fit. */
function readNalUnits(data: Uint8Array, into: Uint8Array[]): void {
  into.length = 0;
  for (let at = 0; at < data.length;) {
    if (data.length - at < 4) throw new RangeError(`Cannot read a NAL length at offset ${at}`);
    const length = (data[at] as number) * 0x1000000 +
      (((data[at + 1] as number) << 16) | ((data[at + 2] as number) << 8) | (data[at + 3] as number));
    at += 4;
    if (length > data.length - at) throw new RangeError(`Cannot read a NAL unit of ${length} bytes at ${at}`);
    if (length > 0) into.push(data.subarray(at, at + length));
    at += length;
  }
}
