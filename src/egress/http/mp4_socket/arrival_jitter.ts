import { makeFrameRecord } from "../../../buffer/track_view.ts";
import type { TrackCursors } from "./track_cursors.ts";

/** How long what was measured counts, seconds; in two halves. */
const HALF_SECONDS = 5;

/**
 * By how many milliseconds frames come at other times than theirs: the spread between the one that came soonest and the
 * one that came latest by its time, over the last {@link HALF_SECONDS} to twice as much.
 */
export class ArrivalJitter {
  readonly #record = makeFrameRecord();
  #least = Infinity;
  #most = -Infinity;
  #leastBefore = Infinity;
  #mostBefore = -Infinity;
  #seconds = 0;

  get millis(): number {
    const spread = Math.max(this.#most, this.#mostBefore) - Math.min(this.#least, this.#leastBefore);
    return spread > 0 && spread < Infinity ? Math.round(spread) : 0;
  }

  /** Looks at the next frame of a track, which has come now. */
  note(cursors: TrackCursors, n: number, now: number): void {
    const view = cursors.views[n];
    const record = this.#record;
    if (view === undefined || view.peek(cursors.at[n] as number, record) !== "ok") return;
    // What lay in the buffer says nothing.
    if (now - record.arrival > 1000) return;
    const scale = view.track()?.track.timescale ?? 90_000;
    const late = record.arrival - (record.dts / scale) * 1000;
    this.#least = Math.min(this.#least, late);
    this.#most = Math.max(this.#most, late);
  }

  /** Called each second. */
  second(): void {
    if (++this.#seconds % HALF_SECONDS !== 0) return;
    this.#leastBefore = this.#least;
    this.#mostBefore = this.#most;
    this.#least = Infinity;
    this.#most = -Infinity;
  }
}
