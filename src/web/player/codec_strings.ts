import type { TrackInfo } from "./stream_info.ts";

/** For tracks of which the server gives no RFC 6381 string: a usual one of that codec, by its name in the reference. */
const USUAL: Readonly<Record<string, string>> = {
  H264: "avc1.64001f",
  HEVC: "hvc1.1.6.L93.B0",
  H265: "hvc1.1.6.L93.B0",
  AV1: "av01.0.05M.08",
  VP8: "vp8",
  VP9: "vp09.00.31.08",
  JPEG: "jpeg",
  AAC: "mp4a.40.2",
  MP3: "mp4a.6b",
  MP2: "mp4a.6b",
  OPUS: "opus",
  AC3: "ac-3",
  EAC3: "ec-3",
  FLAC: "flac",
  VORBIS: "vorbis",
  ALAW: "flac",
  ULAW: "flac",
  PCM: "flac",
};

/** Sound without compression goes into MP4 as FLAC. */
const AS_FLAC = new Set(["ALAW", "ULAW", "PCM"]);

/** The codec string of a track as it stands in MP4. */
export function codecString(track: TrackInfo): string {
  const name = track.codec.toUpperCase();
  if (AS_FLAC.has(name)) return "flac";
  return track.codecstring || USUAL[name] || name.toLowerCase();
}

/** Whether its pictures are H.265. */
export function isHevc(track: TrackInfo): boolean {
  return /^(HEVC|H265)$/i.test(track.codec);
}

/** What the server is told that this browser plays, in the reference's names, if it plays `string` in MP4. */
export const SOCKET_CODECS: readonly {
  readonly name: string;
  readonly mime: string;
}[] = [
  { name: "H264", mime: 'video/mp4; codecs="avc1.64001f"' },
  { name: "HEVC", mime: 'video/mp4; codecs="hvc1.1.6.L93.B0"' },
  { name: "AV1", mime: 'video/mp4; codecs="av01.0.05M.08"' },
  { name: "VP9", mime: 'video/mp4; codecs="vp09.00.31.08"' },
  { name: "VP8", mime: 'video/mp4; codecs="vp08.00.31.08"' },
  { name: "AAC", mime: 'audio/mp4; codecs="mp4a.40.2"' },
  { name: "MP3", mime: 'audio/mp4; codecs="mp4a.6b"' },
  { name: "opus", mime: 'audio/mp4; codecs="opus"' },
  { name: "AC3", mime: 'audio/mp4; codecs="ac-3"' },
  { name: "EAC3", mime: 'audio/mp4; codecs="ec-3"' },
  { name: "FLAC", mime: 'audio/mp4; codecs="flac"' },
  { name: "ALAW", mime: 'audio/mp4; codecs="flac"' },
  { name: "ULAW", mime: 'audio/mp4; codecs="flac"' },
  { name: "PCM", mime: 'audio/mp4; codecs="flac"' },
];
