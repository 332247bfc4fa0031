import type { WallMillis } from "../../../base/units.ts";
import { Bare, printDecimal, printTag, YES } from "./attributes.ts";

/** RFC 8216bis, 4.4.4.9 (EXT-X-PART). */
export interface PlaylistPart {
  readonly uri: string;
  readonly seconds: number;
  /** Begins with a frame that a decoder may start at. */
  readonly independent: boolean;
  /** The rendition has no media in it; the URI is not to be asked for. */
  readonly gap: boolean;
}

/** RFC 8216bis, 4.4.4: one segment and what applies to it. */
export interface PlaylistSegment {
  /** Undefined while it is still open: then only its parts are listed. */
  readonly uri: string | undefined;
  readonly seconds: number;
  readonly programDateTime: WallMillis;
  readonly discontinuity: boolean;
  readonly gap: boolean;
  /** Init segment that its media needs; printed where it differs from the one before. */
  readonly map: string | undefined;
  /** Empty for segments so old that nobody wants their parts. */
  readonly parts: readonly PlaylistPart[];
}

/** RFC 8216bis, 4.4.5.4 (EXT-X-RENDITION-REPORT). */
export interface RenditionReport {
  readonly uri: string;
  readonly lastMsn: number;
  readonly lastPart: number | undefined;
}

/** A live playlist of one rendition. */
export interface MediaPlaylist {
  /** Longest segment, seconds, a whole number. */
  readonly targetSeconds: number;
  /** Longest part, seconds; undefined: no parts, and nothing that goes with them. */
  readonly partTargetSeconds: number | undefined;
  /** Sequence number and discontinuity number of `segments[0]`, RFC 8216bis, 4.4.3.2 and 4.4.3.3. */
  readonly mediaSequence: number;
  readonly discontinuitySequence: number;
  readonly segments: readonly PlaylistSegment[];
  /** The part that will come next. */
  readonly hint: string | undefined;
  readonly reports: readonly RenditionReport[];
}

/** RFC 8216bis, 4.4.3.8: PART-HOLD-BACK should be at least three part targets, however a reader rounds. */
const PART_HOLD_BACK = 3.005;
/** RFC 8216bis, 4.4.3.8: the skip boundary is at least six target durations before the end. */
const SKIP_UNTIL = 6;

/** How far from the end of the playlist delta updates begin to leave out segments, in seconds. */
export function skipUntilSeconds(targetSeconds: number): number {
  return SKIP_UNTIL * targetSeconds;
}

/**
 * How many of the first segments a delta update leaves out (RFC 8216bis, 6.2.5.1): those that end before the skip
 * boundary. 0 where a whole playlist is as short.
 */
export function skippable(playlist: MediaPlaylist): number {
  let left = skipUntilSeconds(playlist.targetSeconds);
  let at = playlist.segments.length;
  while (at > 0 && left > 0) {
    const segment = playlist.segments[--at] as PlaylistSegment;
    left -= segment.uri === undefined ? partsSeconds(segment) : segment.seconds;
  }
  return at;
}

function partsSeconds(segment: PlaylistSegment): number {
  let sum = 0;
  for (const part of segment.parts) sum += part.seconds;
  return sum;
}

/**
 * Prints a playlist (RFC 8216bis, 4.4). With `skip` above 0 it is a delta update that leaves out so many segments:
 * see {@link skippable}.
 */
export function printMediaPlaylist(playlist: MediaPlaylist, skip = 0): string {
  const { targetSeconds, partTargetSeconds } = playlist;
  const lines = ["#EXTM3U"];
  if (partTargetSeconds === undefined) {
    // RFC 8216, 7: EXT-X-MAP beside segments that are not I-frames wants version 6, floating-point lengths 3.
    const version = playlist.segments.some((s) => s.map !== undefined) ? 6 : 3;
    lines.push(`#EXT-X-VERSION:${version}`, `#EXT-X-TARGETDURATION:${targetSeconds}`);
  } else {
    lines.push(
      "#EXT-X-VERSION:9",
      `#EXT-X-TARGETDURATION:${targetSeconds}`,
      printTag("EXT-X-SERVER-CONTROL", [
        ["CAN-BLOCK-RELOAD", YES],
        ["CAN-SKIP-UNTIL", skipUntilSeconds(targetSeconds)],
        ["PART-HOLD-BACK", new Bare(ceiled(partTargetSeconds * PART_HOLD_BACK, 3))],
      ]),
      `#EXT-X-PART-INF:PART-TARGET=${ceiled(partTargetSeconds, 6)}`,
    );
  }
  lines.push(`#EXT-X-MEDIA-SEQUENCE:${playlist.mediaSequence}`);
  if (playlist.discontinuitySequence > 0) {
    lines.push(`#EXT-X-DISCONTINUITY-SEQUENCE:${playlist.discontinuitySequence}`);
  }
  if (skip > 0) lines.push(`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skip}`);
  let map: string | undefined;
  playlist.segments.forEach((segment, n) => {
    const newMap = segment.map !== undefined && segment.map !== map;
    map = segment.map ?? map;
    if (n >= skip) pushSegment(lines, segment, newMap);
  });
  if (playlist.hint !== undefined) {
    lines.push(printTag("EXT-X-PRELOAD-HINT", [["TYPE", new Bare("PART")], ["URI", playlist.hint]]));
  }
  for (const report of playlist.reports) {
    lines.push(printTag("EXT-X-RENDITION-REPORT", [
      ["URI", report.uri],
      ["LAST-MSN", report.lastMsn],
      ["LAST-PART", report.lastPart],
    ]));
  }
  lines.push("");
  return lines.join("\n");
}

function pushSegment(lines: string[], segment: PlaylistSegment, newMap: boolean): void {
  // An open segment without a part has nothing yet that its tags could apply to.
  if (segment.uri === undefined && segment.parts.length === 0) return;
  if (segment.discontinuity) lines.push("#EXT-X-DISCONTINUITY");
  if (newMap) lines.push(printTag("EXT-X-MAP", [["URI", segment.map]]));
  lines.push(`#EXT-X-PROGRAM-DATE-TIME:${new Date(segment.programDateTime).toISOString()}`);
  for (const part of segment.parts) lines.push(printPart(part));
  if (segment.uri === undefined) return;
  if (segment.gap) lines.push("#EXT-X-GAP");
  lines.push(`#EXTINF:${segment.seconds.toFixed(5)},`, segment.uri);
}

function printPart(part: PlaylistPart): string {
  const independent = part.independent ? ",INDEPENDENT=YES" : "";
  const gap = part.gap ? ",GAP=YES" : "";
  return `#EXT-X-PART:DURATION=${printDecimal(part.seconds)},URI="${part.uri}"${independent}${gap}`;
}

/** Rounded up, so that no part is longer than the target says. */
function ceiled(value: number, decimals: number): string {
  const scale = 10 ** decimals;
  return String(Math.ceil(Number((value * scale).toFixed(3))) / scale);
}
