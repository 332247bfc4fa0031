import type { Clock } from "../../../base/clock.ts";
import type { TrackView } from "../../../buffer/track_view.ts";
import type { StreamMicros } from "../../../base/units.ts";
import type { LiveStream } from "../../live/live_stream.ts";
import { ArrivalJitter } from "./arrival_jitter.ts";
import { printOnTime, type TimeReport } from "./messages.ts";
import type { Message, Packager, SocketFormat } from "./packager.ts";
import { type RoundEnd, type RoundLimits, TrackCursors } from "./track_cursors.ts";
import type { Viewer } from "./viewer.ts";

/** From so many live viewers on, sound waits for the next picture: one message for all instead of three. */
const COALESCE_VIEWERS = 32;
/** But no longer than so, milliseconds. */
const COALESCE_MILLIS = 60;
/** Packagers that are kept: of the configuration before, while viewers are behind, and of the newest. */
const PACKAGERS_MAX = 3;
/** A live viewer gets all that has come since the last time in one message, up to about so many bytes. */
const ROUND_BYTES = 512 * 1024;

/**
 * The same tracks for all viewers who want them. Who is at the live edge gets the very same messages, made once; who is
 * not has a cursor of its own. Works only while there are viewers.
 */
export class TrackSet {
  readonly live: LiveStream;
  readonly format: SocketFormat;
  readonly views: readonly TrackView[];
  /** Numbers of the tracks, as viewers are told. */
  readonly ids: readonly number[];
  readonly #clock: Clock;
  readonly #emptied: () => void;
  /** Where the live viewers are. */
  readonly #edge: TrackCursors;
  readonly #fanned = new Set<Viewer>();
  readonly #own = new Set<Viewer>();
  readonly #packagers = new Map<string, Packager>();
  readonly #jitter = new ArrivalJitter();
  #fannedAt = 0;
  #undo: (() => void) | undefined;
  #cancelSecond: (() => void) | undefined;

  /** `emptied` is called when the last viewer has left. */
  constructor(
    live: LiveStream,
    format: SocketFormat,
    views: readonly TrackView[],
    clock: Clock,
    emptied: () => void,
  ) {
    this.live = live;
    this.format = format;
    this.views = views;
    this.ids = views.map((view) => view.id);
    this.#clock = clock;
    this.#emptied = emptied;
    this.#edge = new TrackCursors(views);
  }

  get size(): number {
    return this.#fanned.size + this.#own.size;
  }

  /** A viewer comes, with a cursor of its own. */
  enter(viewer: Viewer): void {
    this.#own.add(viewer);
    this.#undo ??= this.live.subscribe(() => this.#advance());
    this.#cancelSecond ??= this.#clock.after(1000, () => this.#second());
  }

  leave(viewer: Viewer): void {
    this.#fanned.delete(viewer);
    this.#own.delete(viewer);
    if (this.size === 0) this.#rest();
  }

  /** How far a viewer may read that wants to join the others; undefined: to the end. */
  get joinAt(): readonly number[] | undefined {
    return this.#fanned.size > 0 ? this.#edge.at : undefined;
  }

  /** Puts a viewer among those at the live edge, if it is where they are. */
  join(viewer: Viewer, cursors: TrackCursors): boolean {
    if (this.#fanned.size === 0) {
      if (!cursors.isAtEdge()) return false;
      this.#edge.goTo(cursors);
    } else if (!cursors.isAt(this.#edge.at) || !sameNumbers(cursors.versions, this.#edge.versions)) {
      return false;
    }
    this.#own.delete(viewer);
    this.#fanned.add(viewer);
    return true;
  }

  /** Takes a viewer from the live edge; its cursor goes on from there. */
  part(viewer: Viewer, cursors: TrackCursors): void {
    if (!this.#fanned.delete(viewer)) return;
    cursors.goTo(this.#edge);
    this.#own.add(viewer);
  }

  /** Decoding times of the frames that live viewers got last. */
  places(): Record<string, number> {
    return this.#edge.places();
  }

  /** What makes messages of the frames that a cursor is about to read. */
  packager(cursors: TrackCursors): Packager {
    const key = cursors.versions.join();
    const known = this.#packagers.get(key);
    if (known !== undefined) return known;
    const made = this.format.open(cursors.tracks());
    this.#packagers.set(key, made);
    for (const old of this.#packagers.keys()) {
      if (this.#packagers.size <= PACKAGERS_MAX) break;
      this.#packagers.delete(old);
    }
    return made;
  }

  /** One round of reading and what it makes; nothing of a round whose frames were overwritten meanwhile. */
  pump(cursors: TrackCursors, limits: RoundLimits, put: (message: Message) => void): RoundEnd {
    const packager = this.packager(cursors);
    const end = cursors.round(limits, (n, frame) => packager.add(n, frame));
    let whole = true;
    packager.end((message) => {
      whole &&= cursors.intact();
      if (whole) put(message);
    });
    return whole ? end : "lapped";
  }

  /** What a viewer at the live edge is told each second; `next` and `current` for others. */
  timeReport(): TimeReport {
    const range = this.#edge.range() ?? { begin: 0, end: 0 };
    const end = Math.round(range.end / 1000);
    const wall = this.live.stream.wallAt(0 as StreamMicros);
    return {
      current: end,
      next: end,
      begin: Math.round(range.begin / 1000),
      end,
      rate: "auto",
      tracks: this.ids,
      jitter: this.#jitter.millis,
      unixOffset: wall === undefined ? undefined : Math.round(wall),
    };
  }

  #advance(): void {
    const now = this.#clock.mono();
    try {
      if (this.#fanned.size > 0) this.#fanOut(now);
      for (const viewer of this.#own) viewer.advance(now);
    } catch (failure) {
      for (const viewer of [...this.#fanned, ...this.#own]) viewer.fail();
      throw failure;
    }
  }

  #fanOut(now: number): void {
    const edge = this.#edge;
    const main = edge.main;
    const mainCame = (edge.views[main]?.head ?? 0) > (edge.at[main] as number);
    if (!mainCame && this.#fanned.size >= COALESCE_VIEWERS && now - this.#fannedAt < COALESCE_MILLIS) return;
    this.#fannedAt = now;
    if (mainCame) this.#jitter.note(edge, main, now);
    const put = (message: Message) => {
      for (const viewer of this.#fanned) viewer.deliver(message);
    };
    const limits = { untilMicros: Infinity, maxBytes: ROUND_BYTES };
    for (let end: RoundEnd = "more"; end !== "all" && this.#fanned.size > 0;) {
      end = this.pump(edge, limits, put);
      if (end === "changed") {
        edge.takeVersions();
        for (const viewer of this.#fanned) viewer.reconfigured(edge);
      } else if (end === "lapped") {
        // This thread stood still for the whole window.
        const from = edge.micros;
        if (!edge.seekNewestKey()) return;
        for (const viewer of this.#fanned) viewer.skipped(from, edge.micros, "the server was late");
      }
    }
  }

  #second(): void {
    const now = this.#clock.mono();
    this.#jitter.second();
    const report = this.timeReport();
    const text = this.format.eager ? undefined : printOnTime(report);
    for (const viewer of [...this.#fanned]) {
      if (text !== undefined) viewer.deliver(text);
      viewer.second(now);
    }
    for (const viewer of [...this.#own]) {
      viewer.second(now);
      viewer.reportTime(now);
    }
    this.#cancelSecond = this.size > 0 ? this.#clock.after(1000, () => this.#second()) : undefined;
  }

  #rest(): void {
    this.#undo?.();
    this.#undo = undefined;
    this.#cancelSecond?.();
    this.#cancelSecond = undefined;
    this.#emptied();
  }
}

function sameNumbers(a: readonly number[], b: readonly number[]): boolean {
  return a.every((value, n) => value === b[n]);
}
