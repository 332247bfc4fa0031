import { LiveCursor } from "../../../buffer/live_cursor.ts";
import { MuxRun } from "../../live/mux_run.ts";
import { ByteLog } from "../../live/byte_log.ts";
import type { Visitor } from "../visitors.ts";
import { fedTracks, muxedTracks, type Play, SourceWatch, tellFailure, tellSlow } from "./playing.ts";
import type { PlayRange, Window } from "./range.ts";
import { Viewer, type ViewerOwner } from "./viewer.ts";

/** Bytes that are muxed ahead of what the viewer takes, about, and most frames of one write. */
const AHEAD_BYTES = 64 * 1024;
const FRAMES_MAX = 8;

/** What the buffer has of the play's tracks; undefined while there is no key frame. */
export function windowOf(play: Play): Window | undefined {
  return new LiveCursor(fedTracks(play).map((t) => t.view), Infinity).window();
}

/** A viewer with a range or a speed of its own: frames are muxed as it takes them. */
export class OwnPlay implements ViewerOwner {
  readonly viewer: Viewer;
  readonly slow: ViewerOwner["slow"];
  readonly #play: Play;
  readonly #range: PlayRange;
  readonly #run: MuxRun;
  readonly #watch: SourceWatch;
  readonly #left: () => void;
  readonly #undo: readonly (() => void)[];
  #begunAt = NaN;
  #next: (() => void) | undefined;
  #over = false;

  /** `left` is called once, when the viewer has gone. */
  constructor(play: Play, range: PlayRange, visitor: Visitor, left: () => void) {
    this.#play = play;
    this.#range = range;
    this.#left = left;
    this.slow = tellSlow(play);
    this.#run = new MuxRun(
      play.format,
      fedTracks(play),
      muxedTracks(play),
      range,
      new ByteLog({ single: true }),
    );
    this.#watch = new SourceWatch(play);
    this.viewer = new Viewer(this.#run.log, visitor, this, play.clock.mono(), true);
    this.#undo = [play.stream.subscribe(() => this.#advance()), play.stream.onClosed(() => this.end())];
  }

  /** Name of the stream. */
  get stream(): string {
    return this.#play.stream.name;
  }

  /** Goes on in a turn of its own: one who takes as fast as it can must not keep the worker from all else. */
  wants(): void {
    this.#next ??= this.#play.clock.after(0, () => {
      this.#next = undefined;
      this.#advance();
    });
  }

  left(): void {
    this.#close();
    this.#left();
  }

  /** Ends the answer, once it has what was muxed. */
  end(): void {
    this.#close();
    this.viewer.deliver(this.#play.clock.mono(), true);
  }

  #advance(): void {
    if (this.#over) return this.viewer.deliver(this.#play.clock.mono(), true);
    const now = this.#play.clock.mono();
    if (this.#isComing()) return this.viewer.deliver(now, false);
    let moved = false;
    while (this.viewer.hasRoom && this.viewer.pending < AHEAD_BYTES && this.#step(now)) moved = true;
    const ended = this.#run.ended !== undefined;
    this.viewer.deliver(now, ended);
    this.viewer.release();
    if (this.#run.failure !== undefined) tellFailure(this.#play, this.#run.failure);
    if (ended) return this.#close();
    if (moved && this.viewer.hasRoom) this.wants();
    if (this.#watch.over(now)) this.end();
  }

  /** The start lies in the future. */
  #isComing(): boolean {
    const { from } = this.#range;
    if (from === undefined || !Number.isNaN(this.#run.feed.originMicros)) return false;
    const window = windowOf(this.#play);
    return window === undefined || window.last < from;
  }

  /** Muxes what it is time to send. */
  #step(now: number): boolean {
    const { rate, leadMicros } = this.#range;
    const { originMicros } = this.#run.feed;
    if (rate === 0) return this.#run.step(Infinity, FRAMES_MAX);
    // Only the first frame tells which stream time begins now.
    if (Number.isNaN(originMicros)) return this.#run.step(Infinity, 1);
    if (Number.isNaN(this.#begunAt)) this.#begunAt = now;
    return this.#run.step(originMicros + (now - this.#begunAt) * 1000 * rate + leadMicros, FRAMES_MAX);
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    for (const undo of this.#undo) undo();
  }
}
