// RFC 7798: single NAL unit packets (4.4.1), aggregation packets for parameter sets (4.4.2), FUs (4.4.3); no DON.
import { decodeHevcConfig } from "../../../codec/h265/hvcc.ts";
import { readNalUnits } from "./nal_units.ts";
import type { Packetizer, PacketWriter } from "./packetizer.ts";

const AP = 48;
const FU = 49;
const NAL_HEADER = 2;
const FU_HEADERS = 3;

/** Canonical H.265 frames into packets; parameter sets go before every key frame. */
export class H265Packetizer implements Packetizer {
  readonly #out: PacketWriter;
  readonly #units: Uint8Array[] = [];
  #sets: readonly Uint8Array[] = [];

  constructor(out: PacketWriter) {
    this.#out = out;
  }

  /** `config`: HEVCDecoderConfigurationRecord. */
  config(config: Uint8Array): void {
    const decoded = decodeHevcConfig(config);
    if (decoded.kind !== "ok") throw new RangeError("HEVCDecoderConfigurationRecord cannot be read");
    const { vps, sps, pps } = decoded.value;
    this.#sets = [...vps, ...sps, ...pps].filter((set) => set.length > NAL_HEADER).map((set) => set.slice());
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
    let length = NAL_HEADER;
    for (const set of this.#sets) length += 2 + set.length;
    if (this.#sets.length < 2 || length > this.#out.room) {
      for (const set of this.#sets) this.#unit(set, timestamp, false);
      return;
    }
    const { buffer, at: start } = this.#out;
    let at = start;
    // Layer 0, temporal layer 0: those of parameter sets.
    buffer[at++] = AP << 1;
    buffer[at++] = 1;
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
    const first = unit[0] as number;
    const type = (first >> 1) & 63;
    for (let from = NAL_HEADER; from < unit.length; from += room - FU_HEADERS) {
      const end = Math.min(unit.length, from + room - FU_HEADERS);
      const { buffer, at } = this.#out;
      buffer[at] = (first & 0x81) | (FU << 1);
      buffer[at + 1] = unit[1] as number;
      buffer[at + 2] = type | (from === NAL_HEADER ? 0x80 : 0) | (end === unit.length ? 0x40 : 0);
      buffer.set(unit.subarray(from, end), at + FU_HEADERS);
      this.#out.send(FU_HEADERS + end - from, timestamp, last && end === unit.length);
    }
  }
}
