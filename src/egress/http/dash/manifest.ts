import type { Clock } from "../../../base/clock.ts";
import { type WallMillis, wallMillis } from "../../../base/units.ts";
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
import type { Rendition } from "../segments/rendition.ts";
import type { RenditionSegment } from "../segments/rendition_segment.ts";

/** What a viewer's address asks of the manifest. */
export interface MpdForm {
  /** Segments are offered while they grow. */
  readonly lowLatency: boolean;
  /** Addresses hold the times of segments instead of their numbers. */
  readonly byTime: boolean;
  /** Most segments listed; 0: all. */
  readonly limit: number;
  readonly selection: Selection;
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
}

/** Prints the MPD of what the stream has now. */
export function printManifest(follower: Follower, form: MpdForm, clock: Clock): Manifest {
  const { listed, left, pending } = listTracks(follower, "mp4", form.selection);
  const sources: Source[] = [];
  for (const l of listed) {
    const rendition = follower.find(String(l.id));
    if (rendition !== undefined) sources.push({ listed: l, rendition, runs: runsOf(rendition, form) });
  }
  if (sources.length === 0) return { unplayable: left.join("; ") || "no such tracks", pending };
  const starts = new Map<number, WallMillis>();
  for (const { runs } of sources) {
    for (const [micros, [first]] of runs) {
      starts.set(micros, (first as RenditionSegment).facts.runWallMillis);
    }
  }
  const ordered = [...starts].sort(([a], [b]) => a - b);
  const [newest, newestStart] = ordered.at(-1) ?? [0, wallMillis(0)];
  const periods: Period[] = [];
  for (const [micros, start] of ordered) {
    // This machine's clock was put back since then.
    if (micros !== newest && start >= newestStart) continue;
    const ends = micros === newest && follower.stream.live;
    periods.push({ id: periodId(start), start: rounded(start), sets: setsOf(sources, micros, ends, form) });
  }
  const segment = Math.max(...sources.map((s) => s.rendition.targetSeconds));
  const part = Math.max(...sources.map((s) => s.rendition.partTargetSeconds));
  const wished = LATENCY_SECONDS + LATENCY_PARTS * part;
  const depth = Math.max(
    ...sources.map((s) => s.rendition.segments.reduce((sum, { seconds }) => sum + seconds, 0)),
  );
  return {
    text: printMpd({
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

/** The same whichever of a run's segments are still there, and no other run's. */
function periodId(start: WallMillis): string {
  return `p${Math.round(start)}`;
}

function rounded(start: WallMillis): WallMillis {
  return wallMillis(Math.round(start));
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
function setsOf(sources: readonly Source[], micros: number, ends: boolean, form: MpdForm): AdaptationSet[] {
  const present = sources.filter((s) => s.runs.has(micros));
  const sets: AdaptationSet[] = [];
  const kinds = new Set<string>();
  for (const members of Map.groupBy(present, setKey).values()) {
    const { id, track } = (members[0] as Source).listed;
    const known = track.language !== "" && track.language !== "und";
    sets.push({
      id: id + 1,
      contentType: track.kind === "video" ? "video" : "audio",
      language: known ? track.language : undefined,
      isMain: !kinds.has(track.kind),
      representations: members.map((m) => representation(m, micros, ends, form)),
    });
    kinds.add(track.kind);
  }
  return sets;
}

function setKey({ listed: { track } }: Source): string {
  const family = track.codecString.split(".")[0];
  return track.kind === "video" ? `video ${family}` : `audio ${family} ${track.language}`;
}

function representation(source: Source, micros: number, ends: boolean, form: MpdForm): Representation {
  const { listed: { id, track, rate }, rendition } = source;
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
    template: template(rendition, source.runs.get(micros) ?? [], micros, ends, form),
  };
}

function template(
  rendition: Rendition,
  segments: readonly RenditionSegment[],
  micros: number,
  ends: boolean,
  form: MpdForm,
): SegmentTemplate {
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
  const end = timeline.at(-1) as TimelineEntry;
  // The one that comes next may be asked for as soon as it begins: nobody needs to read the manifest before.
  if (form.lowLatency && ends && numbered) timeline.push({ start: end.start + end.length, length: usual });
  const early = usual / timescale - rendition.partTargetSeconds;
  return {
    timescale,
    presentationTimeOffset: Math.round((micros / 1e6) * timescale),
    startNumber: numbered ? first.msn : undefined,
    initialization: `$RepresentationID$/${first.map ?? ""}`,
    media: `$RepresentationID$/${numbered ? "$Number$" : "t$Time$"}.${rendition.format.extension}`,
    availableEarly: form.lowLatency && ends ? Math.max(0, Math.floor(early * 1000) / 1000) : undefined,
    timeline,
  };
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
