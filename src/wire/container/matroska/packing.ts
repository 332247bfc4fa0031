// Matroska Codec Specifications (IETF CELLAR, draft-ietf-cellar-codec): CodecID and CodecPrivate. One table row a codec.
import type { Codec } from "../../../media/codec.ts";
import type { AudioTrack, Track } from "../../../media/track.ts";
import { nativeFlacHeader } from "../../codec/flac/native_header.ts";
import { decodeOpusConfig } from "../../codec/opus/opus.ts";
import { opusHead } from "../../codec/opus/opus_head.ts";
import { encodeWaveFormat } from "../riff/wave_format.ts";

/** How the frames of a codec lie in blocks. */
export interface MatroskaPacking {
  readonly codecId: string;
  readonly codecPrivate?: (track: Track) => Uint8Array;
  /** Also part of WebM. */
  readonly webm?: boolean;
  /** Blocks tell how long they last. */
  readonly timed?: boolean;
  /** Bits of a sample, of PCM alone. */
  readonly bitDepth?: number;
}

/** RFC 7845, 4.6: what a decoder has to be given before the wanted sample, ns. */
export const OPUS_PRE_ROLL = 80_000_000;

const config = (track: Track) => track.config;

/** VFW's way for codecs that have a format tag of Windows alone. */
const acm = (track: Track) => encodeWaveFormat(track as AudioTrack);

const PACKINGS: Readonly<Partial<Record<Codec, MatroskaPacking>>> = {
  h264: { codecId: "V_MPEG4/ISO/AVC", codecPrivate: config },
  h265: { codecId: "V_MPEGH/ISO/HEVC", codecPrivate: config },
  av1: { codecId: "V_AV1", codecPrivate: config, webm: true },
  vp8: { codecId: "V_VP8", webm: true },
  vp9: { codecId: "V_VP9", webm: true },
  jpeg: { codecId: "V_MJPEG" },
  aac: { codecId: "A_AAC", codecPrivate: config },
  opus: { codecId: "A_OPUS", codecPrivate: (track) => opusHead(track.config), webm: true },
  mp3: { codecId: "A_MPEG/L3" },
  mp2: { codecId: "A_MPEG/L2" },
  ac3: { codecId: "A_AC3" },
  eac3: { codecId: "A_EAC3" },
  flac: { codecId: "A_FLAC", codecPrivate: (track) => nativeFlacHeader(track.config) },
  alaw: { codecId: "A_MS/ACM", codecPrivate: acm, bitDepth: 8 },
  ulaw: { codecId: "A_MS/ACM", codecPrivate: acm, bitDepth: 8 },
  l16: { codecId: "A_PCM/INT/BIG", bitDepth: 16 },
  subtitle: { codecId: "S_TEXT/UTF8", timed: true },
  // The reference's name; no registered one exists.
  json: { codecId: "M_JSON" },
};

/** How a codec lies in a file of this type; undefined where it has no place there. */
export function matroskaPacking(codec: Codec, webm: boolean): MatroskaPacking | undefined {
  if (!webm) return PACKINGS[codec];
  return PACKINGS[codec]?.webm === true ? PACKINGS[codec] : undefined;
}

/** CodecDelay of an Opus track, ns. */
export function opusDelay(track: Track): number {
  const decoded = decodeOpusConfig(track.config);
  return decoded.kind === "ok" ? Math.round((decoded.value.preSkip * 1e9) / 48_000) : 0;
}
