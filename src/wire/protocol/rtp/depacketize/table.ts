import {
  aacFrameSamples,
  aacOutputRate,
  decodeAudioSpecificConfig,
} from "../../../codec/aac/audio_specific_config.ts";
import { fmtpHex, type RtpFormat } from "../format.ts";
import type { Depacketizer, UnitSink } from "./depacketizer.ts";
import { H264Depacketizer } from "./h264.ts";
import { auHeaderShape, Mpeg4GenericDepacketizer } from "./mpeg4_generic.ts";

/** Makes the depacketizer of a format; `max` bounds an access unit in bytes. */
export type OpenDepacketizer = (format: RtpFormat, sink: UnitSink, max: number) => Depacketizer;

/** Every payload format that is read, by the encoding name of its rtpmap in upper case. */
export const DEPACKETIZERS: Readonly<Record<string, OpenDepacketizer>> = {
  H264: (_format, sink, max) => new H264Depacketizer(sink, max),
  "MPEG4-GENERIC": (format, sink, max) =>
    new Mpeg4GenericDepacketizer(sink, auHeaderShape(format), aacTicks(format), max),
};

/** Length of an AAC access unit in ticks of the RTP clock. */
function aacTicks(format: RtpFormat): number {
  const config = fmtpHex(format, "config");
  const decoded = config && decodeAudioSpecificConfig(config);
  if (decoded?.kind !== "ok") return 1024;
  return Math.round((aacFrameSamples(decoded.value) * format.clockRate) / aacOutputRate(decoded.value));
}
