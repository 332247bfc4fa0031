import { wallMillis } from "../../../base/units.ts";
import type { StreamView } from "../../../buffer/stream_view.ts";
import { makeFrameRecord, type PartRow, type TrackView } from "../../../buffer/track_view.ts";
import type { PartTimes, SegmentFacts, SegmentPart } from "./rendition_segment.ts";
import type { Silence, SilentSpan } from "./silence.ts";

/** What comes next in a segment of a rendition. */
export type NextPart = SegmentPart | "pending" | "end";

/**
 * The writer closes segments for tracks that fell silent. One so many segments behind is taken to have nothing in a
 * segment whatever the writer says: players would wait for it for ever.
 */
const LAG_MAX = 6;

/** Reads off the buffer which parts the segments of a rendition have. Tracks are merged: a part ends when all ended. */
export class SegmentSource {
  readonly #stream: StreamView;
  readonly #tracks: readonly TrackView[];

  readonly #leading: () => TrackView | undefined;
  readonly #wantsBefore: () => boolean;
  readonly #silences: readonly (Silence | undefined)[];
  readonly #record = makeFrameRecord();

  /**
   * `wantsBefore`: to write a segment, the end of the one before it must be known. `silences`: what fills the parts that
   * a track leaves out.
   */
  constructor(
    stream: StreamView,
    tracks: readonly TrackView[],
    leading: () => TrackView | undefined,
    wantsBefore: () => boolean = () => false,
    silences: readonly (Silence | undefined)[] = [],
  ) {
    this.#stream = stream;
    this.#tracks = tracks;
    this.#leading = leading;
    this.#wantsBefore = wantsBefore;
    this.#silences = silences;
  }

  /** Oldest segment that all tracks still hold. */
  get oldest(): number {
    let oldest = this.#stream.oldestSegment;
    const wantsBefore = this.#wantsBefore();
    for (const track of this.#tracks) {
      const own = oldestOf(track);
      oldest = Math.max(oldest, wantsBefore && track.tail > 0 ? own + 1 : own);
    }
    return oldest;
  }

  /** Newest segment, open. */
  get newest(): number {
    return this.#stream.newestSegment;
  }

  /** Undefined when the stream does not know the segment, any more or yet. */
  facts(msn: number): SegmentFacts | undefined {
    const row = this.#stream.segment(msn);
    if (row === undefined) return undefined;
    return {
      msn,
      programDateTime: wallMillis(row.wallMillis + this.#offsetMillis(msn, row.startMicros)),
      discontinuity: row.discontinuity,
      discontinuitySequence: row.discontinuitySequence,
      startMicros: row.startMicros,
      runMicros: row.runMicros,
      runWallMillis: row.runWallMillis,
    };
  }

  /**
   * How much later than the leading track's picture the rendition's own first sample is: dates are those of first
   * samples (RFC 8216, 4.3.2.6), and players place sound by them. 0 where the rendition has nothing at the start.
   */
  #offsetMillis(msn: number, startMicros: number): number {
    const track = this.#tracks[0] as TrackView;
    if (track.id === this.#stream.leading) return 0;
    const row = track.part(msn, 0);
    const silence = this.#silences[0];
    const silent = row === undefined
      ? silence?.instead(msn, 0, track.track()?.version)
      : silence?.before(msn, 0, row);
    const start = silent?.start ?? row?.startDts;
    const scale = (row === undefined ? silent?.track : track.track(row.configVersion)?.track)?.timescale;
    return start === undefined || scale === undefined ? 0 : (start / scale * 1e6 - startMicros) / 1000;
  }

  /** Length of a segment by the leading track; 0 while unknown. */
  seconds(msn: number): number {
    return (this.#stream.segment(msn)?.durationMicros ?? 0) / 1e6;
  }

  /**
   * Configuration of each track in a segment: that of its first part; of a track without any, the newest. Undefined
   * until every track has a part in it or ended without.
   */
  versions(msn: number): readonly number[] | undefined {
    const versions: number[] = [];
    for (const track of this.#tracks) {
      const version = firstVersion(track, msn) ??
        (this.#ended(track, msn) ? track.track()?.version : undefined);
      if (version === undefined) return undefined;
      versions.push(version);
    }
    return versions;
  }

  /** The part `part` of a segment, if it is complete in every track. */
  next(msn: number, part: number, versions: readonly number[]): NextPart {
    let found: PartRow | undefined;
    let from: TrackView | undefined;
    let scale = 1;
    let silent: SilentSpan | undefined;
    let hole = false;
    let ended = true;
    for (let n = 0; n < this.#tracks.length; n++) {
      const track = this.#tracks[n] as TrackView;
      const row = track.part(msn, part);
      if (row === undefined) {
        if (part < track.partsOf(msn)) {
          hole = true;
          ended = false;
        } else if (!this.#ended(track, msn)) return "pending";
        if (found === undefined) silent ??= this.#silences[n]?.instead(msn, part, versions[n]);
        continue;
      }
      ended = false;
      if (row.configVersion !== versions[n]) hole = true;
      else if (found === undefined) {
        found = row;
        from = track;
        silent = this.#silences[n]?.before(msn, part, row);
        scale = track.track(row.configVersion)?.track.timescale ?? 1;
      }
    }
    if (ended && silent === undefined) return "end";
    if (found !== undefined && from !== undefined) {
      const { durationTicks, independent } = found;
      const lead = silent?.length ?? 0;
      const times = this.#times(from, found, scale, lead);
      return { seconds: (lead + durationTicks) / scale, independent, gap: false, silent: false, times };
    }
    if (silent !== undefined) return silentPart(silent);
    if (!hole) return "end";
    return {
      seconds: this.#leadSeconds(msn, part),
      independent: false,
      gap: true,
      silent: false,
      times: undefined,
    };
  }

  #times(
    track: TrackView,
    { first, startDts, durationTicks }: PartRow,
    timescale: number,
    lead: number,
  ): PartTimes {
    const reordered = track.kind === "video" && track.peek(first, this.#record) === "ok";
    const shownAfter = reordered ? this.#record.ptsOffset : 0;
    return { start: startDts - lead, shownAfter, length: lead + durationTicks, timescale };
  }

  /**
   * Whether a segment has no more than `parts` parts, by those of the leading track, which the others follow; undefined
   * while that has not come further itself.
   */
  endsAfter(msn: number, parts: number): boolean | undefined {
    const ahead = this.#leading()?.partsOf(msn) ?? 0;
    if (ahead > parts) return false;
    return ahead > 0 && this.#stream.newestSegment > msn ? true : undefined;
  }

  /** Length of a part in the leading track, for those who have nothing in it. */
  #leadSeconds(msn: number, part: number): number {
    const leading = this.#leading();
    const row = leading?.part(msn, part);
    const scale = row === undefined ? undefined : leading?.track(row.configVersion)?.track.timescale;
    return row === undefined || scale === undefined
      ? this.#stream.partTargetMicros / 1e6
      : row.durationTicks / scale;
  }

  #ended(track: TrackView, msn: number): boolean {
    return track.segmentClosed(msn) || this.#stream.newestSegment >= msn + LAG_MAX;
  }
}

function silentPart({ start, length, track: { timescale } }: SilentSpan): SegmentPart {
  const times = { start, shownAfter: 0, length, timescale };
  return { seconds: length / timescale, independent: true, gap: false, silent: true, times };
}

/**
 * Oldest segment that a track can give out whole. One that the track began in the middle of counts, as long as nothing
 * of the track was ever dropped: what is missing at its start never was there, so every worker sees the same.
 */
function oldestOf(track: TrackView): number {
  const oldest = track.oldestMsn;
  return oldest > 0 && track.tail === 0 && track.partsOf(oldest - 1) > 0 ? oldest - 1 : oldest;
}

function firstVersion(track: TrackView, msn: number): number | undefined {
  const parts = track.partsOf(msn);
  for (let part = 0; part < parts; part++) {
    const row = track.part(msn, part);
    if (row !== undefined) return row.configVersion;
  }
  return undefined;
}
