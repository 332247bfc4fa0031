import type { Clock } from "../../../base/clock.ts";
import type { TrackView } from "../../../buffer/track_view.ts";
import type { LiveStream } from "../../live/live_stream.ts";
import type { SocketFormat } from "./packager.ts";
import { TrackSet } from "./track_set.ts";

/** The sets of viewers of this worker: one for each stream, form and choice of tracks, as long as it has viewers. */
export class TrackSets {
  readonly #clock: Clock;
  readonly #sets = new Map<LiveStream, Map<string, TrackSet>>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Viewers of all sets. */
  get viewers(): number {
    let sum = 0;
    for (const sets of this.#sets.values()) for (const set of sets.values()) sum += set.size;
    return sum;
  }

  get(live: LiveStream, format: SocketFormat, views: readonly TrackView[]): TrackSet {
    let sets = this.#sets.get(live);
    if (sets === undefined) this.#sets.set(live, sets = new Map());
    const key = `${format.name} ${views.map((view) => view.id).join()}`;
    const known = sets.get(key);
    if (known !== undefined) return known;
    const made: TrackSet = new TrackSet(
      live,
      format,
      views,
      this.#clock,
      () => this.#forget(live, key, made),
    );
    sets.set(key, made);
    return made;
  }

  #forget(live: LiveStream, key: string, set: TrackSet): void {
    const sets = this.#sets.get(live);
    if (sets?.get(key) !== set) return;
    sets.delete(key);
    if (sets.size === 0) this.#sets.delete(live);
  }
}
