import {
  aacFrameSamples,
  aacOutputRate,
  decodeAudioSpecificConfig,
} from "../../../codec/aac/audio_specific_config.ts";
import { fmtpHex, fmtpInteger, type RtpFormat } from "../format.ts";
import { Ac3Depacketizer } from "./ac3.ts";
import { Av1Depacketizer } from "./av1.ts";
import type { Depacketizer, UnitSink } from "./depacketizer.ts";
import { DocumentDepacketizer } from "./document.ts";
import { H264Depacketizer } from "./h264.ts";
import { H265Depacketizer } from "./h265.ts";
import { JpegDepacketizer } from "./jpeg.ts";
import { MpaDepacketizer } from "./mpa.ts";
import { latmShape, Mp4aLatmDepacketizer } from "./mp4a_latm.ts";
import { auHeaderShape, Mpeg4GenericDepacketizer } from "./mpeg4_generic.ts";
import { Vp8Depacketizer } from "./vp8.ts";
import { Vp9Depacketizer } from "./vp9.ts";
import { WholePayloadDepacketizer } from "./whole_payload.ts";

/** Makes the depacketizer of a format; `max` bounds an access unit in bytes. */
export type OpenDepacketizer = (format: RtpFormat, sink: UnitSink, max: number) => Depacketizer;

/** Every payload format that is read, by the encoding name of its rtpmap in upper case. */
export const DEPACKETIZERS: Readonly<Record<string, OpenDepacketizer>> = {
  H264: (_format, sink, max) => new H264Depacketizer(sink, max),
  H265: (format, sink, max) =>
    new H265Depacketizer(sink, fmtpInteger(format, "sprop-max-don-diff", 0) > 0, max),
  AV1: (_format, sink, max) => new Av1Depacketizer(sink, max),
  VP8: (_format, sink, max) => new Vp8Depacketizer(sink, max),
  VP9: (_format, sink, max) => new Vp9Depacketizer(sink, max),
  JPEG: (_format, sink, max) => new JpegDepacketizer(sink, max),
  "MPEG4-GENERIC": (format, sink, max) =>
    new Mpeg4GenericDepacketizer(sink, auHeaderShape(format), aacTicks(format), max),
  "MP4A-LATM": (format, sink) => new Mp4aLatmDepacketizer(sink, latmShape(format), format.clockRate),
  PCMA: (format, sink) => new WholePayloadDepacketizer(sink, Math.max(1, format.channels)),
  PCMU: (format, sink) => new WholePayloadDepacketizer(sink, Math.max(1, format.channels)),
  L16: (format, sink) => new WholePayloadDepacketizer(sink, 2 * Math.max(1, format.channels)),
  OPUS: (_format, sink) => new WholePayloadDepacketizer(sink, 1),
  MPA: (format, sink) => new MpaDepacketizer(sink, format.clockRate),
  AC3: (_format, sink) => new Ac3Depacketizer(sink, false),
  EAC3: (_format, sink) => new Ac3Depacketizer(sink, true),
  SMPTE336M: (_format, sink, max) => new DocumentDepacketizer(sink, max),
  "VND.ONVIF.METADATA": (_format, sink, max) => new DocumentDepacketizer(sink, max),
};

/** Length of an AAC access unit in ticks of the RTP clock. */
function aacTicks(format: RtpFormat): number {
  const config = fmtpHex(format, "config");
  const decoded = config && decodeAudioSpecificConfig(config);
  if (decoded?.kind !== "ok") return 1024;
  return Math.round((aacFrameSamples(decoded.value) * format.clockRate) / aacOutputRate(decoded.value));
}
