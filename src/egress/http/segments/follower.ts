import type { Clock } from "../../../base/clock.ts";
import type { Log } from "../../../base/log.ts";
import type { Tally } from "../../../base/tally.ts";
import { type MonoMillis, monoMillis } from "../../../base/units.ts";
import { StreamView } from "../../../buffer/stream_view.ts";
import { makeFrameRecord, TrackView } from "../../../buffer/track_view.ts";
import type { OpenedStream } from "../../door.ts";
import type { PartLatency } from "./part_latency.ts";
import { CARRIES } from "./playable.ts";
import { Rendition } from "./rendition.ts";
import { type ContainerName, parseRenditionKey, printRenditionKey } from "./rendition_key.ts";
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

interface Condition {
  readonly test: () => boolean;
  readonly deadline: MonoMillis;
  readonly resolve: (met: boolean) => void;
}

/** Renditions of one stream: every choice of tracks that somebody asks for is one. */
const RENDITIONS_MAX = 64;

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
  readonly #followed = new Map<string, Rendition>();
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
    opened.onClosed((why) => {
      this.offline = why ?? this.offline;
      this.close();
    });
  }

  /** What is told to those who waited in vain: why there is nothing, where that is known. */
  offline = "The stream is offline";

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
    for (const rendition of this.#followed.values()) {
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
    for (const rendition of this.#followed.values()) rendition.close();
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
      const rendition = this.#followed.get(String(track.id));
      if (rendition !== undefined) yield rendition;
    }
  }

  /** The renditions that are in the same container as `one`: those of single tracks in MP4, or all that are there. */
  like(one: Rendition): Iterable<Rendition> {
    if (one.container === "mp4") return this.singles();
    return [...this.#followed.values()].filter((rendition) => rendition.container === one.container);
  }

  /**
   * The rendition of that name ({@link parseRenditionKey}). Undefined while there is none; one that is not a single track
   * in MP4 is made when first asked for.
   */
  find(key: string): Rendition | undefined {
    const known = this.#followed.get(key);
    if (known !== undefined) return known;
    const parsed = parseRenditionKey(key);
    if (parsed === undefined) return undefined;
    const { container } = parsed;
    const tracks: TrackView[] = [];
    for (const wanted of parsed.tracks) {
      const found = this.#tracks.find((t) =>
        this.#carries(container, t) && (typeof wanted === "number" ? t.id === wanted : t.kind === wanted)
      );
      if (found !== undefined) tracks.push(found);
      else if (typeof wanted === "number") return undefined;
    }
    // Data goes along with sound or pictures, which say where parts end.
    if (!tracks.some((t) => t.kind !== "data")) return undefined;
    const name = printRenditionKey(container, tracks.map((t) => t.id));
    return this.#followed.get(name) ?? this.#follow(name, container, tracks);
  }

  /** True for a name that will never be one: no name, of tracks that the container does not carry, of data alone. */
  cannot(key: string): boolean {
    const parsed = parseRenditionKey(key);
    if (parsed === undefined) return true;
    const views = parsed.tracks.map((wanted) => this.#tracks.find((t) => t.id === wanted));
    return views.every((view) => view?.kind === "data") ||
      views.some((view) => view?.track() !== undefined && !this.#carries(parsed.container, view));
  }

  #carries(container: ContainerName, view: TrackView): boolean {
    const track = view.track()?.track;
    return view.id >= 0 && track !== undefined && CARRIES[container](track);
  }

  #follow(name: string, container: ContainerName, tracks: readonly TrackView[]): Rendition | undefined {
    if (this.#refused.has(name) || this.#followed.size >= RENDITIONS_MAX) return undefined;
    const rendition = new Rendition({
      stream: this.stream,
      container,
      tracks,
      record: this.#record,
      listMillis: this.#services.settings.listMillis,
      leading: () => this.#tracks.find((t) => t.id === this.stream.leading),
      id3: () => this.#tracks.filter((t) => t.track()?.track.codec === "id3"),
      lost: (msn) => this.#services.tally.add("segment lost", `${this.name} ${name} ${msn}`),
    });
    this.#followed.set(name, rendition);
    this.#advanceOne(name, rendition, this.#services.clock.mono());
    return this.#followed.get(name);
  }

  #advance(): void {
    if (this.#closed) return;
    const now = this.#services.clock.mono();
    for (const view of this.#tracks) {
      const name = String(view.id);
      if (!this.#followed.has(name) && this.#carries("mp4", view)) this.#follow(name, "mp4", [view]);
    }
    for (const [name, rendition] of this.#followed) {
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
        `${this.name}: segments of track ${name}: ${e instanceof Error ? e.message : String(e)}`,
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
