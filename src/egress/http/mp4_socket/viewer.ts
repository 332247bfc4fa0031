import type { Clock } from "../../../base/clock.ts";
import {
  WEBSOCKET_DONE,
  WEBSOCKET_FAILED,
  WEBSOCKET_GOING_AWAY,
  WEBSOCKET_REFUSED,
  type WebSocketPeer,
} from "../../../host/websocket.ts";
import type { Visitor } from "../visitors.ts";
import { Playhead } from "./playhead.ts";
import {
  printCodecs,
  printGoingOn,
  printHeaderInfo,
  printOnStop,
  printOnTime,
  printSetSpeed,
  printSkipped,
  type TimeReport,
} from "./messages.ts";
import type { Message } from "./packager.ts";
import { type RoundEnd, TrackCursors } from "./track_cursors.ts";
import type { TrackSet } from "./track_set.ts";

/** Bytes that may wait for a viewer beyond what the system's socket takes; who has more waiting gets nothing new. */
export const QUEUE_MAX = 256 * 1024;
/** Whose queue was full gets more once it is no longer than that. */
const QUEUE_RESUME = 64 * 1024;
/** Who cannot keep up for so long is skipped ahead to the newest key frame, microseconds of stream time. */
const BEHIND_MICROS = 1_000_000;
/** Who has taken nothing for so long while much is waiting is no viewer, seconds. */
const UNREAD_SECONDS = 20;
/** Bytes of one message of a viewer with a cursor of its own, about. */
const ROUND_BYTES = 128 * 1024;
/** Messages in one go, so that others have their turn. */
const ROUNDS_MAX = 64;

/** One socket that media goes to: at the live edge with all others, or with a cursor of its own. */
export class Viewer {
  readonly peer: WebSocketPeer;
  readonly playhead = new Playhead();
  readonly #visitor: Visitor;
  readonly #clock: Clock;
  #set: TrackSet | undefined;
  /** Used while the viewer is not at the live edge. */
  #cursors: TrackCursors | undefined;
  #fanned = false;
  #codecsSaid = false;
  /** Versions of the configurations that it was told of. */
  #announced = "";
  /** Its queue was full. */
  #held = false;
  /** What waited a second ago, and for how many seconds it has not become less. */
  #waited = 0;
  #unread = 0;
  /** Looks each second whether other tracks would be chosen now. */
  reselect: () => void = () => {};

  constructor(peer: WebSocketPeer, visitor: Visitor, clock: Clock) {
    this.peer = peer;
    this.#visitor = visitor;
    this.#clock = clock;
  }

  get set(): TrackSet | undefined {
    return this.#set;
  }

  /** Stream time that it is at, milliseconds. */
  get millis(): number {
    return Math.round(this.#micros(this.#clock.mono()) / 1000);
  }

  #micros(now: number): number {
    if (this.#fanned) return (this.#set?.timeReport().end ?? 0) * 1000;
    return this.playhead.micros(now, this.#cursors?.micros ?? 0);
  }

  send(message: Message): number {
    this.#visitor.add(message.length);
    return this.peer.send(message);
  }

  /** Goes over to other tracks, at the newest key frame or where `micros` is, and says so. */
  choose(set: TrackSet, micros?: number): void {
    const cursors = new TrackCursors(set.views);
    const before = this.#set;
    this.#part();
    // Entered before it leaves: a set without viewers is forgotten.
    set.enter(this);
    if (before !== set) before?.leave(this);
    this.#set = set;
    this.#cursors = cursors;
    if (micros === undefined) cursors.seekNewestKey();
    else this.#seekTo(cursors, micros);
    cursors.takeVersions();
    this.#announce(cursors);
    this.advance(this.#clock.mono());
  }

  /** Goes on live behind frames that it got elsewhere, without a header; false where that is not possible. */
  continueAfter(set: TrackSet, places: ReadonlyMap<number, number>): boolean {
    const cursors = new TrackCursors(set.views);
    if (this.#set !== undefined || set.views.length !== places.size || !cursors.seekAfter(places)) {
      return false;
    }
    set.enter(this);
    this.#set = set;
    this.#cursors = cursors;
    this.#codecsSaid = true;
    this.#announced = cursors.versions.join();
    this.send(printGoingOn(set.ids));
    this.playhead.goLive();
    this.advance(this.#clock.mono());
    return true;
  }

  /** Decoding times of the frames that it got last, in ticks, by number of the track. */
  places(): Record<string, number> {
    return (this.#fanned ? this.#set?.places() : this.#cursors?.places()) ?? {};
  }

  /** Says what it gets, and sends what it must have first. */
  #announce(cursors: TrackCursors): void {
    const set = this.#set as TrackSet;
    const { codecs, header } = set.packager(cursors);
    this.#announced = cursors.versions.join();
    if (set.format.eager) return;
    const type = this.#codecsSaid ? "tracks" : "codec_data";
    this.#codecsSaid = true;
    this.send(printCodecs(type, Math.round(cursors.micros / 1000), codecs, set.ids));
    this.send(printHeaderInfo(set.ids));
    if (header !== undefined) this.send(header);
  }

  /** The next announcement is the first for the player. */
  forgetCodecs(): void {
    this.#codecsSaid = false;
  }

  /** Says again what it gets, and from where on. */
  describe(): void {
    this.#part();
    if (this.#cursors !== undefined) this.#announce(this.#cursors);
  }

  /** A message that all at the live edge get. */
  deliver(message: Message): void {
    if (this.send(message) <= QUEUE_MAX) return;
    this.#part();
    this.#held = true;
  }

  /** The configuration changes for all at the live edge. */
  reconfigured(cursors: TrackCursors): void {
    this.#announce(cursors);
  }

  /** Frames were left out. */
  skipped(from: number, to: number, why: string): void {
    if (this.#set?.format.eager === true) return;
    this.send(printSkipped(Math.round(from / 1000), Math.round(to / 1000), why));
  }

  /** Frames have come, time has passed, or the queue has become shorter. */
  advance(now: number): void {
    const cursors = this.#cursors, set = this.#set;
    if (cursors === undefined || set === undefined || this.#fanned || !this.playhead.running) return;
    const { queued } = this.peer;
    this.#held ||= queued > QUEUE_MAX;
    if (this.#held && queued > QUEUE_RESUME) return;
    if (this.#held) this.#catchUp(cursors);
    for (let round = 0; round < ROUNDS_MAX; round++) {
      const end = this.#round(set, cursors, now);
      if (end === "all") return this.#caughtUp(set, cursors, now);
      if (end === "held") return;
    }
  }

  #round(set: TrackSet, cursors: TrackCursors, now: number): RoundEnd | "held" {
    const limits = {
      untilMicros: this.playhead.until(now),
      upTo: this.playhead.live ? set.joinAt : undefined,
      maxBytes: ROUND_BYTES,
    };
    let queued = 0;
    const end = set.pump(cursors, limits, (message) => queued = this.send(message));
    if (end === "changed") {
      cursors.takeVersions();
      this.#announce(cursors);
    } else if (end === "lapped") {
      const from = cursors.micros;
      if (!(this.playhead.live ? cursors.seekNewestKey() : cursors.seek(-Infinity))) return "held";
      this.#announceChange(cursors);
      this.skipped(from, cursors.micros, "it is not in the buffer any more");
      this.playhead.anchor(now, cursors.micros);
    }
    if (queued <= QUEUE_MAX) return end;
    this.#held = true;
    return "held";
  }

  /** The queue was full and no longer is: live viewers go on at the newest key frame, if that is much later. */
  #catchUp(cursors: TrackCursors): void {
    this.#held = false;
    const from = cursors.micros;
    if (!this.playhead.live || !cursors.keyAhead) return;
    const range = cursors.range();
    if (range === undefined || range.end - from < BEHIND_MICROS || !cursors.seekNewestKey()) return;
    this.skipped(from, cursors.micros, "the connection is too slow");
    this.#announceChange(cursors);
  }

  /** After a jump the configuration may be another one; who has it already loses nothing. */
  #announceChange(cursors: TrackCursors): void {
    if (cursors.versions.join() !== this.#announced) this.#announce(cursors);
  }

  #caughtUp(set: TrackSet, cursors: TrackCursors, now: number): void {
    const { playhead } = this;
    const reached = playhead.reached(now, cursors.micros);
    if (reached !== undefined) this.send(reached);
    if (playhead.live && set.join(this, cursors)) this.#fanned = true;
  }

  /** Leaves the live edge, to go on from there with a cursor of its own. */
  #part(): void {
    if (!this.#fanned || this.#cursors === undefined) return;
    this.#set?.part(this, this.#cursors);
    this.#fanned = false;
  }

  /** Goes elsewhere; false when there is nothing to go to. Live: to the newest key frame. */
  seek(micros: number | "live"): boolean {
    const cursors = this.#cursors;
    if (cursors === undefined) return false;
    this.#part();
    const now = this.#clock.mono();
    if (micros === "live") {
      if (!cursors.seekNewestKey()) return false;
      this.playhead.goLive();
    } else if (!this.#seekTo(cursors, micros)) return false;
    this.#announceChange(cursors);
    this.#held = false;
    this.playhead.running = true;
    this.advance(now);
    return true;
  }

  #seekTo(cursors: TrackCursors, micros: number): boolean {
    if (!cursors.seek(micros)) return false;
    this.playhead.goTo(this.#clock.mono(), Math.max(micros, cursors.micros));
    return true;
  }

  /** Something went wrong in the server. */
  fail(): void {
    this.peer.close(WEBSOCKET_FAILED, "internal error");
  }

  /** Begins or goes on. */
  play(): void {
    const now = this.#clock.mono();
    this.playhead.resume(now, this.#set?.timeReport().end ?? 0);
    this.advance(now);
    this.reportTime(now);
  }

  pause(): void {
    const now = this.#clock.mono();
    const micros = this.#micros(now);
    this.#part();
    this.playhead.pause(micros);
  }

  /** 0: auto. */
  setRate(rate: number): void {
    const now = this.#clock.mono();
    const micros = this.#micros(now);
    this.#part();
    const before = this.playhead.rate;
    this.playhead.setRate(now, rate, micros, (this.#set?.timeReport().end ?? 0) * 1000);
    this.send(printSetSpeed(before, this.playhead.rate, this.playhead.live));
    this.advance(now);
    this.reportTime(now);
  }

  forwardTo(micros: number): void {
    this.#part();
    const now = this.#clock.mono();
    this.playhead.forwardTo(now, micros);
    this.advance(now);
  }

  /** Tells who is not at the live edge where it is. */
  reportTime(now: number): void {
    const set = this.#set;
    if (set === undefined || set.format.eager || !this.playhead.running || this.#held) return;
    this.send(printOnTime(this.#report(set, now)));
  }

  #report(set: TrackSet, now: number): TimeReport {
    const report = set.timeReport();
    const next = Math.round((this.#cursors?.micros ?? 0) / 1000);
    if (this.#fanned) return report;
    const current = Math.round(this.#micros(now) / 1000);
    return { ...report, current, next, rate: this.playhead.rate };
  }

  second(now: number): void {
    if (this.#visitor.refusedUntil > now) {
      return this.peer.close(WEBSOCKET_REFUSED, "this session was stopped");
    }
    if (this.#gone()) return this.peer.close(WEBSOCKET_REFUSED, "nothing is read");
    this.#visitor.add(0);
    this.reselect();
  }

  /** Whether the other end has stopped reading for good. */
  #gone(): boolean {
    const waits = this.#held ? this.peer.queued : 0;
    this.#unread = waits > QUEUE_RESUME && waits >= this.#waited ? this.#unread + 1 : 0;
    this.#waited = waits;
    return this.#unread >= UNREAD_SECONDS;
  }

  /** The stream has ended. */
  end(): void {
    const report = this.#set?.timeReport();
    if (report !== undefined && this.#set?.format.eager === false) this.send(printOnStop(report));
    this.peer.close(WEBSOCKET_GOING_AWAY, "the stream has ended");
  }

  stop(): void {
    this.peer.close(WEBSOCKET_DONE, "stopped");
  }

  /** The socket has closed. */
  close(): void {
    this.#set?.leave(this);
    this.#set = undefined;
    this.#fanned = false;
  }
}
