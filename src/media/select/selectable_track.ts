import type { Codec } from "../codec.ts";
import type { Track } from "../track.ts";

/** A track that selectors choose from. */
export interface SelectableTrack {
  readonly id: number;
  readonly track: Track;
  /** Bits per second, measured; 0 while unknown. */
  readonly bitRate: number;
  /** Has frames that are shown in another order than they are decoded in. */
  readonly reordered?: boolean;
}

/** What the parameters of the same names select from. */
export type SelectionKind = "video" | "audio" | "subtitle" | "meta";

const SUBTITLES: ReadonlySet<Codec> = new Set<Codec>(["subtitle", "dvbsub", "teletext"]);

/** Which parameter selects a track. */
export function selectionKind({ kind, codec }: Track): SelectionKind {
  if (kind !== "data") return kind;
  return SUBTITLES.has(codec) ? "subtitle" : "meta";
}
