import type { Clock } from "../../../base/clock.ts";
import { type WallMillis, wallMillis } from "../../../base/units.ts";
import { languageCode } from "../../../media/select/language.ts";
import type { Selection } from "../../../media/select/selection.ts";
import type { AudioTrack, VideoTrack } from "../../../media/track.ts";
import {
  type AdaptationSet,
  type Period,
  printMpd,
  type Representation,
  type SegmentTemplate,
} from "../../../wire/protocol/dash/mpd.ts";
import type { TimelineEntry } from "../../../wire/protocol/dash/timeline.ts";
import type { Follower } from "../segments/follower.ts";
import { frameRateOf, type Listed, listTracks } from "../segments/listing.ts";
import { outputTracks } from "../segments/init_section.ts";
import type { Rendition } from "../segments/rendition.ts";
import type { RenditionSegment } from "../segments/rendition_segment.ts";

/** What a viewer's address asks of the manifest. */
export interface MpdForm {
  /** Segments are offered while they grow. */
  readonly lowLatency: boolean;
  /** Addresses hold the times of segments instead of their numbers. */
  readonly byTime: boolean;
  /** Segments are taken to be equally long instead of being listed one by one. */
  readonly even: boolean;
  /** Most segments listed; 0: all. */
  readonly limit: number;
  readonly selection: Selection;
  /** Time zero of the presentation that a player began with; undefined for one that begins. */
  readonly since: WallMillis | undefined;
  /** Where a player that began with that reads the manifest again. */
  location(since: WallMillis): string;
}

/** Text of the manifest, or why there is none. `pending`: some of it has only not come yet. */
export type Manifest = { readonly text: string } | { readonly unplayable: string; readonly pending: boolean };

/** Address of the server's time, beside the manifest. */
export const TIME_URI = "time";
/** Latency that is wished for: so many parts and so many seconds. */
const LATENCY_PARTS = 3, LATENCY_SECONDS = 1;
/** Without low latency players stay so many segments behind the newest. */
const DELAY_SEGMENTS = 3;
const UNKNOWN_SECONDS = 2;

/** A track that is listed, and its segments by run. */
interface Source {
  readonly listed: Listed;
  readonly rendition: Rendition;
  readonly runs: ReadonlyMap<number, readonly RenditionSegment[]>;
  /** Length of the stream's newest complete segment, seconds: that of all, where they are even. */
  readonly even: number;
}

/** Prints the MPD of what the stream has now. */
export function printManifest(follower: Follower, form: MpdForm, clock: Clock): Manifest {
  const { listed, left, pending } = listTracks(follower, "mp4", form.selection, form.since !== undefined);
  const sources: Source[] = [];
  const even = newestSeconds(follower);
  for (const l of listed) {
    const rendition = follower.find(String(l.id));
    if (rendition !== undefined) sources.push({ listed: l, rendition, runs: runsOf(rendition, form), even });
  }
  if (sources.length === 0) return { unplayable: left.join("; ") || "no such tracks", pending };
  const starts = new Map<number, WallMillis>();
  for (const { runs } of sources) {
    for (const [micros, [first]] of runs) {
      starts.set(micros, (first as RenditionSegment).facts.runWallMillis);
    }
  }
  const runs = [...starts].sort(([a], [b]) => a - b).map(([micros, wall]) => ({ micros, wall }));
  const newest = runs.at(-1) as Run;
  // Periods before the clock was put back would be in the future.
  const shown = runs.filter((run) => run === newest || run.wall < newest.wall);
  const since = form.since ?? zeroOf(shown[0] as Run);
  const periods: Period[] = [];
  for (const run of shown) {
    const ends = run === newest && follower.stream.live;
    const zero = Math.abs(zeroOf(run) - since) < 1;
    const start = zero ? 0 : Math.round(run.wall - since) / 1000;
    if (start < 0) continue;
    const origin = zero ? 0 : run.micros;
    periods.push({ id: `p${Math.round(run.wall)}`, start, sets: setsOf(sources, run, origin, ends, form) });
  }
  const segment = Math.max(...sources.map((s) => s.rendition.targetSeconds));
  const part = Math.max(...sources.map((s) => s.rendition.partTargetSeconds));
  const wished = LATENCY_SECONDS + LATENCY_PARTS * part;
  const depth = Math.max(
    ...sources.map((s) => s.rendition.segments.reduce((sum, { seconds }) => sum + seconds, 0)),
  );
  return {
    text: printMpd({
      availabilityStart: since,
      location: form.location(since),
      publishTime: clock.wall(),
      minimumUpdatePeriod: Math.max(0.5, segment / 2),
      timeShiftBufferDepth: Math.max(depth, segment),
      maxSegmentDuration: segment + part,
      minBufferTime: form.lowLatency ? Math.min(segment, wished) : segment,
      suggestedPresentationDelay: form.lowLatency ? wished : segment * DELAY_SEGMENTS,
      latency: form.lowLatency ? { target: wished, min: wished / 2, max: wished * 4 } : undefined,
      timeUri: TIME_URI,
      periods,
    }),
  };
}

/** Segments that go on without a break: where they begin in stream time, and by this machine's clock. */
interface Run {
  readonly micros: number;
  readonly wall: WallMillis;
}

/** When stream time was 0, as far as a run is concerned. */
function zeroOf({ micros, wall }: Run): WallMillis {
  return wallMillis(Math.round(wall - micros / 1000));
}

/** Segments that can be asked for, by run. An open one counts where it is offered. */
function runsOf(rendition: Rendition, { lowLatency, limit }: MpdForm): Map<number, RenditionSegment[]> {
  const there = rendition.segments.filter((s) => s.times !== undefined && !s.gap && (s.closed || lowLatency));
  const runs = new Map<number, RenditionSegment[]>();
  for (const segment of limit > 0 ? there.slice(-limit) : there) {
    const run = runs.get(segment.facts.runMicros);
    if (run === undefined) runs.set(segment.facts.runMicros, [segment]);
    else run.push(segment);
  }
  return runs;
}

/** Tracks between which players change over by themselves are one set: video of one codec, audio of one codec and language. */
function setsOf(
  sources: readonly Source[],
  run: Run,
  origin: number,
  ends: boolean,
  form: MpdForm,
): AdaptationSet[] {
  const present = sources.filter((s) => s.runs.has(run.micros)).map((s) => asIn(s, run));
  const sets: AdaptationSet[] = [];
  const kinds = new Set<string>();
  for (const members of Map.groupBy(present, setKey).values()) {
    const { id, track } = (members[0] as Source).listed;
    const known = track.language !== "" && track.language !== "und";
    sets.push({
      id: id + 1,
      contentType: track.kind === "video" ? "video" : "audio",
      language: known ? languageCode(track.language) : undefined,
      isMain: !kinds.has(track.kind),
      events: (members[0] as Source).rendition.eventSeries,
      representations: members.map((m) => representation(m, run, origin, ends, form)),
    });
    kinds.add(track.kind);
  }
  return sets;
}

/** A source with its track as it was in that run. */
function asIn(source: Source, { micros }: Run): Source {
  const { listed, rendition, runs } = source;
  const versions = runs.get(micros)?.at(-1)?.versions ?? [];
  const track = outputTracks(rendition.tracks, versions)?.[0] ?? listed.track;
  return { ...source, listed: { ...listed, track } };
}

function setKey({ listed: { track } }: Source): string {
  const family = track.codecString.split(".")[0];
  return track.kind === "video" ? `video ${family}` : `audio ${family} ${track.language}`;
}

function representation(
  source: Source,
  run: Run,
  origin: number,
  ends: boolean,
  form: MpdForm,
): Representation {
  const { id, track, rate } = source.listed;
  const video = track.kind === "video" ? track as VideoTrack : undefined;
  const audio = track.kind === "audio" ? track as AudioTrack : undefined;
  return {
    id: String(id),
    bandwidth: rate.peak,
    codecs: track.codecString,
    width: video?.width ?? 0,
    height: video?.height ?? 0,
    frameRate: video && frameRateOf(video, rate),
    sampleRate: audio?.sampleRate ?? 0,
    channels: audio?.channels ?? 0,
    template: template(source, source.runs.get(run.micros) ?? [], origin, ends, form),
  };
}

function template(
  source: Source,
  segments: readonly RenditionSegment[],
  origin: number,
  ends: boolean,
  form: MpdForm,
): SegmentTemplate {
  const { rendition } = source;
  const first = segments[0] as RenditionSegment;
  const last = segments.at(-1) as RenditionSegment;
  const { timescale } = timesOf(last);
  const usual = usualLength(segments, rendition.targetSeconds * timescale);
  // A segment that is missing has a number, but no entry.
  const numbered = !form.byTime && last.msn - first.msn === segments.length - 1;
  const timeline: TimelineEntry[] = segments.map((s) => {
    const { start, length } = timesOf(s);
    return { start, length: s.closed ? length : Math.max(length, usual) };
  });
  const initialization = `$RepresentationID$/${first.map ?? ""}`;
  const availableEarly = form.lowLatency && ends
    ? Math.max(0, Math.floor((usual / timescale - rendition.partTargetSeconds) * 1000) / 1000)
    : undefined;
  const { extension } = rendition.format;
  const offset = Math.round((origin / 1e6) * timescale);
  if (form.even) {
    // Counted back from the newest segment; who asks a little early is answered when it is there.
    const length = Math.round(source.even * timescale);
    const before = Math.floor((timesOf(last).start - offset) / length);
    return {
      timescale,
      presentationTimeOffset: offset,
      startNumber: Math.max(0, last.msn - before),
      initialization,
      media: `$RepresentationID$/$Number$.${extension}`,
      availableEarly,
      timeline: length,
    };
  }
  const end = timeline.at(-1) as TimelineEntry;
  // The one that comes next may be asked for as soon as it begins: nobody needs to read the manifest before.
  if (form.lowLatency && ends && numbered) timeline.push({ start: end.start + end.length, length: usual });
  return {
    timescale,
    presentationTimeOffset: offset,
    startNumber: numbered ? first.msn : undefined,
    initialization,
    media: `$RepresentationID$/${numbered ? "$Number$" : "t$Time$"}.${extension}`,
    availableEarly,
    timeline,
  };
}

/** Length of the stream's newest complete segment. */
function newestSeconds({ stream }: Follower): number {
  for (let msn = stream.newestSegment; msn >= stream.oldestSegment; msn--) {
    const micros = stream.segment(msn)?.durationMicros ?? 0;
    if (micros > 0) return micros / 1e6;
  }
  return UNKNOWN_SECONDS;
}

/** Length of the newest complete segment. */
function usualLength(segments: readonly RenditionSegment[], otherwise: number): number {
  for (let n = segments.length - 1; n >= 0; n--) {
    const segment = segments[n] as RenditionSegment;
    if (segment.closed) return timesOf(segment).length;
  }
  return otherwise;
}

function timesOf(segment: RenditionSegment): NonNullable<RenditionSegment["times"]> {
  return segment.times ?? { start: 0, length: UNKNOWN_SECONDS, timescale: 1 };
}
