import type { Codec } from "../../../../media/codec.ts";
import type { Track } from "../../../../media/track.ts";
import { AacPacketizer } from "./aac.ts";
import { Ac3Packetizer } from "./ac3.ts";
import { Av1Packetizer } from "./av1.ts";
import { DocumentPacketizer } from "./document.ts";
import { H264Packetizer } from "./h264.ts";
import { H265Packetizer } from "./h265.ts";
import { JpegPacketizer } from "./jpeg.ts";
import { MpaPacketizer } from "./mpa.ts";
import type { Packetizer, PacketWriter } from "./packetizer.ts";
import { SamplesPacketizer } from "./samples.ts";
import { Vp8Packetizer } from "./vp8.ts";
import { Vp9Packetizer } from "./vp9.ts";
import { WholeFramePacketizer } from "./whole_frame.ts";

/** Makes the packetizer of a codec. `channels`: of an audio track, 1 for others. */
export type OpenPacketizer = (out: PacketWriter, channels: number) => Packetizer;

/**
 * Every codec that can be sent over RTP. `wire/protocol/sdp/track_format.ts` has the SDP lines of each, `TrackSender`
 * drives one packetizer for a track.
 */
export const PACKETIZERS: Readonly<Partial<Record<Codec, OpenPacketizer>>> = {
  h264: (out) => new H264Packetizer(out),
  h265: (out) => new H265Packetizer(out),
  av1: (out) => new Av1Packetizer(out),
  vp8: (out) => new Vp8Packetizer(out),
  vp9: (out) => new Vp9Packetizer(out),
  jpeg: (out) => new JpegPacketizer(out),
  aac: (out) => new AacPacketizer(out),
  opus: (out) => new WholeFramePacketizer(out),
  mp3: (out) => new MpaPacketizer(out),
  mp2: (out) => new MpaPacketizer(out),
  ac3: (out) => new Ac3Packetizer(out, false),
  eac3: (out) => new Ac3Packetizer(out, true),
  alaw: (out, channels) => new SamplesPacketizer(out, channels),
  ulaw: (out, channels) => new SamplesPacketizer(out, channels),
  l16: (out, channels) => new SamplesPacketizer(out, 2 * channels),
  onvif: (out) => new DocumentPacketizer(out),
  klv: (out) => new DocumentPacketizer(out),
};

/** The packetizer of a track, configured. Throws RangeError for a codec that RTP does not carry. */
export function openPacketizer(track: Track, out: PacketWriter): Packetizer {
  const open = PACKETIZERS[track.codec];
  if (open === undefined) throw new RangeError(`RTP does not carry ${track.codec}`);
  const packetizer = open(out, track.kind === "audio" ? Math.max(1, track.channels) : 1);
  packetizer.config(track.config);
  return packetizer;
}
