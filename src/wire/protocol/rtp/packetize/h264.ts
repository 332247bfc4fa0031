// RFC 6184, packetization-mode=1: single NAL unit packets (5.6), STAP-A for parameter sets (5.7.1), FU-A (5.8).
import { decodeAvcConfig } from "../../../codec/h264/avcc.ts";
import { readNalUnits } from "./nal_units.ts";
import type { Packetizer, PacketWriter } from "./packetizer.ts";

const STAP_A = 24;
const FU_A = 28;
const FU_HEADERS = 2;

/** Canonical H.264 frames into packets; parameter sets go before every key frame. */
export class H264Packetizer implements Packetizer {
  readonly #out: PacketWriter;
  readonly #units: Uint8Array[] = [];
  #sets: readonly Uint8Array[] = [];

  constructor(out: PacketWriter) {
    this.#out = out;
  }

  /** `config`: AVCDecoderConfigurationRecord. */
  config(config: Uint8Array): void {
    const decoded = decodeAvcConfig(config);
    if (decoded.kind !== "ok") throw new RangeError("AVCDecoderConfigurationRecord cannot be read");
    this.#sets = [...decoded.value.sps, ...decoded.value.pps].map((set) => set.slice());
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
    let length = 1;
    for (const set of this.#sets) length += 2 + set.length;
    if (this.#sets.length < 2 || length > this.#out.room) {
      for (const set of this.#sets) this.#unit(set, timestamp, false);
      return;
    }
    const { buffer, at: start } = this.#out;
    let at = start;
    // The most important NRI of the units in it; parameter sets have the highest.
    buffer[at++] = 0x60 | STAP_A;
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
    for (let from = 1; from < unit.length; from += room - FU_HEADERS) {
      const end = Math.min(unit.length, from + room - FU_HEADERS);
      const { buffer, at } = this.#out;
      buffer[at] = (first & 0xe0) | FU_A;
      buffer[at + 1] = (first & 31) | (from === 1 ? 0x80 : 0) | (end === unit.length ? 0x40 : 0);
      buffer.set(unit.subarray(from, end), at + FU_HEADERS);
      this.#out.send(FU_HEADERS + end - from, timestamp, last && end === unit.length);
    }
  }
}
