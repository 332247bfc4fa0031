import { type FrameRecord, makeFrameRecord, type TrackView } from "../../../buffer/track_view.ts";
import type { Track } from "../../../media/track.ts";
import { QuietSound } from "../../live/quiet_sound.ts";

/**
 * How a round of reading ended: `all` there was (up to the limits) was read; there is `more`; the next frame needs a
 * `changed` configuration of its track; a frame was `lapped`, overwritten before it was read.
 */
export type RoundEnd = "all" | "more" | "changed" | "lapped";

export interface RoundLimits {
  /** Frames decoded later than this stream time stay. */
  readonly untilMicros: number;
  /** Frames from these sequences on stay, track by track. */
  readonly upTo?: readonly number[] | undefined;
  /** The round ends behind the frame that reaches this. */
  readonly maxBytes: number;
}

/**
 * A place in several tracks of a stream, and reading from there in order of time. Unlike `buffer/live_cursor.ts` it goes
 * where it is told, keeps to limits, and stops where a configuration changes. Silence takes the place of sound that stops
 * while pictures go on.
 */
export class TrackCursors {
  readonly views: readonly TrackView[];
  /** Index of the track that decides where reading may begin. */
  readonly main: number;
  /** Sequence of the next frame, track by track. */
  readonly at: number[];
  /** Version of the configuration that frames are read for, track by track. */
  readonly versions: number[];
  readonly #scale: number[];
  readonly #first: number[];
  readonly #record = makeFrameRecord();
  readonly #silent = makeFrameRecord();
  /** Of sound beside pictures. */
  readonly #quiet: readonly (QuietSound | undefined)[];
  #lastMicros = 0;

  /** The first video track, else the first, decides where reading may begin. */
  constructor(views: readonly TrackView[]) {
    this.views = views;
    this.main = Math.max(0, views.findIndex((view) => view.kind === "video"));
    this.at = views.map((view) => view.head);
    this.versions = views.map((view) => view.version);
    this.#scale = views.map((view) => view.track()?.track.timescale ?? 90_000);
    this.#first = views.map(() => -1);
    const pictures = views[this.main]?.kind === "video";
    this.#quiet = views.map((view) => pictures && view.kind === "audio" ? new QuietSound(view) : undefined);
  }

  /** Stream time of the last frame that was read, or where reading begins, microseconds. */
  get micros(): number {
    return this.#lastMicros;
  }

  /** The tracks, in the configurations that frames are read for. */
  tracks(): Track[] {
    return this.views.flatMap((view, n) => view.track(this.versions[n])?.track ?? view.track()?.track ?? []);
  }

  /** Goes where another cursor over the same tracks is. */
  goTo(other: TrackCursors): void {
    for (let n = 0; n < this.at.length; n++) {
      this.at[n] = other.at[n] as number;
      this.versions[n] = other.versions[n] as number;
      this.#scale[n] = other.#scale[n] as number;
      const there = other.#quiet[n];
      if (there !== undefined) this.#quiet[n]?.goTo(there);
    }
    this.#lastMicros = other.#lastMicros;
  }

  isAt(places: readonly number[]): boolean {
    return this.at.every((sequence, n) => sequence === places[n]);
  }

  /** Whether all that was written has been read. */
  isAtEdge(): boolean {
    return this.at.every((sequence, n) => sequence >= (this.views[n] as TrackView).head);
  }

  /** Stream time of the newest frame of the main track, and of the oldest, microseconds; undefined without frames. */
  range(): { readonly begin: number; readonly end: number } | undefined {
    const n = this.main;
    const view = this.views[n];
    if (view === undefined) return undefined;
    const begin = this.#timeOf(n, view.tail), end = this.#timeOf(n, view.head - 1);
    return begin === undefined || end === undefined ? undefined : { begin, end };
  }

  /** Goes to the newest key frame; false when there is none. */
  seekNewestKey(): boolean {
    const view = this.views[this.main];
    return view !== undefined && view.newestKey >= 0 && this.#seekKey(view.newestKey);
  }

  /** Goes to the last key frame that is not later than `micros`, else to the oldest; false when there is none. */
  seek(micros: number): boolean {
    const n = this.main;
    const view = this.views[n];
    if (view === undefined) return false;
    let low = view.tail, high = view.head;
    while (low < high) {
      const middle = low + ((high - low) >> 1);
      const time = this.#timeOf(n, middle);
      if (time === undefined || time <= micros) low = middle + 1;
      else high = middle;
    }
    for (let at = low - 1; at >= view.tail; at--) if (this.#isKey(view, at)) return this.#seekKey(at);
    for (let at = low; at < view.head; at++) if (this.#isKey(view, at)) return this.#seekKey(at);
    return false;
  }

  /** Decoding time of the last frame that was read or silent, in ticks, by number of the track. */
  places(): Record<string, number> {
    const places: Record<string, number> = {};
    for (let n = 0; n < this.views.length; n++) {
      const view = this.views[n] as TrackView;
      if (view.peek((this.at[n] as number) - 1, this.#record) !== "ok") continue;
      places[view.id] = this.#quiet[n]?.last ?? this.#record.dts;
    }
    return places;
  }

  /**
   * Goes behind the frames of these decoding times. False where frames between are gone, or the next ones need another
   * configuration than those before.
   */
  seekAfter(places: ReadonlyMap<number, number>): boolean {
    for (let n = 0; n < this.views.length; n++) {
      const view = this.views[n] as TrackView;
      const after = places.get(view.id);
      if (after === undefined) return false;
      let low = view.tail, high = view.head;
      while (low < high) {
        const middle = low + ((high - low) >> 1);
        if (view.peek(middle, this.#record) !== "ok" || this.#record.dts <= after) low = middle + 1;
        else high = middle;
      }
      if (low <= view.tail || view.peek(low - 1, this.#record) !== "ok") return false;
      this.at[n] = low;
      this.#quiet[n]?.restart(after);
      this.versions[n] = this.#record.configVersion;
    }
    const before = this.versions.join();
    this.takeVersions();
    this.#lastMicros = this.#timeOf(this.main, (this.at[this.main] as number) - 1) ?? this.#lastMicros;
    return this.versions.join() === before;
  }

  /** Whether the newest key frame of the main track has not been read yet. */
  get keyAhead(): boolean {
    const n = this.main;
    return (this.views[n]?.newestKey ?? -1) > (this.at[n] as number);
  }

  /** Reads from here on and hands each frame to `take`; the record is used again for the next. */
  round(limits: RoundLimits, take: (n: number, frame: FrameRecord) => void): RoundEnd {
    this.#first.fill(-1);
    const record = this.#record;
    for (let bytes = 0;;) {
      const n = this.#earliest(limits.upTo);
      if (n < 0) return n === -1 ? "all" : "lapped";
      if (this.#earliestMicros > limits.untilMicros) return "all";
      if (bytes >= limits.maxBytes) return "more";
      const sequence = this.at[n] as number;
      if ((this.views[n] as TrackView).read(sequence, record) !== "ok") return "lapped";
      if (record.configVersion !== this.versions[n]) return "changed";
      this.at[n] = sequence + 1;
      this.#lastMicros = this.#earliestMicros;
      if (this.#quiet[n]?.takes(record) === false) continue;
      bytes += this.#fill(n, take) + record.size;
      take(n, record);
      if ((this.#first[n] as number) < 0) this.#first[n] = sequence;
      if (n === this.main) bytes += this.#pass(record, take);
    }
  }

  /** A picture was read: hands out silence for sound that stopped, and answers how many bytes. */
  #pass({ arrival }: FrameRecord, take: (n: number, frame: FrameRecord) => void): number {
    let bytes = 0;
    for (let n = 0; n < this.#quiet.length; n++) {
      this.#quiet[n]?.pass(this.#lastMicros, arrival, this.versions[n] as number);
      bytes += this.#fill(n, take);
    }
    return bytes;
  }

  #fill(n: number, take: (n: number, frame: FrameRecord) => void): number {
    let bytes = 0;
    while (this.#quiet[n]?.next(this.#silent)) {
      take(n, this.#silent);
      bytes += this.#silent.size;
    }
    return bytes;
  }

  /** Whether all frames of the last round were whole until now. */
  intact(): boolean {
    for (let n = 0; n < this.views.length; n++) {
      const first = this.#first[n] as number;
      if (first >= 0 && !(this.views[n] as TrackView).intact(first)) return false;
    }
    return true;
  }

  /** Reads for the configurations of the next frames from now on. */
  takeVersions(): void {
    for (let n = 0; n < this.views.length; n++) {
      const view = this.views[n] as TrackView;
      const ok = view.peek(this.at[n] as number, this.#record) === "ok";
      const version = ok ? this.#record.configVersion : view.version;
      this.versions[n] = version;
      this.#scale[n] = (view.track(version) ?? view.track())?.track.timescale ?? 90_000;
    }
  }

  #earliestMicros = 0;

  /** Track with the earliest next frame; -1: none has one; -2: one was lapped. */
  #earliest(upTo: readonly number[] | undefined): number {
    let best = -1;
    for (let n = 0; n < this.views.length; n++) {
      const view = this.views[n] as TrackView;
      const at = this.at[n] as number;
      if (at >= (upTo?.[n] ?? Infinity) || at >= view.head) continue;
      if (view.peek(at, this.#record) !== "ok") return -2;
      const micros = (this.#record.dts / (this.#scale[n] as number)) * 1e6;
      if (best >= 0 && micros >= this.#earliestMicros) continue;
      best = n;
      this.#earliestMicros = micros;
    }
    return best;
  }

  #isKey(view: TrackView, sequence: number): boolean {
    return view.peek(sequence, this.#record) === "ok" && this.#record.key;
  }

  #timeOf(n: number, sequence: number): number | undefined {
    if ((this.views[n] as TrackView).peek(sequence, this.#record) !== "ok") return undefined;
    return (this.#record.dts / (this.#scale[n] as number)) * 1e6;
  }

  /** Goes to a frame of the main track, in the others to the first one that is not earlier. */
  #seekKey(sequence: number): boolean {
    const main = this.main;
    const from = this.#timeOf(main, sequence);
    if (from === undefined) return false;
    for (let n = 0; n < this.views.length; n++) {
      this.at[n] = n === main ? sequence : this.#firstFrom(n, from);
      this.#quiet[n]?.restart();
    }
    this.#lastMicros = from;
    this.takeVersions();
    return true;
  }

  /** First frame of track n at `micros` or later, by bisection. */
  #firstFrom(n: number, micros: number): number {
    const view = this.views[n] as TrackView;
    let low = view.tail, high = view.head;
    while (low < high) {
      const middle = low + ((high - low) >> 1);
      const time = this.#timeOf(n, middle);
      if (time === undefined || time < micros) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
