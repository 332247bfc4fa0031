import { Parser } from "m3u8-parser";

/** What tests look at of m3u8-parser's manifest, which comes without types. */
export interface ReadPart {
  readonly uri: string;
  readonly duration: number;
  readonly independent?: boolean;
  readonly gap?: boolean;
}

export interface ReadSegment {
  readonly uri: string;
  readonly duration: number;
  readonly programDateTime: number;
  readonly discontinuity?: boolean;
  readonly map: { readonly uri: string };
  readonly parts?: readonly ReadPart[];
}

export interface ReadManifest {
  readonly targetDuration: number;
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  readonly partTargetDuration: number;
  readonly serverControl: Record<string, number | boolean>;
  readonly skip?: { readonly skippedSegments: number };
  readonly segments: readonly ReadSegment[];
  /** Parts of the open segment. */
  readonly preloadSegment?: {
    readonly parts?: readonly ReadPart[];
    readonly preloadHints?: readonly { uri: string }[];
  };
  readonly renditionReports?: readonly { uri: string; lastMsn: number; lastPart: number }[];
  readonly playlists?: readonly { uri: string; attributes: Record<string, unknown> }[];
  readonly mediaGroups?: { AUDIO: Record<string, Record<string, Record<string, unknown>>> };
}

/** Reads a playlist with software that was not written here. */
export function readPlaylist(text: string): ReadManifest {
  const parser = new Parser();
  parser.push(text);
  parser.end();
  return parser.manifest as unknown as ReadManifest;
}
