import { Bare, NO, printDecimal, printTag, YES } from "./attributes.ts";

/** RFC 8216bis, 4.4.6.1 (EXT-X-MEDIA) of audio. */
export interface AudioRendition {
  /** Undefined where it is in the variants' own playlists. */
  readonly uri: string | undefined;
  readonly group: string;
  readonly name: string;
  /** BCP 47 or ISO 639-2; left out when undefined. */
  readonly language: string | undefined;
  readonly channels: number;
  readonly isDefault: boolean;
}

/** RFC 8216bis, 4.4.6.2 (EXT-X-STREAM-INF). */
export interface Variant {
  readonly uri: string;
  /** Highest bit rate of any segment with that of its audio, bits per second. */
  readonly bandwidth: number;
  readonly averageBandwidth: number;
  /** RFC 6381 strings of everything that playing it needs. */
  readonly codecs: readonly string[];
  /** Undefined for audio. */
  readonly resolution: { readonly width: number; readonly height: number } | undefined;
  /** Undefined for audio or when unknown. */
  readonly frameRate: number | undefined;
  /** Group of {@link AudioRendition}s that belongs to it. */
  readonly audio: string | undefined;
}

export interface MultivariantPlaylist {
  /** Every segment of every rendition begins with a key frame. */
  readonly independentSegments: boolean;
  /** Lines for people, one `#` line each. */
  readonly comments: readonly string[];
  readonly audio: readonly AudioRendition[];
  readonly variants: readonly Variant[];
}

/** Prints a multivariant playlist (RFC 8216bis, 4.4.6). */
export function printMultivariantPlaylist(playlist: MultivariantPlaylist): string {
  const lines = ["#EXTM3U", "#EXT-X-VERSION:9"];
  if (playlist.independentSegments) lines.push("#EXT-X-INDEPENDENT-SEGMENTS");
  for (const comment of playlist.comments) lines.push(`# ${comment.replace(/\s+/g, " ")}`);
  for (const a of playlist.audio) {
    lines.push(printTag("EXT-X-MEDIA", [
      ["TYPE", new Bare("AUDIO")],
      ["GROUP-ID", a.group],
      ["NAME", a.name],
      ["LANGUAGE", a.language],
      ["DEFAULT", a.isDefault ? YES : NO],
      ["AUTOSELECT", YES],
      ["CHANNELS", String(a.channels)],
      ["URI", a.uri],
    ]));
  }
  for (const v of playlist.variants) {
    lines.push(
      printTag("EXT-X-STREAM-INF", [
        ["BANDWIDTH", Math.ceil(v.bandwidth)],
        ["AVERAGE-BANDWIDTH", Math.ceil(v.averageBandwidth)],
        ["CODECS", v.codecs.join(",")],
        ["RESOLUTION", v.resolution && new Bare(`${v.resolution.width}x${v.resolution.height}`)],
        ["FRAME-RATE", v.frameRate === undefined ? undefined : new Bare(printRate(v.frameRate))],
        ["AUDIO", v.audio],
      ]),
      v.uri,
    );
  }
  lines.push("");
  return lines.join("\n");
}

/** Three decimals at most, as 4.4.6.2 recommends: `29.97`. */
function printRate(rate: number): string {
  return printDecimal(Number(rate.toFixed(3)));
}
