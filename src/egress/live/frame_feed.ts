import { LiveCursor } from "../../buffer/live_cursor.ts";
import { type FrameRecord, makeFrameRecord, type TrackView } from "../../buffer/track_view.ts";
import type { AudioTrack, Track } from "../../media/track.ts";
import { becomesFlac, FlacRun, flacTrack } from "../../wire/codec/flac/flac_audio.ts";
import { type MuxFrame, NOTHING } from "../../wire/container/live_muxer.ts";
import { QuietSound } from "./quiet_sound.ts";
import { RangeEnd } from "./range_end.ts";

/** Most frames that are handed out together. */
const GROUP_MAX = 64;

/** A track on its way to a container: G.711 and L16 as FLAC where it wants that. */
export interface FedTrack {
  readonly view: TrackView;
  readonly flac: boolean;
}

/**
 * What {@link FrameFeed.next} found: frames; a track whose configuration changed before its next frame; nothing yet; the
 * end that was asked for.
 */
export type Fed = "frames" | "change" | "none" | "ended";

/** A frame that is filled again and again, and where it came from. */
class Slot implements MuxFrame {
  track = 0;
  data: Uint8Array = NOTHING;
  dts = 0;
  ptsOffset = 0;
  duration = 0;
  key = false;
  discontinuity = false;
  /** Of the buffer's frame that the bytes are of; -1 for others. */
  sequence = 0;
}

interface Lane {
  readonly view: TrackView;
  readonly flac: boolean;
  version: number;
  run: FlacRun | undefined;
  /** Stream time 0 of the feed, in ticks; NaN before the first frame. */
  origin: number;
  scale: number;
  begun: boolean;
  /** Of sound beside pictures. */
  readonly quiet: QuietSound | undefined;
}

/** Where a feed begins; where nothing is said, at the newest key frame. */
export interface FeedRange {
  /** Stream time, microseconds: the key frame at it or before. */
  readonly from?: number;
  /** Microseconds before the newest frame, to go on from there as those at the live edge do. */
  readonly back?: number;
  /** Stream time of the first frame that is not given any more. */
  readonly until?: number;
  /** Microseconds from the first frame to the first one that is not given any more. */
  readonly length?: number;
}

/**
 * Frames of some tracks of a stream, merged by time, as muxers want them: groups of what is there, each key frame of
 * video first in its group. Times count from the first frame. What has no end has silence in place of sound that stops
 * while pictures go on. Allocates nothing per frame but the view on its bytes.
 */
export class FrameFeed {
  readonly #cursor: LiveCursor;
  readonly #lanes: readonly Lane[];
  readonly #leading: number;
  readonly #range: FeedRange;
  readonly #end: RangeEnd;
  readonly #slots: Slot[] = [];
  readonly #record: FrameRecord = makeFrameRecord();
  readonly #silent: FrameRecord = makeFrameRecord();
  readonly #frames: Slot[] = [];
  #changed = { track: 0, to: undefined as Track | undefined };
  /** A frame was read and is not handed out yet. */
  #held = false;
  #sought = false;
  #ended = false;
  #originMicros = NaN;
  #micros = 0;

  constructor(tracks: readonly FedTrack[], range: FeedRange = {}) {
    this.#range = range;
    this.#end = new RangeEnd(tracks.map((t) => t.view.kind));
    // What has a beginning or an end is wanted whole.
    const stays = [range.from, range.until, range.length].some((bound) => bound !== undefined);
    this.#cursor = new LiveCursor(tracks.map((t) => t.view), stays ? Infinity : undefined);
    this.#leading = Math.max(0, tracks.findIndex((t) => t.view.kind === "video"));
    const fills = tracks[this.#leading]?.view.kind === "video" && range.until === undefined &&
      range.length === undefined;
    this.#lanes = tracks.map(({ view, flac }) => {
      const known = view.track();
      const lane = {
        view,
        flac,
        version: known?.version ?? -1,
        run: undefined,
        origin: NaN,
        scale: 1,
        begun: false,
        quiet: fills && view.kind === "audio" ? new QuietSound(view) : undefined,
      };
      if (known !== undefined) this.#configure(lane, known.track);
      return lane;
    });
  }

  /** The frames that the last {@link next} found, until the next one. */
  get frames(): readonly MuxFrame[] {
    return this.#frames;
  }

  /** Which track changed, and what it became. */
  get changed(): { readonly track: number; readonly to: Track | undefined } {
    return this.#changed;
  }

  /** Stream time of the newest frame handed out, microseconds. */
  get micros(): number {
    return this.#micros;
  }

  /** Stream time of the first frame, microseconds; NaN before it. */
  get originMicros(): number {
    return this.#originMicros;
  }

  /** Times that it went on at another key frame because it was too slow. */
  get jumps(): number {
    return this.#cursor.jumps + this.#cursor.lapped;
  }

  /** Finds the next frames, `most` at most, those of stream time up to `limit` (microseconds). */
  next(limit = Infinity, most = GROUP_MAX): Fed {
    this.#frames.length = 0;
    for (const { run } of this.#lanes) run?.begin();
    if (!this.#sought && !this.#seek()) return "none";
    const cursor = this.#cursor;
    while (this.#frames.length < most && !this.#ended) {
      if (!this.#held && !cursor.next(this.#record)) break;
      this.#held = true;
      const n = cursor.track;
      // Ticks are no whole microseconds.
      const time = Math.round(cursor.micros);
      const lane = this.#lanes[n] as Lane;
      if (time >= this.#until()) {
        // Frames of the other tracks may be still on their way.
        this.#held = false;
        this.#ended = this.#end.reached(n, time, this.#until());
        continue;
      }
      if (time > limit) break;
      const starts = n === this.#leading && this.#record.key && lane.view.kind === "video";
      const changes = lane.version !== this.#record.configVersion;
      if (this.#frames.length > 0 && (starts || changes)) break;
      if (changes) return this.#change(n, lane);
      this.#held = false;
      this.#micros = time;
      if (lane.quiet?.takes(this.#record) === false) continue;
      this.#fill(n, lane);
      this.#add(n, lane, this.#record);
      if (n === this.#leading) this.#pass();
    }
    if (this.#frames.length > 0) return "frames";
    return this.#ended ? "ended" : "none";
  }

  /** Whether the bytes of all frames that were handed out last were whole until now. */
  intact(): boolean {
    for (const { track, sequence } of this.#frames) {
      if (sequence >= 0 && !(this.#lanes[track] as Lane).view.intact(sequence)) return false;
    }
    return true;
  }

  /** The track as it goes into the container. */
  trackOf(n: number): Track | undefined {
    const lane = this.#lanes[n] as Lane;
    const track = lane.view.track(lane.version)?.track;
    return track !== undefined && lane.run !== undefined ? flacTrack(track as AudioTrack) : track;
  }

  #seek(): boolean {
    const { from, back } = this.#range;
    const window = back === undefined ? undefined : this.#cursor.window();
    if (back !== undefined && window === undefined) return false;
    const start = from ?? (window === undefined ? undefined : window.last - (back ?? 0));
    this.#sought = start === undefined || this.#cursor.seekTime(start);
    return this.#sought;
  }

  #until(): number {
    const { until = Infinity, length } = this.#range;
    return length === undefined || Number.isNaN(this.#originMicros)
      ? until
      : Math.min(until, this.#originMicros + length);
  }

  #change(n: number, lane: Lane): Fed {
    const { configVersion } = this.#record;
    const track = (lane.view.track(configVersion) ?? lane.view.track())?.track;
    lane.version = configVersion;
    if (track !== undefined) this.#configure(lane, track);
    this.#changed = { track: n, to: this.trackOf(n) };
    return "change";
  }

  #configure(lane: Lane, track: Track): void {
    lane.run = lane.flac && track.kind === "audio" && becomesFlac(track.codec)
      ? new FlacRun(track)
      : undefined;
    if (lane.scale !== track.timescale) lane.origin = NaN;
    lane.scale = track.timescale;
  }

  /** A picture was read: gives silence for sound that stopped. */
  #pass(): void {
    for (let n = 0; n < this.#lanes.length; n++) {
      const lane = this.#lanes[n] as Lane;
      lane.quiet?.pass(this.#cursor.micros, this.#record.arrival, lane.version);
      this.#fill(n, lane);
    }
  }

  #fill(n: number, lane: Lane): void {
    while (lane.quiet?.next(this.#silent)) this.#add(n, lane, this.#silent);
  }

  #add(n: number, lane: Lane, record: FrameRecord): void {
    if (Number.isNaN(this.#originMicros)) this.#originMicros = this.#micros;
    if (Number.isNaN(lane.origin)) lane.origin = Math.round((this.#originMicros * lane.scale) / 1e6);
    const { run } = lane;
    if (run === undefined) {
      this.#put(n, lane, record, record.data, record.dts, record.duration);
      return;
    }
    run.add(record.dts, record.data);
    while (run.next()) this.#put(n, lane, record, run.data, run.dts, run.duration);
  }

  #put(
    n: number,
    lane: Lane,
    record: FrameRecord,
    data: Uint8Array,
    dts: number,
    duration: number,
  ): void {
    const slot = this.#slots[this.#frames.length] ??= new Slot();
    slot.track = n;
    slot.data = data;
    slot.dts = dts - lane.origin;
    slot.ptsOffset = record.ptsOffset;
    slot.duration = duration;
    slot.key = record.key;
    // To those who begin with it, the first frame continues nothing.
    slot.discontinuity = record.discontinuity && lane.begun;
    slot.sequence = record.sequence;
    lane.begun = true;
    this.#frames.push(slot);
  }
}
