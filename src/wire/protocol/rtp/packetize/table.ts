import type { Codec } from "../../../../media/codec.ts";
import { AacPacketizer } from "./aac.ts";
import { H264Packetizer } from "./h264.ts";
import type { Packetizer, PacketWriter } from "./packetizer.ts";

/** Makes the packetizer of a codec. */
export type OpenPacketizer = (out: PacketWriter) => Packetizer;

/** Every codec that can be sent over RTP. */
export const PACKETIZERS: Readonly<Partial<Record<Codec, OpenPacketizer>>> = {
  h264: (out) => new H264Packetizer(out),
  aac: (out) => new AacPacketizer(out),
};
