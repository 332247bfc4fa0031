// Format parameters of a track: RFC 6184, 8.2.1; RFC 7798, 7.1; RTP Payload Format For AV1, 7; RFC 9628, 6; RFC 3640, 4.1;
// RFC 7587, 7; RFC 4184, 5; RFC 4598, 5; RFC 6597, 6.
import type { AudioTrack, Track } from "../../../media/track.ts";
import { decodeAvcConfig } from "../../codec/h264/avcc.ts";
import { decodeHevcConfig } from "../../codec/h265/hvcc.ts";
import { decodeOpusConfig } from "../../codec/opus/opus.ts";
import type { RtpFormat } from "../rtp/format.ts";
import { PACKETIZERS } from "../rtp/packetize/table.ts";
import type { SdpMedia } from "./print.ts";
import { STATIC_PAYLOADS } from "./static_payloads.ts";

const VIDEO_CLOCK = 90_000;
type Parameters = readonly (readonly [string, string])[];
type Shape = Omit<RtpFormat, "payloadType" | "fmtp"> & { readonly parameters: Parameters };

const video = (encoding: string, parameters: Parameters = []): Shape => ({
  encoding,
  clockRate: VIDEO_CLOCK,
  channels: 1,
  parameters,
});

const audio = (track: AudioTrack, encoding: string, parameters: Parameters = []): Shape => ({
  encoding,
  clockRate: track.sampleRate,
  channels: Math.max(1, track.channels),
  parameters,
});

/**
 * How RTP carries a track: encoding, clock and format parameters. `payloadType` is used unless the format has one of
 * its own that never changes. Undefined when RTP has no way for it.
 */
export function trackFormat(track: Track, payloadType: number): RtpFormat | undefined {
  if (PACKETIZERS[track.codec] === undefined) return undefined;
  const shape = shapeOf(track);
  if (shape === undefined) return undefined;
  const { encoding, clockRate, channels, parameters } = shape;
  return {
    payloadType: staticPayload(encoding, clockRate, channels) ?? payloadType,
    encoding,
    clockRate,
    channels,
    fmtp: new Map(parameters),
  };
}

/** A track's media section, for {@link printSdp}; undefined when RTP has no way for the track. */
export function describeMedia(
  track: Track,
  o: {
    readonly payloadType: number;
    readonly control: string;
    readonly port?: number;
    readonly bandwidth?: number;
  },
): SdpMedia | undefined {
  const format = trackFormat(track, o.payloadType);
  if (format === undefined) return undefined;
  return {
    type: track.kind === "data" ? "application" : track.kind,
    port: o.port ?? 0,
    control: o.control,
    formats: [format],
    ...(track.kind === "video" && track.frameRate > 0 ? { frameRate: track.frameRate } : {}),
    ...(o.bandwidth === undefined ? {} : { bandwidth: o.bandwidth }),
  };
}

function shapeOf(track: Track): Shape | undefined {
  if (track.kind === "audio") return audioShape(track);
  switch (track.codec) {
    case "h264":
      return h264(track.config);
    case "h265":
      return h265(track.config);
    case "av1":
      return video("AV1", av1(track.config));
    case "vp8":
      return video("VP8");
    case "vp9":
      return video("VP9", track.config.length > 0 ? [["profile-id", String(track.config[0])]] : []);
    case "jpeg":
      return video("JPEG");
    case "onvif":
      return video("VND.ONVIF.METADATA");
    case "klv":
      return video("SMPTE336M");
    default:
      return undefined;
  }
}

function audioShape(track: AudioTrack): Shape | undefined {
  switch (track.codec) {
    case "aac":
      return audio(track, "MPEG4-GENERIC", [
        ["streamtype", "5"],
        ["profile-level-id", "1"],
        ["mode", "AAC-hbr"],
        ["sizelength", "13"],
        ["indexlength", "3"],
        ["indexdeltalength", "3"],
        ["config", hex(track.config)],
      ]);
    case "opus":
      return opus(track);
    case "mp3":
    case "mp2":
      return { ...audio(track, "MPA"), clockRate: VIDEO_CLOCK, channels: 1 };
    case "ac3":
      return audio(track, "AC3");
    case "eac3":
      return audio(track, "EAC3");
    case "alaw":
      return audio(track, "PCMA");
    case "ulaw":
      return audio(track, "PCMU");
    case "l16":
      return audio(track, "L16");
    default:
      return undefined;
  }
}

function h264(config: Uint8Array): Shape | undefined {
  const decoded = decodeAvcConfig(config);
  if (decoded.kind !== "ok") return undefined;
  const { sps, pps } = decoded.value;
  return video("H264", [
    ["packetization-mode", "1"],
    ["profile-level-id", hex(config.subarray(1, 4)).toUpperCase()],
    ["sprop-parameter-sets", base64List([...sps, ...pps])],
  ]);
}

function h265(config: Uint8Array): Shape | undefined {
  const decoded = decodeHevcConfig(config);
  if (decoded.kind !== "ok") return undefined;
  const { vps, sps, pps } = decoded.value;
  return video("H265", [
    ["sprop-vps", base64List(vps)],
    ["sprop-sps", base64List(sps)],
    ["sprop-pps", base64List(pps)],
  ]);
}

/** From the second and third byte of an AV1CodecConfigurationRecord, AV1-ISOBMFF, 2.3.3. */
function av1(config: Uint8Array): Parameters {
  const levels = config[1];
  const tier = config[2];
  if (levels === undefined || tier === undefined) return [];
  return [["profile", String(levels >> 5)], ["level-idx", String(levels & 31)], ["tier", String(tier >> 7)]];
}

/** Always 48 kHz and two channels in the rtpmap, whatever the packets hold. More than two have no standard. */
function opus(track: AudioTrack): Shape | undefined {
  const decoded = decodeOpusConfig(track.config);
  const channels = decoded.kind === "ok" ? decoded.value.channels : track.channels;
  if (channels > 2) return undefined;
  const stereo = channels === 2 ? "1" : "0";
  return { encoding: "OPUS", clockRate: 48_000, channels: 2, parameters: [["sprop-stereo", stereo]] };
}

function staticPayload(encoding: string, clockRate: number, channels: number): number | undefined {
  for (const [payloadType, fixed] of STATIC_PAYLOADS) {
    if (fixed.encoding === encoding && fixed.clockRate === clockRate && fixed.channels === channels) {
      return payloadType;
    }
  }
  return undefined;
}

function hex(bytes: Uint8Array): string {
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

function base64List(sets: readonly Uint8Array[]): string {
  return sets.map((set) => btoa(String.fromCharCode(...set))).join(",");
}
