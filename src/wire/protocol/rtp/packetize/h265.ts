// RFC 7798: single NAL unit packets (4.4.1), aggregation packets for parameter sets (4.4.2), FUs (4.4.3); no DON.
import { decodeHevcConfig } from "../../../codec/h265/hvcc.ts";
import { type NalFormat, NalPacketizer } from "./nal_packetizer.ts";
import type { PacketWriter } from "./packetizer.ts";

const AP = 48;
const FU = 49;

const FORMAT: NalFormat = {
  /** `config`: HEVCDecoderConfigurationRecord. */
  sets(config) {
    const decoded = decodeHevcConfig(config);
    if (decoded.kind !== "ok") throw new RangeError("HEVCDecoderConfigurationRecord cannot be read");
    const { vps, sps, pps } = decoded.value;
    return [...vps, ...sps, ...pps];
  },
  // Layer 0, temporal layer 0: those of parameter sets.
  aggregation: [AP << 1, 1],
  unitHeader: 2,
  fragmentHeader: 3,
  fragment(unit, first, last, buffer, at) {
    const header = unit[0] as number;
    const type = (header >> 1) & 63;
    buffer[at] = (header & 0x81) | (FU << 1);
    buffer[at + 1] = unit[1] as number;
    buffer[at + 2] = type | (first ? 0x80 : 0) | (last ? 0x40 : 0);
  },
};

/** Canonical H.265 frames into packets; parameter sets go before every key frame. */
export class H265Packetizer extends NalPacketizer {
  constructor(out: PacketWriter) {
    super(FORMAT, out);
  }
}
