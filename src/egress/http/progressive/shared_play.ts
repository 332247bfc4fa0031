import { ByteLog } from "../../live/byte_log.ts";
import { MuxRun } from "../../live/mux_run.ts";
import type { Visitor } from "../visitors.ts";
import { fedTracks, muxedTracks, type Play, SourceWatch, tellFailure, tellSlow } from "./playing.ts";
import { Viewer, type ViewerOwner } from "./viewer.ts";

/** When a delivery to all took long, the next one waits that many times as long: what comes meanwhile goes together. */
const REST_FACTOR = 2;
const REST_MAX_MILLIS = 80;
/** Shorter rests are not worth a timer. */
const REST_MIN_MILLIS = 2;
/**
 * Who listens to sound alone begins once to twice so long ago: browsers begin to play when they have some, and would
 * wait for as long where it comes as it is made.
 */
const SOUND_MICROS = 2e6;
/** How often viewers are looked after while nothing comes for them. */
const CALM_MILLIS = 200;
/** Connections with little to say get something this often. */
const IDLE_MILLIS = 30_000;

/**
 * One container of one choice of a stream's tracks, for all who watch it live: each frame is muxed once, a viewer is a
 * place in the log. Lives while there are viewers.
 */
export class SharedPlay implements ViewerOwner {
  readonly slow: ViewerOwner["slow"];
  readonly #play: Play;
  readonly #run: MuxRun;
  readonly #watch: SourceWatch;
  readonly #viewers = new Set<Viewer>();
  readonly #empty: () => void;
  readonly #undo: readonly (() => void)[];
  #restingUntil = 0;
  #deliveredAt = 0;
  #timer: (() => void) | undefined;
  #saidAt: number;
  #over = false;

  /** `empty` is called once, when the last viewer has left or nothing more comes: for others there must be a new one. */
  constructor(play: Play, empty: () => void) {
    this.#play = play;
    this.#empty = empty;
    this.slow = tellSlow(play);
    const sound = play.tracks.every((t) => t.track.kind === "audio");
    const [range, entries] = sound ? [{ back: 2 * SOUND_MICROS }, SOUND_MICROS] as const : [{}, 0] as const;
    const log = new ByteLog({ lagging: sound });
    this.#run = new MuxRun(play.format, fedTracks(play), muxedTracks(play), range, log, entries);
    this.#watch = new SourceWatch(play);
    this.#saidAt = play.clock.mono();
    this.#undo = [play.stream.subscribe(() => this.#advance()), play.stream.onClosed(() => this.end())];
  }

  /** Viewers now. */
  get size(): number {
    return this.#viewers.size;
  }

  /** One more viewer, from the newest key frame on. */
  open(visitor: Visitor): Viewer {
    // The newest key frame may not have been looked at yet.
    while (this.#run.step());
    const viewer = new Viewer(this.#run.log, visitor, this, this.#play.clock.mono());
    this.#viewers.add(viewer);
    return viewer;
  }

  /** Name of the stream. */
  get stream(): string {
    return this.#play.stream.name;
  }

  wants(viewer: Viewer): void {
    viewer.deliver(this.#play.clock.mono(), this.#over);
  }

  left(viewer: Viewer): void {
    this.#viewers.delete(viewer);
    if (this.#viewers.size === 0) this.#close();
  }

  /** Ends all answers, once they have what there is. */
  end(): void {
    if (this.#over) return;
    this.#close();
    const now = this.#play.clock.mono();
    for (const viewer of this.#viewers) viewer.deliver(now, true);
  }

  #advance(): void {
    const { clock, output } = this.#play;
    const now = clock.mono();
    let came = false;
    while (this.#run.step()) came = true;
    if (this.#run.failure !== undefined) tellFailure(this.#play, this.#run.failure);
    if (this.#run.ended !== undefined || this.#watch.over(now)) return this.end();
    if (came) this.#saidAt = now;
    // Frames of other tracks ring too; without any, viewers are looked after now and then.
    else if (now - this.#deliveredAt < CALM_MILLIS) return;
    if (output.idle !== undefined && now - this.#saidAt > IDLE_MILLIS) {
      this.#saidAt = now;
      this.#run.log.append(new TextEncoder().encode(output.idle));
    }
    if (now >= this.#restingUntil) return this.#deliver(now);
    this.#timer ??= clock.after(this.#restingUntil - now, () => {
      this.#timer = undefined;
      this.#deliver(clock.mono());
    });
  }

  #deliver(now: number): void {
    this.#deliveredAt = now;
    for (const viewer of this.#viewers) viewer.deliver(now, this.#over);
    const end = this.#play.clock.mono();
    const rest = Math.min((end - now) * REST_FACTOR, REST_MAX_MILLIS);
    this.#restingUntil = rest < REST_MIN_MILLIS ? 0 : end + rest;
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer?.();
    for (const undo of this.#undo) undo();
    this.#empty();
  }
}
