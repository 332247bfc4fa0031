import type { Clock } from "../../../base/clock.ts";
import type { MonoMillis, StreamMicros } from "../../../base/units.ts";
import type { TrackView } from "../../../buffer/track_view.ts";
import {
  WEBSOCKET_FAILED,
  WEBSOCKET_REFUSED,
  type WebSocketHandlers,
  type WebSocketPeer,
} from "../../../host/websocket.ts";
import { type Codec, CODECS } from "../../../media/codec.ts";
import { isBadSelection, parseSelection, selectTracks } from "../../../media/select/selection.ts";
import { codecName } from "../info/codec_names.ts";
import type { LiveStream } from "../../live/live_stream.ts";
import type { Visitor } from "../visitors.ts";
import { Bridge, type ConnectUpstream, type SocketRequest } from "./bridge.ts";
import { type Command, parseCommand, type SeekTarget, type TrackWish } from "./commands.ts";
import { printCommandError, printError, printPause, printSeek, printWarning } from "./messages.ts";
import type { SocketFormat } from "./packager.ts";
import { LIVE_MICROS } from "./playhead.ts";
import type { TrackSet } from "./track_set.ts";
import { Viewer } from "./viewer.ts";

/** How long a stream that begins is waited for. */
const READY_MILLIS = 15_000;
/** Commands that wait meanwhile; and most that are followed in a second. */
const COMMANDS_MAX = 50;
/** Unix times before 2000 are counted from now. */
const RELATIVE_BEFORE = 946_684_800_000;

/** What a session needs beside its socket. */
export interface SessionServices {
  readonly clock: Clock;
  /** The set of viewers of these tracks. */
  setOf(live: LiveStream, format: SocketFormat, views: readonly TrackView[]): TrackSet;
  opened(): void;
  closed(): void;
}

/** The commands of one player, and which tracks it gets. */
export class SocketSession implements WebSocketHandlers {
  readonly #live: LiveStream;
  readonly #format: SocketFormat;
  readonly #visitor: Visitor;
  readonly #services: SessionServices;
  readonly #request: SocketRequest;
  readonly #wish = new Map<string, string>();
  #codecs: ReadonlySet<Codec> | undefined;
  #viewer: Viewer | undefined;
  /** Commands that came before the stream was ready; undefined once it is. */
  #waiting: Command[] | undefined = [];
  #unfollow: () => void = () => {};
  /** State of the stream that the tracks were chosen by. */
  #chosenAt = "";
  #closed = false;
  /** Commands of the second that began then. */
  #commands = 0;
  #secondAt = -Infinity;
  #bridge: Bridge | undefined;

  /** `parameter` gives the parameters of `request`, which choose tracks as commands do. */
  constructor(
    live: LiveStream,
    format: SocketFormat,
    visitor: Visitor,
    services: SessionServices,
    request: SocketRequest,
    parameter: (name: string) => string | undefined,
  ) {
    this.#live = live;
    this.#format = format;
    this.#visitor = visitor;
    this.#services = services;
    this.#request = request;
    for (const kind of ["video", "audio", "subtitle", "meta", "track"]) {
      const wish = parameter(kind);
      if (wish !== undefined) this.#wish.set(kind, wish);
    }
  }

  open(peer: WebSocketPeer): void {
    const viewer = new Viewer(peer, this.#visitor, this.#services.clock);
    this.#viewer = viewer;
    viewer.reselect = () => this.#reselect(viewer);
    this.#visitor.requests++;
    this.#services.opened();
    void this.#begin(viewer).catch(() => peer.close(WEBSOCKET_FAILED, "internal error"));
  }

  async #begin(viewer: Viewer): Promise<void> {
    const { clock } = this.#services;
    const ready = await this.#live.ready(clock.mono() + READY_MILLIS as MonoMillis);
    if (this.#closed) return;
    if (!ready) {
      viewer.send(printError("Stream is waiting for data"));
      return viewer.peer.close(WEBSOCKET_FAILED, "no data");
    }
    this.#unfollow = this.#live.onClosed(() => viewer.end());
    const waiting = this.#waiting ?? [];
    this.#waiting = undefined;
    if (this.#format.eager && this.#choose(viewer)) viewer.play();
    for (const command of waiting) this.#follow(viewer, command);
  }

  message(text: string): void {
    const viewer = this.#viewer;
    if (viewer === undefined) return;
    const now = this.#services.clock.mono();
    if (now - this.#secondAt >= 1000) {
      this.#secondAt = now;
      this.#commands = 0;
    }
    if (++this.#commands > COMMANDS_MAX) return viewer.peer.close(WEBSOCKET_REFUSED, "too many commands");
    if (this.#bridge !== undefined) return this.#bridge.message(text);
    const command = parseCommand(text);
    if (this.#waiting === undefined) this.#follow(viewer, command);
    else this.#waiting.push(command);
  }

  drain(): void {
    this.#viewer?.advance(this.#services.clock.mono());
  }

  close(): void {
    this.#closed = true;
    this.#unfollow();
    this.#bridge?.close();
    this.#viewer?.close();
    this.#services.closed();
  }

  /** Name of the stream. */
  get stream(): string {
    return this.#live.name;
  }

  /** Another server has the stream now: the player goes on there, through this socket. */
  passOn(connect: ConnectUpstream): void {
    const viewer = this.#viewer;
    if (viewer === undefined || this.#bridge !== undefined || this.#closed) return;
    this.#bridge = new Bridge(connect, this.#request, this.#commandsToHere(viewer), {
      began: () => viewer.close(),
      send: (message) => void viewer.send(message),
      close: (code, reason) => viewer.peer.close(code, reason),
    });
  }

  /** What a player would have to say at another server to be where it is here. */
  #commandsToHere(viewer: Viewer): object[] {
    const { playhead, set, millis } = viewer;
    if (set === undefined || this.#format.eager) return [];
    const codecs = this.#codecs === undefined ? {} : { supported_codecs: [...this.#codecs].map(codecName) };
    const wish = Object.fromEntries(this.#wish);
    if (playhead.live && playhead.running) {
      return [{ type: "continue", ...wish, ...codecs, after: viewer.places() }];
    }
    const said: object[] = [];
    if (this.#wish.size > 0) said.push({ type: "tracks", ...wish });
    said.push({ type: "request_codec_data", ...codecs });
    if (!playhead.running) return said;
    said.push({ type: "play", seek_time: millis });
    if (typeof playhead.rate === "number") said.push({ type: "set_speed", play_rate: playhead.rate });
    return said;
  }

  /** Closes the socket. */
  leave(code: number, reason: string): void {
    this.#viewer?.peer.close(code, reason);
  }

  #follow(viewer: Viewer, command: Command): void {
    switch (command.type) {
      case "codecs":
        this.#codecs = command.codecs ?? this.#codecs;
        return this.#describe(viewer);
      case "continue":
        this.#codecs = command.codecs;
        return this.#continue(viewer, command.wish, command.after);
      case "play":
        if (!this.#hasTracks(viewer)) return;
        if (command.seek === undefined) viewer.play();
        else this.#seek(viewer, command.seek, undefined);
        return;
      case "pause":
      case "hold":
        if (command.type === "pause" && !viewer.playhead.running && this.#hasTracks(viewer)) viewer.play();
        else viewer.pause();
        viewer.send(printPause(!viewer.playhead.running));
        return;
      case "stop":
        return viewer.stop();
      case "seek":
        if (this.#hasTracks(viewer)) this.#seek(viewer, command.seek, command.forwardTo);
        return;
      case "tracks":
        return this.#takeWish(viewer, command.wish, command.seek);
      case "speed":
        if (!this.#hasTracks(viewer)) return;
        return viewer.setRate(command.rate);
      case "forward":
        if (this.#hasTracks(viewer)) viewer.forwardTo(command.to * 1000);
        return;
      case "bad": {
        const { about, why } = command;
        if (about === undefined) viewer.send(printError(why));
        else viewer.send(about === "warning" ? printWarning(why) : printCommandError(about, why));
      }
    }
  }

  /** Says what the player gets, also if it was told before: it may begin anew on the same socket. */
  #describe(viewer: Viewer): void {
    const before = viewer.set;
    viewer.forgetCodecs();
    if (this.#choose(viewer) && viewer.set === before) viewer.describe();
  }

  /** Goes on behind what the player has; where that cannot be, as if it began. */
  #continue(viewer: Viewer, wish: TrackWish, after: ReadonlyMap<number, number>): void {
    this.#take(wish);
    const set = this.#chosenSet(viewer);
    if (set === undefined || viewer.continueAfter(set, after)) return;
    viewer.choose(set);
    viewer.play();
  }

  /** A player that begins without asking for codecs gets what there is. */
  #hasTracks(viewer: Viewer): boolean {
    return viewer.set !== undefined || this.#choose(viewer);
  }

  #seek(viewer: Viewer, target: SeekTarget, forwardTo: number | undefined): void {
    const set = viewer.set as TrackSet;
    const micros = this.#microsOf(target);
    if (micros === undefined) {
      viewer.send(printCommandError("seek", "unix time cannot be converted to stream timeline"));
      return;
    }
    const end = set.timeReport().end * 1000;
    const live = micros === "live" || (viewer.playhead.rate === "auto" && end < micros + LIVE_MICROS);
    // The answer stands before the frames that belong to it.
    viewer.pause();
    viewer.send(printSeek(live, live ? "auto" : viewer.playhead.rate));
    if (!viewer.seek(live ? "live" : micros as number)) {
      viewer.send(printCommandError("seek", "seek failed, continuing as-is"));
      viewer.play();
      return;
    }
    if (forwardTo !== undefined) viewer.forwardTo(forwardTo * 1000);
    viewer.reportTime(this.#services.clock.mono());
  }

  #microsOf(target: SeekTarget): number | "live" | undefined {
    if (target.kind === "live") return "live";
    if (target.kind === "time") return target.millis * 1000;
    const zero = this.#live.stream.wallAt(0 as StreamMicros);
    if (zero === undefined) return undefined;
    const { millis } = target;
    const unix = millis < RELATIVE_BEFORE / 1000 ? this.#services.clock.wall() + millis : millis;
    return (unix - zero) * 1000;
  }

  #takeWish(viewer: Viewer, wish: TrackWish, seek: SeekTarget | undefined): void {
    const before = new Map(this.#wish);
    this.#take(wish);
    const micros = seek === undefined ? undefined : this.#microsOf(seek);
    if (!this.#choose(viewer, typeof micros === "number" ? micros : undefined)) {
      this.#wish.clear();
      for (const [kind, value] of before) this.#wish.set(kind, value);
    } else if (viewer.playhead.running) viewer.reportTime(this.#services.clock.mono());
  }

  #take(wish: TrackWish): void {
    for (const [kind, value] of Object.entries(wish)) {
      if (value === null) this.#wish.delete(kind);
      else this.#wish.set(kind, value);
    }
  }

  /** Once a second: a track has come or gone. */
  #reselect(viewer: Viewer): void {
    if (viewer.set !== undefined && this.#state() !== this.#chosenAt) this.#choose(viewer);
  }

  #state(): string {
    const { session, tracksVersion } = this.#live.stream;
    return `${session} ${tracksVersion}`;
  }

  /**
   * Goes over to the tracks that are wished for and can be played; stays where they are the same ones. False when there
   * are none, which the player is told.
   */
  #choose(viewer: Viewer, micros?: number): boolean {
    const set = this.#chosenSet(viewer);
    if (set === undefined) return false;
    if (set === viewer.set && micros === undefined) return true;
    const there = viewer.playhead.live || viewer.set === undefined ? undefined : viewer.millis * 1000;
    viewer.choose(set, micros ?? there);
    return true;
  }

  /** Viewers of the tracks that are wished for and can be played. */
  #chosenSet(viewer: Viewer): TrackSet | undefined {
    const selection = parseSelection((kind) => this.#wish.get(kind));
    if (isBadSelection(selection)) {
      viewer.send(printCommandError("tracks", selection.error));
      return undefined;
    }
    this.#chosenAt = this.#state();
    const all = this.#live.selectable();
    const codecs = this.#codecs;
    const { kinds, several } = this.#format;
    const chosen = selectTracks(all, selection, {
      playable: ({ track }) => this.#format.carries(track) && (codecs?.has(track.codec) ?? true),
      kinds,
      several,
    });
    if (chosen.length === 0) {
      const there = all.map(({ track }) => CODECS[track.codec].label).join(", ") || "no track";
      viewer.send(printError(`Nothing of this stream can be sent: it has ${there}`));
      return undefined;
    }
    const ids = chosen.map(({ id }) => id);
    const views = this.#live.current().filter((view) => ids.includes(view.id));
    return this.#services.setOf(this.#live, this.#format, views);
  }
}
