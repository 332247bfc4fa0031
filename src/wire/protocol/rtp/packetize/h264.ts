// RFC 6184, packetization-mode=1: single NAL unit packets (5.6), STAP-A for parameter sets (5.7.1), FU-A (5.8).
import { decodeAvcConfig } from "../../../codec/h264/avcc.ts";
import { type NalFormat, NalPacketizer } from "./nal_packetizer.ts";
import type { PacketWriter } from "./packetizer.ts";

const STAP_A = 24;
const FU_A = 28;

const FORMAT: NalFormat = {
  /** `config`: AVCDecoderConfigurationRecord. */
  sets(config) {
    const decoded = decodeAvcConfig(config);
    if (decoded.kind !== "ok") throw new RangeError("AVCDecoderConfigurationRecord cannot be read");
    return [...decoded.value.sps, ...decoded.value.pps];
  },
  // The most important NRI of the units in it; parameter sets have the highest.
  aggregation: [0x60 | STAP_A],
  unitHeader: 1,
  fragmentHeader: 2,
  fragment(unit, first, last, buffer, at) {
    const header = unit[0] as number;
    buffer[at] = (header & 0xe0) | FU_A;
    buffer[at + 1] = (header & 31) | (first ? 0x80 : 0) | (last ? 0x40 : 0);
  },
};

/** Canonical H.264 frames into packets; parameter sets go before every key frame. */
export class H264Packetizer extends NalPacketizer {
  constructor(out: PacketWriter) {
    super(FORMAT, out);
  }
}
