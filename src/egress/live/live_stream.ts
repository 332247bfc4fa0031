import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { MonoMillis } from "../../base/units.ts";
import { StreamView } from "../../buffer/stream_view.ts";
import { makeFrameRecord, TrackView } from "../../buffer/track_view.ts";
import type { SelectableTrack } from "../../media/select/selectable_track.ts";
import type { OpenedStream } from "../door.ts";
import { Doorbell } from "./doorbell.ts";
import { mediaRate } from "./media_rate.ts";

/** How long a stream with one track is waited for to show another, milliseconds. */
export const MORE_TRACKS_MILLIS = 1000;

/**
 * One stream, open for all readers of this worker that stay with it: its views, and calls at every frame. Nothing is
 * called, and the controller is not asked to keep the stream, while nobody has subscribed.
 */
export class LiveStream {
  readonly name: string;
  readonly stream: StreamView;
  readonly #tracks: TrackView[] = [];
  readonly #clock: Clock;
  readonly #frames: Doorbell;
  readonly #parts: Doorbell;
  readonly #release: (() => void) | undefined;
  readonly #closedBy = new Set<() => void>();
  readonly #record = makeFrameRecord();
  #session: number;
  #sessionAt: MonoMillis;
  #usedAt: MonoMillis;
  #closed = false;

  /** `watched` is called again and again while there are subscribers. */
  constructor(opened: OpenedStream, clock: Clock, log: Log, watched: () => void = () => {}) {
    this.name = opened.name;
    this.stream = new StreamView(opened.page);
    this.#clock = clock;
    this.#release = opened.release?.bind(opened);
    this.#usedAt = this.#sessionAt = clock.mono();
    this.#session = this.stream.session;
    const heard = () => {
      this.#usedAt = clock.mono();
      watched();
    };
    const failed = (e: unknown) =>
      log.error(`${this.name}: ${e instanceof Error ? e.stack ?? e.message : String(e)}`);
    const { stream } = this;
    const bell = { value: () => stream.ring(), wait: (was: number, ms: number) => stream.wait(was, ms) };
    const partBell = {
      value: () => stream.partRing(),
      wait: (was: number, ms: number) => stream.waitPart(was, ms),
    };
    this.#frames = new Doorbell(bell, heard, failed);
    this.#parts = new Doorbell(partBell, heard, failed);
    for (const page of opened.tracks) this.#tracks.push(new TrackView(page));
    opened.onTracks((page) => {
      if (!this.#closed) this.#tracks.push(new TrackView(page));
    });
    opened.onClosed((why) => {
      this.offline = why ?? this.offline;
      this.close();
    });
  }

  /** What is told to those who waited in vain: why there is nothing, where that is known. */
  offline = "The stream is offline";

  /** The pages were given up: open the stream anew. */
  get closed(): boolean {
    return this.#closed;
  }

  /** All tracks announced so far; more are added at the end. */
  get tracks(): readonly TrackView[] {
    return this.#tracks;
  }

  /** Readers that are called. */
  get readers(): number {
    return this.#frames.size + this.#parts.size;
  }

  /** When somebody last used it. */
  get usedAt(): MonoMillis {
    return this.#usedAt;
  }

  /** Somebody asked for it. */
  use(): void {
    this.#usedAt = this.#clock.mono();
  }

  /** Calls `run` after every frame from now on, and about four times a second besides, until undone; never at once. */
  subscribe(run: () => void): () => void {
    return this.#frames.subscribe(run);
  }

  /** As {@link subscribe}, but when a part closed, or a track or the state changed. */
  subscribeParts(run: () => void): () => void {
    return this.#parts.subscribe(run);
  }

  /** Calls `run` once when the pages are given up; the answer undoes it. */
  onClosed(run: () => void): () => void {
    if (this.#closed) run();
    else this.#closedBy.add(run);
    return () => void this.#closedBy.delete(run);
  }

  /**
   * The tracks of the source as it is now, in order of their number: those that it had before it began anew, and has no
   * more, are left out.
   */
  current(): readonly TrackView[] {
    const session = this.stream.session;
    const known = this.#tracks.filter((t) => t.id >= 0 && t.track() !== undefined);
    const joined = known.filter((t) => t.session === session);
    // A source that is about to begin has shown nothing: what it was is the best guess.
    return (joined.length > 0 ? joined : known).sort((a, b) => a.id - b.id);
  }

  /** The current tracks for selectors to choose from. */
  selectable(): readonly SelectableTrack[] {
    return this.current().map((view) => ({
      id: view.id,
      track: (view.track() as NonNullable<ReturnType<TrackView["track"]>>).track,
      bitRate: mediaRate(view),
      reordered: view.newestKey >= 0 && view.peek(view.newestKey, this.#record) === "ok" &&
        this.#record.ptsOffset > 0,
    }));
  }

  /**
   * Waits until tracks are known and a reader can begin: the leading track has a key frame, and the others have come, or
   * {@link MORE_TRACKS_MILLIS} have passed. False when that was not so by `deadline`, or when the stream was closed.
   */
  ready(deadline: MonoMillis): Promise<boolean> {
    if (this.#closed) return Promise.resolve(false);
    this.use();
    if (this.#isReady()) return Promise.resolve(true);
    if (this.#clock.mono() >= deadline) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (answer: boolean) => {
        undo();
        undoClosed();
        resolve(answer);
      };
      const undo = this.#parts.subscribe(() => {
        if (this.#isReady()) end(true);
        else if (this.#clock.mono() >= deadline) end(false);
      });
      const undoClosed = this.onClosed(() => end(false));
    });
  }

  #isReady(): boolean {
    const { session } = this.stream;
    const now = this.#clock.mono();
    if (session !== this.#session) {
      this.#session = session;
      this.#sessionAt = now;
    }
    const known = this.#tracks.filter((t) => t.id >= 0 && t.track() !== undefined);
    const joined = known.filter((t) => t.session === session);
    const begun = joined.filter((t) => (t.kind === "data" ? t.head > t.tail : t.newestKey >= 0));
    const media = begun.filter((t) => t.kind !== "data");
    const leading = media.find((t) => t.id === this.stream.leading) ?? media[0];
    if (leading === undefined) {
      return begun.length > 0 && begun.some((t) => this.#since(t, now) > MORE_TRACKS_MILLIS);
    }
    const both = media.some((t) => t.kind === "video") && media.some((t) => t.kind === "audio");
    if (both && joined.length === known.length) return true;
    const settled = joined.length === known.length || now - this.#sessionAt > MORE_TRACKS_MILLIS;
    return settled && this.#since(leading, now) > MORE_TRACKS_MILLIS;
  }

  /** Milliseconds since the oldest frame of a track that is still there came. */
  #since(view: TrackView, now: MonoMillis): number {
    return view.peek(view.tail, this.#record) === "ok" ? now - this.#record.arrival : Infinity;
  }

  /** Lets go of the pages. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#frames.close();
    this.#parts.close();
    for (const run of this.#closedBy) run();
    this.#closedBy.clear();
    this.#release?.();
  }
}
