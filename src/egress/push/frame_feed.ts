import { pause } from "../../base/pause.ts";
import type { Scope } from "../../base/scope.ts";
import { monoMillis } from "../../base/units.ts";
import { LiveCursor } from "../../buffer/live_cursor.ts";
import { type FrameRecord, makeFrameRecord, type TrackView } from "../../buffer/track_view.ts";
import { CODECS } from "../../media/codec.ts";
import type { SelectableTrack } from "../../media/select/selectable_track.ts";
import type { PushDescriptor } from "../../config/option.ts";
import {
  isBadSelection,
  parseSelection,
  type SelectOptions,
  selectTracks,
} from "../../media/select/selection.ts";
import type { Track } from "../../media/track.ts";
import type { LiveStream } from "../live/live_stream.ts";
import { RangeEnd } from "../live/range_end.ts";
import { type PushOptions, PushRefused, type PushServices } from "./push.ts";
import { readTiming, type Timing } from "./timing.ts";

/** How long one wait for a stream to begin is, milliseconds. */
const WAIT_MILLIS = 2000;

/** Takes the frames of a push. */
export interface FrameTaker {
  /**
   * Frames of these tracks follow, the first of each video track a key frame: at the beginning, and again whenever the
   * tracks are others or one has another configuration. `ids[n]` is the number in the stream of track n.
   */
  begin(tracks: readonly Track[], ids: readonly number[]): void;
  /** One frame of track n. Its bytes are shared memory: copy them before returning, and send nothing yet. */
  frame(n: number, record: FrameRecord): void;
  /** The frame given last was whole until now: send it. False: it was overwritten meanwhile, forget it. */
  proven(whole: boolean): void;
  /** What there is was given. */
  flush(): void;
}

/** What a feed gives, and of which push. */
export interface FeedSettings {
  readonly descriptor: PushDescriptor;
  readonly options: PushOptions;
  /** Which tracks there may be. */
  readonly tracks: SelectOptions;
  /** To go on with, not to begin at a key frame: by the number of the track, that of its next frame. */
  readonly next?: ReadonlyMap<number, number> | undefined;
}

/**
 * Gives a stream's frames, as they come, to `taker`, until the scope closes, the stream is given up, or the end that the
 * options ask for. Begins with the next key frame, so that what is sent keeps the stream's own pace. Throws PushRefused
 * for selectors that cannot be read, and where the stream has nothing that can be sent.
 */
export async function feedFrames(
  scope: Scope,
  stream: LiveStream,
  { descriptor, options, tracks, next }: FeedSettings,
  services: PushServices,
  taker: FrameTaker,
): Promise<void> {
  const { clock } = services;
  const selection = parseSelection((name) => options.select[name]);
  if (isBadSelection(selection)) throw new PushRefused(selection.error);
  const timing = readTiming(descriptor, options, clock);
  if (timing.delayMillis > 0) await pause(scope, clock, timing.delayMillis);
  const choose = () => selectTracks(stream.selectable(), selection, tracks);
  while (!scope.closed && !stream.closed) {
    if (await stream.ready(monoMillis(clock.mono() + WAIT_MILLIS))) break;
  }
  if (scope.closed || stream.closed) return;
  if (choose().length === 0) {
    throw new PushRefused(`nothing of the stream can be sent: it has ${listed(stream.selectable())}`);
  }
  await new Promise<void>((resolve, reject) => {
    const feed = new Feed(stream, choose, timing, services, taker, next);
    const pump = () => {
      try {
        if (!feed.pump()) resolve();
      } catch (e) {
        reject(e);
      }
    };
    const undo = stream.subscribe(pump);
    const undoClosed = stream.onClosed(resolve);
    scope.defer(() => {
      undo();
      undoClosed();
      resolve();
    });
  });
}

class Feed {
  readonly #stream: LiveStream;
  readonly #choose: () => readonly SelectableTrack[];
  readonly #timing: Timing;
  readonly #services: PushServices;
  readonly #taker: FrameTaker;
  readonly #record = makeFrameRecord();
  #views: readonly TrackView[] = [];
  #versions: number[] = [];
  #cursor = new LiveCursor([]);
  #end = new RangeEnd([]);
  /** Where each track goes on, as another server left it; undefined once that is of no use. */
  #goesOn: ReadonlyMap<number, number> | undefined;
  /** Frames of each track before these are passed over. */
  #next: readonly number[] = [];
  /** Frames of the leading track before this one are passed over. */
  #from = 0;
  #leading = 0;
  #skipping = true;
  #session = -1;
  #known = -1;
  /** Stream time to end at, and whether the first frame was given. */
  #stopMicros: number;
  #begun = false;

  constructor(
    stream: LiveStream,
    choose: () => readonly SelectableTrack[],
    timing: Timing,
    services: PushServices,
    taker: FrameTaker,
    next: ReadonlyMap<number, number> | undefined,
  ) {
    this.#goesOn = next;
    this.#stream = stream;
    this.#choose = choose;
    this.#timing = timing;
    this.#stopMicros = timing.stopMicros;
    this.#services = services;
    this.#taker = taker;
    this.#look();
  }

  /** Gives what there is; false: it was all that was asked for. */
  pump(): boolean {
    if (this.#stream.stream.session !== this.#session || this.#stream.tracks.length !== this.#known) {
      this.#look();
    }
    const record = this.#record;
    let some = false;
    let more = this.#services.clock.wall() < this.#timing.stopWall;
    while (more && this.#cursor.next(record)) {
      const n = this.#cursor.track;
      if (record.sequence < (this.#next[n] as number)) continue;
      if (this.#skipping && !this.#begins(n, record)) continue;
      if (this.#cursor.micros >= this.#stopMicros) {
        more = !this.#end.reached(n, this.#cursor.micros, this.#stopMicros);
        continue;
      }
      if (record.configVersion !== this.#versions[n]) this.#begin(n, record.configVersion);
      some = true;
      this.#taker.frame(n, record);
      this.#taker.proven(this.#cursor.intact());
    }
    if (some) {
      this.#services.meter.begin();
      this.#taker.flush();
    }
    return more;
  }

  /** The tracks may be others now. */
  #look(): void {
    const chosen = this.#choose();
    this.#session = this.#stream.stream.session;
    this.#known = this.#stream.tracks.length;
    const ids = chosen.map((t) => t.id);
    if (ids.length === 0 || ids.join() === this.#views.map((v) => v.id).join()) return;
    this.#views = ids.map((id) => this.#stream.tracks.find((t) => t.id === id) as TrackView);
    this.#versions = this.#views.map(() => -1);
    this.#cursor = new LiveCursor(this.#views);
    this.#end = new RangeEnd(this.#views.map((v) => v.kind));
    this.#leading = Math.max(0, chosen.findIndex((t) => t.track.kind === "video"));
    this.#from = (this.#views[this.#leading] as TrackView).newestKey + 1;
    this.#skipping = true;
    // a stream that began anew does not have them, and other tracks begin at a key frame
    const next = ids.map((id) => this.#goesOn?.get(id));
    const known = next.every((at, n) => at !== undefined && at <= (this.#views[n] as TrackView).head);
    this.#next = next.map((at) => known ? at as number : 0);
    if (!known) this.#goesOn = undefined;
    this.#services.meter.tracks = ids;
  }

  #begins(n: number, record: FrameRecord): boolean {
    const goesOn = this.#goesOn !== undefined;
    if (!goesOn && (n !== this.#leading || !record.key || record.sequence < this.#from)) return false;
    const { startMicros, startWall, stopMicros, durationMicros } = this.#timing;
    const { micros } = this.#cursor;
    if (!this.#begun) {
      if (micros < startMicros || this.#services.clock.wall() < startWall) return false;
      this.#stopMicros = Math.min(stopMicros, micros + durationMicros);
      this.#begun = true;
    }
    this.#skipping = false;
    this.#goesOn = undefined;
    return true;
  }

  #begin(n: number, version: number): void {
    this.#versions = this.#views.map((view, i) =>
      i === n ? version : Math.max(this.#versions[i] ?? -1, view.track()?.version ?? -1)
    );
    const tracks = this.#views.map((view, i) => (view.track(this.#versions[i]) ?? view.track())?.track);
    this.#taker.begin(tracks as Track[], this.#views.map((v) => v.id));
  }
}

function listed(tracks: readonly SelectableTrack[]): string {
  return tracks.length === 0 ? "no tracks" : tracks.map((t) => CODECS[t.track.codec].label).join(", ");
}
