import type { Codec } from "../../../media/codec.ts";

/** Names of codecs in stream information and in commands of players, as the reference product has them. */
export const CODEC_NAMES: Readonly<Partial<Record<Codec, string>>> = {
  h264: "H264",
  h265: "HEVC",
  av1: "AV1",
  vp8: "VP8",
  vp9: "VP9",
  jpeg: "JPEG",
  aac: "AAC",
  opus: "opus",
  mp3: "MP3",
  mp2: "MP2",
  ac3: "AC3",
  eac3: "EAC3",
  flac: "FLAC",
  alaw: "ALAW",
  ulaw: "ULAW",
  l16: "PCM",
  json: "JSON",
  scte35: "SCTE35",
  id3: "ID3",
};

/** The name of a codec; its own where the reference has none. */
export function codecName(codec: Codec): string {
  return CODEC_NAMES[codec] ?? codec;
}

/** Further names that players use, and beginnings of RFC 6381 strings. */
const OTHER_NAMES: readonly (readonly [RegExp, Codec])[] = [
  [/^(avc|avc[13]\..*)$/, "h264"],
  [/^(h265|hev1.*|hvc1.*)$/, "h265"],
  [/^av01.*$/, "av1"],
  [/^vp08.*$/, "vp8"],
  [/^vp09.*$/, "vp9"],
  [/^(mjpe?g)$/, "jpeg"],
  [/^mp4a\.(40\.34|6b|69)$/, "mp3"],
  [/^mp4a.*$/, "aac"],
  [/^ac-3$/, "ac3"],
  [/^ec-3$/, "eac3"],
  [/^pcma$/, "alaw"],
  [/^pcmu$/, "ulaw"],
  [/^l16$/, "l16"],
];

const BY_NAME: ReadonlyMap<string, Codec> = new Map(
  Object.entries(CODEC_NAMES).map(([codec, name]) => [name.toLowerCase(), codec as Codec]),
);

/** The codec that a player means by a name or an RFC 6381 string; undefined where it is none of ours. */
export function codecOfName(name: string): Codec | undefined {
  const text = name.toLowerCase();
  return BY_NAME.get(text) ?? OTHER_NAMES.find(([pattern]) => pattern.test(text))?.[1];
}
