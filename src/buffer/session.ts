import type { MonoMillis, StreamMicros, WallMillis } from "../base/units.ts";
import * as at from "./layout.ts";
import { lastFrame } from "./seal.ts";
import type { SegmentSettings, StreamPageWriter, WriterClock } from "./stream_page_writer.ts";
import type { Finish } from "./splice.ts";
import type { TrackPageWriter } from "./track_page_writer.ts";
import type { TrackWriter } from "./track_writer.ts";
import { WallMapping } from "./wall_mapping.ts";

/** The first frame of a stream is placed here or later, so that nothing about its start is negative. */
const ORIGIN_MICROS = 1e6;
/** A leading video track that is silent for so long while audio flows leaves the lead to that. */
const SILENT_MICROS = 10e6;
/** Segments that a track may be behind the leading one before those are closed for it: while it is silent, and at all. */
const BEHIND_SILENT = 2;
const BEHIND_MAX = 5;
/** A track that brought nothing for so long is silent, not late. Bursts and a busy machine are late by less. */
const QUIET_MILLIS = 3500;

/** What the tracks of one session share: where its times lie, who leads, where segments begin. */
export class Session {
  readonly page: StreamPageWriter;
  readonly settings: SegmentSettings;
  readonly clock: WriterClock;
  readonly tracks: TrackWriter[] = [];
  readonly segmentMicros: number;
  readonly partMicros: number;
  /** How long parts of the leading track come out at its frame rate, microseconds. */
  partLength: number;
  /** First boundary that belongs to this session. */
  readonly firstBoundary: number;
  /** Something was written before this session. */
  readonly continues: boolean;
  /** A track that does not lead has changed: the next key frame of the leading one begins a segment. */
  cutAtKey = false;
  ended = false;
  /** Set when the session is to end with its segment. */
  finish: Finish | undefined;
  /** Its first frame follows the last one of the session before without a break. */
  readonly spliced: boolean;
  #leader: TrackWriter | undefined;
  #base = NaN;
  #firstMicros = NaN;
  #fresh = true;
  readonly #pages: readonly TrackPageWriter[];
  readonly #wall = new WallMapping();
  #report: { at: number; wall: WallMillis } | undefined;

  constructor(
    page: StreamPageWriter,
    pages: readonly TrackPageWriter[],
    settings: SegmentSettings,
    clock: WriterClock,
    /** What is added to session times, microseconds; undefined: to be found, after a break. */
    base?: number,
  ) {
    this.page = page;
    this.#pages = pages;
    this.settings = settings;
    this.clock = clock;
    this.segmentMicros = settings.segmentMillis * 1000;
    this.partMicros = settings.partMillis * 1000;
    this.partLength = this.partMicros;
    this.firstBoundary = page.boundaryHead;
    this.continues = pages.some((track) => track.head > track.tail);
    const origin = base === undefined ? undefined : page.wallNear(0);
    this.spliced = base !== undefined && origin !== undefined && this.continues;
    if (base === undefined || origin === undefined || !this.continues) return;
    this.#base = base;
    this.#firstMicros = page.segmentStart;
    this.#fresh = false;
    this.#wall.goOn(origin);
  }

  get leader(): TrackWriter | undefined {
    return this.#leader;
  }

  /**
   * What is added to session times. Fixed by the first frame: behind everything there is, by the time that has passed
   * since then, at least by that frame's length.
   */
  baseFor(sessionMicros: number, arrival: MonoMillis): number {
    if (Number.isNaN(this.#base)) {
      let start = this.continues ? -Infinity : Math.max(ORIGIN_MICROS, sessionMicros, this.#sinceOrigin());
      for (const page of this.#pages) {
        const last = lastFrame(page);
        if (last === undefined) continue;
        const elapsed = Math.max(0, arrival - last.arrival) * 1000;
        start = Math.max(start, last.endMicros, last.startMicros + elapsed);
      }
      this.#base = start - sessionMicros;
      this.#firstMicros = start;
      if (this.#report !== undefined) this.wallClock(this.#report.at, this.#report.wall);
    }
    return this.#base;
  }

  /** Microseconds since the stream's origin; 0 when it has none. */
  #sinceOrigin(): number {
    const origin = this.page.floats[at.F_ORIGIN] as number;
    return origin > 0 ? (this.clock.wall() - origin) * 1000 : 0;
  }

  wallClock(at: number, wall: WallMillis): void {
    if (Number.isNaN(this.#base)) this.#report = { at, wall };
    else this.#wall.report(at + this.#base as StreamMicros, wall);
  }

  /** A track joins: the first video leads, or the first audio. */
  join(track: TrackWriter): void {
    this.tracks.push(track);
    if (track.kind === "data") return;
    const leader = this.#leader;
    if (leader === undefined || (track.kind === "video" && leader.kind !== "video" && leader.frames === 0)) {
      this.#take(track);
    }
  }

  /** Asked by each track before each frame: does it lead? */
  leads(track: TrackWriter, key: boolean, micros: number): boolean {
    const leader = this.#leader;
    if (leader === track) return true;
    if (leader === undefined || track.kind === "data") return false;
    const better = track.kind === "video" && leader.kind !== "video" && key;
    const alone = leader.frames === 0 && micros - this.#firstMicros > SILENT_MICROS;
    if (!better && !alone) return false;
    this.#take(track);
    return true;
  }

  #take(track: TrackWriter): void {
    this.#leader?.follow();
    track.follow();
    this.#leader = track;
    this.page.store(at.W_LEADING, track.id);
  }

  /**
   * The leading track has shown a frame that begins a segment. `end`: where the segment before it ended; `changed`: with
   * other parameters.
   */
  beginSegment(start: number, end: number, discontinuity: boolean, changed: boolean): void {
    const page = this.page;
    page.closeSegment(end as StreamMicros);
    const wall = this.#wall.start(start as StreamMicros, this.clock.wall(), this.#fresh || discontinuity);
    const msn = page.nextMsn;
    const fresh = this.#fresh || changed || this.cutAtKey;
    page.openSegment(start as StreamMicros, wall, discontinuity, fresh, this.clock.wall());
    page.addBoundary(msn, 0, start as StreamMicros);
    this.#fresh = false;
    this.cutAtKey = false;
    this.giveUpSilence();
  }

  /**
   * Closes segments for tracks that are silent, so that nobody waits for what does not come. Called at each part: frames
   * that are merely late still find their segment open.
   */
  giveUpSilence(): void {
    const now = this.clock.now();
    const open = this.page.nextMsn - 1;
    for (const page of this.#pages) {
      const track = this.tracks.find((t) => t.page === page);
      const late = track !== undefined && now - track.arrivedAt < QUIET_MILLIS;
      const last = open - (late ? BEHIND_MAX : BEHIND_SILENT);
      if (last <= page.closedMsn) continue;
      track?.catchUp(last);
      page.closeSegments(last);
    }
  }
}
