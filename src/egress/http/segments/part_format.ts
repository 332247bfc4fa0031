import type { SegmentFacts } from "./rendition_segment.ts";
import type { SegmentBuffer } from "./segment_buffer.ts";

/** How muxing a part ended. */
export type MuxResult =
  | "ok"
  /** No track has media in it. */
  | "gap"
  /** The buffer's writer has overwritten it, before or while it was copied. */
  | "lapped";

/**
 * How one rendition's parts become bytes: what it writes depends on the buffer's frames and the part's number only, so
 * that every worker writes the same, whenever it began.
 */
export interface PartFormat {
  /** Ending of the names of its segments and parts, without the dot. */
  readonly extension: string;
  /** Content type of segments and parts. */
  readonly mimeType: string;
  /**
   * What players need besides the segments, where the tracks have these configurations: name of the init section, or
   * nothing. Undefined when such media cannot be given out.
   */
  needs(versions: readonly number[]): { readonly map: string | undefined } | undefined;
  /**
   * Appends part `part` of a segment to `out`. `versions[n]` is the configuration that track n has in the segment;
   * media of another one is left out. Nothing is appended unless the answer is `ok`.
   */
  append(segment: SegmentFacts, part: number, versions: readonly number[], out: SegmentBuffer): MuxResult;
  /** Bytes of an init section, by its name. */
  init(name: string): Uint8Array<ArrayBuffer> | undefined;
  /** Forgets what only other configurations than these, joined by `_`, need. */
  keep(versions: ReadonlySet<string>): void;
}
