import {
  type MediaPlaylist,
  type PlaylistSegment,
  printMediaPlaylist,
  type RenditionReport,
  skippable,
} from "../../../wire/protocol/hls/media_playlist.ts";
import { CompressibleBody } from "../gzip.ts";
import type { Rendition } from "../segments/rendition.ts";
import type { RenditionSegment } from "../segments/rendition_segment.ts";

/** Parts are listed for so many target durations before the end, RFC 8216bis, 6.2.2 (at least three). */
const PARTS_TARGETS = 3;

/** What a viewer's address asks of a playlist. */
export interface PlaylistForm {
  /** Parts, blocking reload and delta updates. */
  readonly lowLatency: boolean;
  /** Most segments listed; 0: all. */
  readonly limit: number;
}

/** All there is. */
export const WHOLE_FORM: PlaylistForm = { lowLatency: true, limit: 0 };

interface Printed {
  readonly version: number;
  readonly reports: string;
  readonly whole: CompressibleBody;
  readonly delta: CompressibleBody;
}

/** Forms that are kept beside the whole one. */
const FORMS_MAX = 16;

const PLAYLISTS = new WeakMap<Rendition, RenditionPlaylist>();

/** The playlist of a rendition. */
export function playlistOf(rendition: Rendition): RenditionPlaylist {
  let playlist = PLAYLISTS.get(rendition);
  if (playlist === undefined) PLAYLISTS.set(rendition, playlist = new RenditionPlaylist(rendition));
  return playlist;
}

/** The text of one rendition's playlist, printed once for everybody who asks between two parts. */
class RenditionPlaylist {
  readonly #rendition: Rendition;
  readonly #others = new Map<string, { readonly version: number; readonly body: CompressibleBody }>();
  #printed: Printed | undefined;

  constructor(rendition: Rendition) {
    this.#rendition = rendition;
  }

  /** The playlist now. `siblings` are reported in it; with `skip` a delta update where one is shorter. */
  text(siblings: Iterable<Rendition>, skip: boolean, form: PlaylistForm): CompressibleBody {
    const { version } = this.#rendition;
    if (!form.lowLatency || form.limit > 0) return this.#other(form);
    const reports = reportsOf(this.#rendition, siblings);
    const told = reports.map((r) => `${r.uri} ${r.lastMsn} ${r.lastPart}`).join();
    let printed = this.#printed;
    if (printed === undefined || printed.version !== version || printed.reports !== told) {
      const playlist = this.#playlist(reports, form);
      const skipped = skippable(playlist);
      const whole = new CompressibleBody(printMediaPlaylist(playlist));
      const delta = skipped === 0 ? whole : new CompressibleBody(printMediaPlaylist(playlist, skipped));
      printed = { version, reports: told, whole, delta };
      this.#printed = printed;
    }
    return skip ? printed.delta : printed.whole;
  }

  /** A form that few ask for, without reports: printed once for those. */
  #other(form: PlaylistForm): CompressibleBody {
    const { version } = this.#rendition;
    const key = `${form.lowLatency} ${form.limit}`;
    const known = this.#others.get(key);
    if (known?.version === version) return known.body;
    const body = new CompressibleBody(printMediaPlaylist(this.#playlist([], form)));
    if (this.#others.size >= FORMS_MAX) this.#others.clear();
    this.#others.set(key, { version, body });
    return body;
  }

  #playlist(reports: readonly RenditionReport[], { lowLatency, limit }: PlaylistForm): MediaPlaylist {
    const { targetSeconds, partTargetSeconds } = this.#rendition;
    const known = lowLatency ? this.#rendition.segments : this.#rendition.segments.filter((s) => s.closed);
    const segments = limit > 0 ? known.slice(-limit) : known;
    const first = segments[0] as RenditionSegment;
    const listed: PlaylistSegment[] = [];
    let behind = 0;
    for (let n = segments.length - 1; n >= 0; n--) {
      const segment = segments[n] as RenditionSegment;
      listed.push(lowLatency && behind < PARTS_TARGETS * targetSeconds ? segment : withoutParts(segment));
      behind += segment.seconds;
    }
    const { discontinuity, discontinuitySequence } = first.facts;
    return {
      targetSeconds,
      partTargetSeconds: lowLatency ? partTargetSeconds : undefined,
      mediaSequence: first.msn,
      // The first segment's own tag is still in the playlist.
      discontinuitySequence: discontinuity ? discontinuitySequence - 1 : discontinuitySequence,
      segments: listed.reverse(),
      hint: lowLatency ? nextUri(this.#rendition, partTargetSeconds) : undefined,
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
