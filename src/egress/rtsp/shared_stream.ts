import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Tally } from "../../base/tally.ts";
import type { TrackView } from "../../buffer/track_view.ts";
import type { LiveStream } from "../live/live_stream.ts";
import { Feed, feedAll, type FeedOut } from "./feed.ts";
import { firstFrame, frameMicros, SharedTrack } from "./shared_track.ts";

/** RFC 3550, 6.2. */
const REPORT_MILLIS = 5000;
const CNAME = "fogcast";
/** A stream without source for so long is over for its players; a short break is not. Milliseconds. */
const OFFLINE_MILLIS = 20_000;

/** Who takes a stream's packets. */
export interface Receiver {
  /** Sends a sender report of a track. */
  report(track: SharedTrack, rtcp: Uint8Array): void;
  /** The stream ended or became another one. */
  ended(why: string): void;
}

export interface SharedStreamOptions {
  readonly clock: Clock;
  readonly log: Log;
  readonly tally: Tally;
  readonly packetMax: number;
  random(): number;
  /** Nobody takes anything any more. */
  idle(): void;
}

/** The packets of one stream's tracks, made once for all players and groups. */
export class SharedStream {
  readonly live: LiveStream;
  readonly #o: SharedStreamOptions;
  readonly #tracks = new Map<TrackView, SharedTrack>();
  readonly #receivers = new Map<Receiver, readonly Feed[]>();
  readonly #undo: (() => void)[] = [];
  #reportedAt: number;
  #frameAt: number;

  constructor(live: LiveStream, o: SharedStreamOptions) {
    this.live = live;
    this.#o = o;
    this.#reportedAt = this.#frameAt = o.clock.mono();
    this.#undo.push(
      live.subscribe(() => this.#pump()),
      live.onClosed(() => this.#end("the stream was closed")),
    );
  }

  /** Receivers now. */
  get size(): number {
    return this.#receivers.size;
  }

  /** The packets of tracks, from the newest key frame on. Throws RangeError where RTP has no way for one. */
  open(views: readonly TrackView[], payloadTypes: ReadonlyMap<TrackView, number>): SharedTrack[] {
    const video = views.find((view) => view.kind === "video");
    const key = video === undefined ? undefined : firstFrame(video, undefined);
    const micros = video === undefined || key === undefined ? undefined : frameMicros(video, key);
    const opened = views.map((view) => {
      const known = this.#tracks.get(view);
      if (known !== undefined) return known;
      const track = new SharedTrack(view, firstFrame(view, micros), {
        payloadType: payloadTypes.get(view) ?? 96,
        packetMax: this.#o.packetMax,
        alone: this.live.tracks.every((t) => t.kind !== "video"),
        random: () => this.#o.random(),
        refused: (why) => this.#o.tally.add(`${this.live.name}: frame not sent over RTP`, why),
      });
      this.#tracks.set(view, track);
      return track;
    });
    this.#pump();
    return opened;
  }

  /** A receiver that begins later; the stream is kept for it. */
  join(receiver: Receiver): void {
    this.#receivers.set(receiver, []);
  }

  /** A feed of a track for a receiver; it sends nothing before {@link begin}. */
  feed(track: SharedTrack, out: FeedOut): Feed {
    return new Feed(track, out, this.#o.clock);
  }

  /** Begins to send: what there is, and all that comes. Each track is announced by a sender report. */
  begin(receiver: Receiver, feeds: readonly (readonly [SharedTrack, Feed])[]): void {
    if (this.live.closed) return receiver.ended("the stream was closed");
    this.#receivers.set(receiver, feeds.map(([, feed]) => feed));
    for (const [track, feed] of feeds) {
      track.feeds.add(feed);
      receiver.report(track, track.report(this.live.stream, this.#o.clock.wall(), CNAME));
    }
    for (const [, feed] of feeds) feed.advance();
  }

  /** A receiver is gone. `goodbye`: it is told. */
  leave(receiver: Receiver, goodbye: boolean): void {
    const feeds = this.#receivers.get(receiver);
    if (feeds === undefined) return;
    this.#receivers.delete(receiver);
    for (const track of this.#tracks.values()) {
      const mine = feeds.find((feed) => track.feeds.delete(feed));
      mine?.stop();
      if (mine === undefined || !goodbye) continue;
      receiver.report(track, track.bye(this.live.stream, this.#o.clock.wall(), CNAME));
    }
    this.rest();
  }

  /** Ends it when there is nobody. */
  rest(): void {
    if (this.#receivers.size > 0) return;
    for (const undo of this.#undo.splice(0)) undo();
    this.#tracks.clear();
    this.#o.idle();
  }

  #end(why: string): void {
    for (const receiver of [...this.#receivers.keys()]) receiver.ended(why);
    this.rest();
  }

  /** Sends what has come, in order of time as far as several tracks have something. */
  #pump(): void {
    const now = this.#o.clock.mono();
    for (let track = this.#earliest(); track !== undefined; track = this.#earliest()) {
      const got = track.frame();
      if (got === "none") break;
      this.#frameAt = now;
      if (got === "changed") return this.#end("a track became another one");
      if (got === "turned") {
        for (const other of this.#tracks.values()) if (!other.video) other.turn(true);
      }
      feedAll(track.feeds, track.frameBytes);
    }
    if (!this.live.stream.live && now - this.#frameAt > OFFLINE_MILLIS) {
      return this.#end("the stream is offline");
    }
    if (now - this.#reportedAt >= REPORT_MILLIS) this.#report(now);
  }

  #earliest(): SharedTrack | undefined {
    let first: SharedTrack | undefined;
    let at = Infinity;
    for (const track of this.#tracks.values()) {
      const micros = track.nextMicros;
      if (micros === undefined || micros >= at) continue;
      first = track;
      at = micros;
    }
    return first;
  }

  #report(now: number): void {
    this.#reportedAt = now;
    const wall = this.#o.clock.wall();
    for (const track of this.#tracks.values()) {
      if (track.feeds.size === 0) continue;
      const report = track.report(this.live.stream, wall, CNAME);
      for (const [receiver, feeds] of this.#receivers) {
        if (feeds.some((feed) => track.feeds.has(feed))) receiver.report(track, report);
      }
    }
  }
}
