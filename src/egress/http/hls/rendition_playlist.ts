import type { StreamView } from "../../../buffer/stream_view.ts";
import {
  type MediaPlaylist,
  type PlaylistSegment,
  printMediaPlaylist,
  type RenditionReport,
  skippable,
} from "../../../wire/protocol/hls/media_playlist.ts";
import { CompressibleBody } from "../gzip.ts";
import type { Rendition } from "./rendition.ts";
import type { RenditionSegment } from "./rendition_segment.ts";

/** Parts are listed for so many target durations before the end, RFC 8216bis, 6.2.2 (at least three). */
const PARTS_TARGETS = 3;

interface Printed {
  readonly version: number;
  readonly reports: string;
  readonly whole: CompressibleBody;
  readonly delta: CompressibleBody;
}

/** The text of one rendition's playlist, printed once for everybody who asks between two parts. */
export class RenditionPlaylist {
  readonly #stream: StreamView;
  readonly #rendition: Rendition;
  #printed: Printed | undefined;

  constructor(stream: StreamView, rendition: Rendition) {
    this.#stream = stream;
    this.#rendition = rendition;
  }

  /** Longest segment in whole seconds (EXT-X-TARGETDURATION); never below 1. */
  get targetSeconds(): number {
    let longest = this.#stream.targetDurationMicros / 1e6;
    for (const segment of this.#rendition.segments) longest = Math.max(longest, segment.seconds);
    return Math.max(1, Math.round(longest));
  }

  get partTargetSeconds(): number {
    let longest = this.#stream.partTargetMicros / 1e6;
    for (const { parts } of this.#rendition.segments) {
      for (const part of parts) longest = Math.max(longest, part.seconds);
    }
    return longest;
  }

  /** The playlist now. `siblings` are reported in it; with `skip` a delta update where one is shorter. */
  text(siblings: Iterable<Rendition>, skip: boolean): CompressibleBody {
    const reports = reportsOf(this.#rendition, siblings);
    const told = reports.map((r) => `${r.uri} ${r.lastMsn} ${r.lastPart}`).join();
    let printed = this.#printed;
    if (printed === undefined || printed.version !== this.#rendition.version || printed.reports !== told) {
      const playlist = this.#playlist(reports);
      const skipped = skippable(playlist);
      const whole = new CompressibleBody(printMediaPlaylist(playlist));
      const delta = skipped === 0 ? whole : new CompressibleBody(printMediaPlaylist(playlist, skipped));
      printed = { version: this.#rendition.version, reports: told, whole, delta };
      this.#printed = printed;
    }
    return skip ? printed.delta : printed.whole;
  }

  #playlist(reports: readonly RenditionReport[]): MediaPlaylist {
    const { segments } = this.#rendition;
    const { targetSeconds, partTargetSeconds } = this;
    const first = segments[0] as RenditionSegment;
    const listed: PlaylistSegment[] = [];
    let behind = 0;
    for (let n = segments.length - 1; n >= 0; n--) {
      const segment = segments[n] as RenditionSegment;
      listed.push(behind < PARTS_TARGETS * targetSeconds ? segment : withoutParts(segment));
      behind += segment.seconds;
    }
    const { discontinuity, discontinuitySequence } = first.facts;
    return {
      targetSeconds,
      partTargetSeconds,
      mediaSequence: first.msn,
      // The first segment's own tag is still in the playlist.
      discontinuitySequence: discontinuity ? discontinuitySequence - 1 : discontinuitySequence,
      segments: listed.reverse(),
      hint: nextUri(this.#rendition, partTargetSeconds),
      reports,
    };
  }
}

function withoutParts(segment: RenditionSegment): PlaylistSegment {
  const { uri, seconds, programDateTime, discontinuity, gap, map } = segment;
  return { uri, seconds, programDateTime, discontinuity, gap, map, parts: [] };
}

/**
 * The part that comes next. A track that follows another one's boundaries knows it; else it is in the open segment,
 * unless that is as long as the one before and so about to end.
 */
function nextUri(rendition: Rendition, partTarget: number): string {
  const { segments } = rendition;
  const last = segments.at(-1) as RenditionSegment;
  const before = segments.at(-2);
  const ends = last.closed || (rendition.endsHere() ??
    (before !== undefined && Math.abs(before.seconds - last.seconds) < partTarget / 2));
  return ends ? last.uriOf(last.msn + 1, 0) : last.uriOf(last.msn, last.parts.length);
}

function reportsOf(rendition: Rendition, siblings: Iterable<Rendition>): RenditionReport[] {
  const reports: RenditionReport[] = [];
  for (const sibling of siblings) {
    const newest = sibling.newest;
    if (sibling === rendition || newest === undefined) continue;
    reports.push({ uri: `../${sibling.key}/index.m3u8`, lastMsn: newest.msn, lastPart: newest.part });
  }
  return reports;
}
