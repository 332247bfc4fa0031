import type { MonoMillis } from "../../../base/units.ts";
import type { StreamView } from "../../../buffer/stream_view.ts";
import type { FrameRecord, TrackView } from "../../../buffer/track_view.ts";
import { Mp4Parts } from "./mp4_parts.ts";
import { type EventSeries, type EventSource, seriesOf } from "./part_events.ts";
import type { PartFormat } from "./part_format.ts";
import { type ContainerName, printRenditionKey } from "./rendition_key.ts";
import { RenditionSegment } from "./rendition_segment.ts";
import { SegmentSource } from "./segment_source.ts";
import { Silence } from "./silence.ts";
import { TsParts } from "./ts_parts.ts";
import { type Verdict, WaitingRoom } from "./waiting_room.ts";

/** The newest part of a rendition. */
export interface Position {
  readonly msn: number;
  readonly part: number;
}

/** When a segment begins: ticks of its first track, or milliseconds of stream time. */
export interface SegmentTime {
  readonly time: number;
  readonly unit: "ticks" | "millis";
}

export interface RenditionOptions {
  readonly stream: StreamView;
  readonly container: ContainerName;
  /** Video and audio, and data that MPEG-TS carries beside it. */
  readonly tracks: readonly TrackView[];
  readonly record: FrameRecord;
  readonly listMillis: number;
  /** The stream's leading track. */
  leading(): TrackView | undefined;
  /** Its tracks of timed metadata. */
  id3(): readonly TrackView[];
  /** Media that was listed is gone. */
  lost(msn: number): void;
}

/** RFC 8216bis, 6.2.2: at least so many segments stay listed, however long they are. */
const LISTED_MIN = 3;

/**
 * One media playlist's media: a track, or several muxed. Follows the buffer's parts, keeps the listed segments, and holds the
 * requests for what is not there yet.
 */
export class Rendition {
  /** Video and audio: what its parts are made of. */
  readonly tracks: readonly TrackView[];
  readonly container: ContainerName;
  /** Name in addresses. */
  readonly key: string;
  readonly format: PartFormat;
  /** Requests for playlists: a part beyond the end of its segment means the first of the next one. */
  readonly playlistWaits = new WaitingRoom();
  /** Requests for parts and segments: a part beyond the end will never come. */
  readonly mediaWaits = new WaitingRoom();
  /** Grows with everything that changes the playlist. */
  version = 0;
  /** When somebody last asked; parts are muxed as they come only while somebody does. */
  wantedAt = -Infinity;

  readonly #o: RenditionOptions;
  readonly #source: SegmentSource;
  readonly #segments: RenditionSegment[] = [];
  #usual = 0;

  constructor(options: RenditionOptions) {
    this.#o = options;
    const { container, tracks, stream, record } = options;
    this.container = container;
    this.tracks = tracks.filter((t) => t.kind !== "data");
    const data = tracks.filter((t) => t.kind === "data");
    this.key = printRenditionKey(container, tracks.map((t) => t.id));
    const withData = () => data.length > 0 || this.#events() !== undefined;
    const leading = () => options.leading();
    const silences = this.tracks.map((t) => t.kind === "audio" ? new Silence(t, leading) : undefined);
    this.#source = new SegmentSource(stream, this.tracks, leading, withData, silences);
    this.format = container === "ts"
      ? new TsParts(this.tracks, data, record, silences)
      : new Mp4Parts(this.tracks, record, () => this.#events(), silences);
  }

  /** Listed segments, oldest first; the last one may be open. */
  get segments(): readonly RenditionSegment[] {
    return this.#segments;
  }

  /** Undefined until there is a part. */
  get newest(): Position | undefined {
    for (let n = this.#segments.length - 1; n >= 0; n--) {
      const { msn, parts } = this.#segments[n] as RenditionSegment;
      if (parts.length > 0) return { msn, part: parts.length - 1 };
    }
    return undefined;
  }

  /** Events that go along with its media. */
  get eventSeries(): readonly EventSeries[] {
    return this.#events()?.id3.map(seriesOf) ?? [];
  }

  /** Something that is listed came from the source: not all is silence in its place. */
  get fromSource(): boolean {
    return this.#segments.some((s) => s.fromSource);
  }

  /** Number of the newest complete segment; one less than the first when there is none. */
  get newestClosed(): number {
    const last = this.#segments.at(-1);
    if (last === undefined) return this.#source.newest - 1;
    return last.closed ? last.msn : last.msn - 1;
  }

  /** Longest segment in whole seconds; never below 1. */
  get targetSeconds(): number {
    let longest = this.#o.stream.targetDurationMicros / 1e6;
    for (const segment of this.#segments) longest = Math.max(longest, segment.seconds);
    return Math.max(1, Math.round(longest));
  }

  /** Longest part, seconds. */
  get partTargetSeconds(): number {
    let longest = this.#o.stream.partTargetMicros / 1e6;
    for (const { parts } of this.#segments) {
      for (const part of parts) longest = Math.max(longest, part.seconds);
    }
    return longest;
  }

  /**
   * Takes over what the buffer has closed since the last call and answers the requests that waited for it. True when
   * something was new. With `eager` new parts are muxed right away.
   */
  advance(eager: boolean): boolean {
    let changed = false;
    for (;;) {
      const open = this.#open();
      if (open === undefined) break;
      const next = this.#source.next(open.msn, open.parts.length, open.versions);
      if (next === "pending") break;
      changed = true;
      if (next !== "end") {
        open.add(next);
        continue;
      }
      open.close(this.#source.seconds(open.msn));
      if (open.bytes > 0) this.#usual = open.bytes;
      this.#trim();
    }
    if (!changed) return false;
    this.version++;
    const last = this.#segments.at(-1);
    if (eager && last !== undefined) {
      // The segment that just ended got its last part in the same step as the new one its first.
      const before = this.#segments.at(-2);
      if (before !== undefined && before.bytes > 0) this.#mux(before);
      this.#mux(last);
    }
    this.playlistWaits.settle((msn, part) => this.#listed(msn, part) ? "ready" : undefined);
    this.mediaWaits.settle((msn, part) => this.judge(msn, part));
    return true;
  }

  /** Whether the open segment ends with its newest part; undefined while nobody can know. */
  endsHere(): boolean | undefined {
    const last = this.#segments.at(-1);
    return last === undefined ? undefined : this.#source.endsAfter(last.msn, last.parts.length);
  }

  /** True when the playlist holds segment `msn`, or its part; parts beyond its end count as the next segment's. */
  has(msn: number, part: number | undefined): boolean {
    return this.#listed(msn, part);
  }

  /** Whether a part (or, with undefined, a whole segment) is there, will never be, or may come (undefined). */
  judge(msn: number, part: number | undefined): Verdict | undefined {
    const first = this.#segments[0];
    if (first === undefined) return undefined;
    if (msn < first.msn) return "ready";
    const segment = this.#segments[msn - first.msn];
    if (segment === undefined) return undefined;
    if (part === undefined) return segment.closed ? "ready" : undefined;
    if (part < segment.parts.length) return "ready";
    return segment.closed ? "never" : undefined;
  }

  /** True for a listed part without media. */
  isGap(msn: number, part: number): boolean {
    const first = this.#segments[0];
    const segment = first === undefined ? undefined : this.#segments[msn - first.msn];
    return segment?.parts[part]?.gap === true;
  }

  /** Number of the listed segment that begins then. */
  segmentAt({ time, unit }: SegmentTime): number | undefined {
    const begins = (s: RenditionSegment) =>
      unit === "ticks" ? s.times?.start === time : Math.floor(s.facts.startMicros / 1000) === time;
    return this.#segments.find(begins)?.msn;
  }

  /** Bytes of a complete segment, or of one of its parts; undefined when it is gone or has no media. */
  media(msn: number, part: number | undefined): Uint8Array<ArrayBuffer> | undefined {
    const first = this.#segments[0];
    const segment = first === undefined || msn < first.msn
      ? this.#reload(msn)
      : this.#segments[msn - first.msn];
    if (segment === undefined) return undefined;
    this.#mux(segment);
    return part === undefined ? segment.whole() : segment.part(part);
  }

  /** Gives up all requests that are held. */
  close(): void {
    this.playlistWaits.close();
    this.mediaWaits.close();
  }

  expire(now: MonoMillis): void {
    this.playlistWaits.expire(now);
    this.mediaWaits.expire(now);
  }

  /** In MP4 what is like the leading track carries the stream's timed metadata: of pictures and sound, the pictures. */
  #events(): EventSource | undefined {
    const id3 = this.container === "mp4" ? this.#o.id3() : [];
    const lead = id3.length > 0 ? this.#o.leading() : undefined;
    if (lead === undefined || !this.tracks.some((t) => t.kind === lead.kind)) return undefined;
    return { id3, lead };
  }

  #listed(msn: number, part: number | undefined): boolean {
    const verdict = this.judge(msn, part);
    return verdict === "never" ? this.#listed(msn + 1, 0) : verdict === "ready";
  }

  #mux(segment: RenditionSegment): void {
    const before = segment.gap;
    if (segment.mux(Math.ceil(this.#usual * 1.2)) || before) return;
    this.version++;
    this.#o.lost(segment.msn);
  }

  /** The open segment, begun when the buffer has one. */
  #open(): RenditionSegment | undefined {
    const last = this.#segments.at(-1);
    if (last !== undefined && !last.closed) return last;
    let msn = last === undefined ? this.#source.oldest : last.msn + 1;
    if (msn < this.#source.oldest) {
      // So far behind that segments are missing: numbers in a playlist are consecutive, so it begins anew.
      this.#segments.length = 0;
      msn = this.#source.oldest;
    }
    const segment = this.#begin(msn);
    if (segment !== undefined) this.#segments.push(segment);
    return segment;
  }

  #begin(msn: number): RenditionSegment | undefined {
    const facts = this.#source.facts(msn);
    const versions = facts === undefined ? undefined : this.#source.versions(msn);
    if (facts === undefined || versions === undefined) return undefined;
    return new RenditionSegment(facts, versions, this.format);
  }

  /** A segment that is no longer listed, as long as the buffer has it; its bytes are made again and not kept. */
  #reload(msn: number): RenditionSegment | undefined {
    if (msn < this.#source.oldest) return undefined;
    const segment = this.#begin(msn);
    if (segment === undefined) return undefined;
    for (;;) {
      const next = this.#source.next(msn, segment.parts.length, segment.versions);
      if (next === "pending") return undefined;
      if (next === "end") break;
      segment.add(next);
    }
    segment.close(0);
    return segment;
  }

  /** Drops segments from the front: those beyond the listed length, and those that the buffer no longer holds. */
  #trim(): void {
    const oldest = this.#source.oldest;
    let seconds = 0;
    for (const segment of this.#segments) seconds += segment.seconds;
    let drop = 0;
    for (const segment of this.#segments) {
      if (this.#segments.length - drop <= LISTED_MIN) break;
      if (segment.msn >= oldest && seconds - segment.seconds < this.#o.listMillis / 1000 - 0.001) break;
      seconds -= segment.seconds;
      drop++;
    }
    if (drop === 0) return;
    this.#segments.splice(0, drop);
    this.format.keep(new Set(this.#segments.map((s) => s.versions.join("_"))));
  }
}
