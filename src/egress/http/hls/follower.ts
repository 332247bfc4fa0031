import type { Clock } from "../../../base/clock.ts";
import type { Log } from "../../../base/log.ts";
import type { Tally } from "../../../base/tally.ts";
import { type MonoMillis, monoMillis } from "../../../base/units.ts";
import { StreamView } from "../../../buffer/stream_view.ts";
import { makeFrameRecord, TrackView } from "../../../buffer/track_view.ts";
import type { OpenedStream } from "../../door.ts";
import type { PartLatency } from "./part_latency.ts";
import { playable } from "./playable.ts";
import { Rendition } from "./rendition.ts";
import { RenditionPlaylist } from "./rendition_playlist.ts";
import type { HlsSettings } from "./settings.ts";

/** What a follower needs of its worker. */
export interface FollowerServices {
  readonly clock: Clock;
  readonly log: Log;
  readonly tally: Tally;
  readonly settings: HlsSettings;
  /** Where the time is noted that parts take through the server. */
  readonly latency?: PartLatency;
}

/** A media playlist and what it is printed from. */
export interface Followed {
  readonly rendition: Rendition;
  readonly playlist: RenditionPlaylist;
}

interface Condition {
  readonly test: () => boolean;
  readonly deadline: MonoMillis;
  readonly resolve: (met: boolean) => void;
}

/** How long the doorbell may be silent before waits are looked over. */
const CHECK_MILLIS = 250;

/**
 * Follows one stream for all its viewers in this worker: waits at the doorbell, takes over each part once, and answers
 * the requests that it completes. Lives while there are viewers.
 */
export class Follower {
  readonly name: string;
  readonly stream: StreamView;
  readonly #services: FollowerServices;
  readonly #release: (() => void) | undefined;
  readonly #watched: () => void;
  readonly #tracks: TrackView[] = [];
  readonly #followed = new Map<string, Followed>();
  readonly #refused = new Set<string>();
  readonly #record = makeFrameRecord();
  #conditions: Condition[] = [];
  #usedAt: MonoMillis;
  #closed = false;

  /** `watched` is called again and again while requests are held: their viewers are there, though they ask nothing. */
  constructor(opened: OpenedStream, services: FollowerServices, watched: () => void = () => {}) {
    this.name = opened.name;
    this.stream = new StreamView(opened.page);
    this.#services = services;
    this.#watched = watched;
    this.#release = opened.release?.bind(opened);
    this.#usedAt = services.clock.mono();
    for (const page of opened.tracks) this.#tracks.push(new TrackView(page));
    opened.onTracks((page) => {
      if (this.#closed) return;
      this.#tracks.push(new TrackView(page));
      this.#advance();
    });
    opened.onClosed(() => this.close());
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** All tracks announced so far, playable or not. */
  get tracks(): readonly TrackView[] {
    return this.#tracks;
  }

  /** Somebody asked: keeps the follower alive. */
  use(now: MonoMillis): void {
    this.#usedAt = now;
  }

  /** Requests held now. */
  get held(): number {
    let held = this.#conditions.length;
    for (const { rendition } of this.#followed.values()) {
      held += rendition.playlistWaits.size + rendition.mediaWaits.size;
    }
    return held;
  }

  /** Runs until closed or until nobody has asked for the settings' `idleMillis`. */
  async run(): Promise<void> {
    while (!this.#closed) {
      const bell = this.stream.partRing();
      this.#advance();
      await this.stream.waitPart(bell, CHECK_MILLIS);
      if (this.held > 0) this.#watched();
      if (this.#services.clock.mono() - this.#usedAt > this.#services.settings.idleMillis) this.close();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const { rendition } of this.#followed.values()) rendition.close();
    for (const condition of this.#conditions) condition.resolve(false);
    this.#conditions = [];
    this.#release?.();
  }

  /** Waits until `test` holds; false when it did not by `deadline` or the stream was given up. */
  until(test: () => boolean, deadline: MonoMillis): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    if (test()) return Promise.resolve(true);
    return new Promise((resolve) => this.#conditions.push({ test, deadline, resolve }));
  }

  /** The renditions of single tracks, in order of track number. */
  *singles(): Generator<Rendition> {
    for (const track of this.#tracks) {
      const followed = this.#followed.get(String(track.id));
      if (followed !== undefined) yield followed.rendition;
    }
  }

  /**
   * The rendition named in a URL: track numbers joined by `_`, or `video`, `audio`, `muxed` for the first of each kind.
   * Undefined while there is none; a muxed one is made when first asked for.
   */
  find(key: string): Followed | undefined {
    const known = this.#followed.get(key);
    if (known !== undefined) return known;
    const ids = this.#idsOf(key);
    if (ids === undefined) return undefined;
    const name = ids.join("_");
    const kept = this.#followed.get(name);
    if (kept !== undefined) return kept;
    const tracks = ids.map((id) => this.#tracks.find((t) => t.id === id));
    if (!tracks.every((t) => t !== undefined && this.#isPlayable(t))) return undefined;
    return this.#follow(name, tracks as TrackView[]);
  }

  #idsOf(key: string): readonly number[] | undefined {
    if (/^[0-9]{1,4}(_[0-9]{1,4})?$/.test(key)) {
      const ids = key.split("_").map(Number);
      return new Set(ids).size === ids.length ? ids : undefined;
    }
    const first = (kind: string) =>
      this.#tracks.find((t) => t.track()?.track.kind === kind && this.#isPlayable(t))?.id;
    const video = first("video"), audio = first("audio");
    const ids = key === "video" ? [video] : key === "audio" ? [audio] : key === "muxed" ? [video, audio] : [];
    const found = ids.filter((id) => id !== undefined);
    return found.length > 0 ? found : undefined;
  }

  #isPlayable(view: TrackView): boolean {
    const track = view.track()?.track;
    return view.id >= 0 && track !== undefined && playable(track) !== undefined;
  }

  #follow(name: string, tracks: readonly TrackView[]): Followed | undefined {
    if (this.#refused.has(name)) return undefined;
    const rendition = new Rendition({
      stream: this.stream,
      tracks,
      record: this.#record,
      listMillis: this.#services.settings.listMillis,
      leading: () => this.#tracks.find((t) => t.id === this.stream.leading),
      lost: (msn) => this.#services.tally.add("hls segment lost", `${this.name} ${name} ${msn}`),
    });
    const followed = { rendition, playlist: new RenditionPlaylist(this.stream, rendition) };
    this.#followed.set(name, followed);
    this.#advanceOne(name, rendition, this.#services.clock.mono());
    return this.#followed.get(name);
  }

  #advance(): void {
    if (this.#closed) return;
    const now = this.#services.clock.mono();
    for (const view of this.#tracks) {
      const name = String(view.id);
      if (!this.#followed.has(name) && this.#isPlayable(view)) this.#follow(name, [view]);
    }
    for (const [name, { rendition }] of this.#followed) {
      this.#advanceOne(name, rendition, now);
      rendition.expire(now);
    }
    if (this.#conditions.length > 0) this.#testConditions(now);
  }

  /** A rendition that cannot be made is given up alone; the others go on. */
  #advanceOne(name: string, rendition: Rendition, now: MonoMillis): void {
    try {
      const { settings, latency, clock } = this.#services;
      const eager = now - rendition.wantedAt < settings.idleMillis;
      // What is there when a rendition begins did not just come.
      const measured = eager && rendition.version > 0;
      if (rendition.advance(eager) && measured) latency?.took(this.name, rendition, clock.mono());
    } catch (e) {
      this.#services.log.error(
        `${this.name}: HLS of track ${name}: ${e instanceof Error ? e.message : String(e)}`,
      );
      this.#refused.add(name);
      this.#followed.delete(name);
      rendition.close();
    }
  }

  #testConditions(now: MonoMillis): void {
    const waiting = this.#conditions;
    this.#conditions = [];
    for (const condition of waiting) {
      if (condition.test()) condition.resolve(true);
      else if (condition.deadline <= now) condition.resolve(false);
      else this.#conditions.push(condition);
    }
  }
}

/** `now` and some milliseconds. */
export function later(now: MonoMillis, millis: number): MonoMillis {
  return monoMillis(now + millis);
}
