// RFC 6184, packetization-mode=1: single NAL unit packets (5.6), STAP-A for parameter sets (5.7.1), FU-A (5.8).
import { decodeAvcConfig } from "../../../codec/h264/avcc.ts";
import { splitLengthPrefixed } from "../../../codec/nal.ts";
import { RTP_HEADER } from "../packet.ts";
import type { Packetizer, PacketWriter } from "./packetizer.ts";

const STAP_A = 24;
const FU_A = 28;

/** Canonical H.264 frames into packets; parameter sets go before every key frame. */
export class H264Packetizer implements Packetizer {
  readonly #out: PacketWriter;
  #sets: readonly Uint8Array[] = [];

  constructor(out: PacketWriter) {
    this.#out = out;
  }

  /** `config`: AVCDecoderConfigurationRecord. Throws RangeError when it cannot be read. */
  config(config: Uint8Array): void {
    const decoded = decodeAvcConfig(config);
    if (decoded.kind !== "ok") throw new RangeError("AVCDecoderConfigurationRecord cannot be read");
    this.#sets = [...decoded.value.sps, ...decoded.value.pps];
  }

  /** Throws Truncated when `data` is no sequence of length-prefixed NAL units. */
  frame(data: Uint8Array, timestamp: number, key: boolean): void {
    if (key) this.#parameterSets(timestamp);
    const units = splitLengthPrefixed(data);
    for (let i = 0; i < units.length; i++) {
      const unit = units[i] as Uint8Array;
      if (unit.length > 0) this.#unit(unit, timestamp, i === units.length - 1);
    }
  }

  #parameterSets(timestamp: number): void {
    let length = 1;
    for (const set of this.#sets) length += 2 + set.length;
    if (this.#sets.length < 2 || length > this.#out.room) {
      for (const set of this.#sets) this.#unit(set, timestamp, false);
      return;
    }
    const buffer = this.#out.buffer;
    let at = RTP_HEADER;
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
    const { buffer, room } = this.#out;
    if (unit.length <= room) {
      buffer.set(unit, RTP_HEADER);
      return this.#out.send(unit.length, timestamp, last);
    }
    const first = unit[0] as number;
    for (let at = 1; at < unit.length; at += room - 2) {
      const end = Math.min(unit.length, at + room - 2);
      buffer[RTP_HEADER] = (first & 0xe0) | FU_A;
      buffer[RTP_HEADER + 1] = (first & 31) | (at === 1 ? 0x80 : 0) | (end === unit.length ? 0x40 : 0);
      buffer.set(unit.subarray(at, end), RTP_HEADER + 2);
      this.#out.send(2 + end - at, timestamp, last && end === unit.length);
    }
  }
}
