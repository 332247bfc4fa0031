import type { MonoMillis } from "../../base/units.ts";

/** Tracks whose clocks differ by more at their first sender reports have nothing to do with one another; ms. */
export const ALIGN_FIRST_MAX = 5000;
/** What a later report may differ by before the track is moved: cameras read their clocks no more precisely; ms. */
export const ALIGN_NEAR = 5;
/** A later report that differs by more tells of a jump of the sender's wall clock, not of its media; ms. */
export const ALIGN_LATER_MAX = 1000;

/** What a session's clock needs of a track. */
export interface AlignedTrack {
  readonly audio: boolean;
  /** The track that the others are led by has changed. */
  realign(): void;
}

/** What a track needs of its session's clock. Times are milliseconds. */
export interface SessionClock {
  /** Session time of an arrival at `now`. The first call sets 0. */
  arrival(now: MonoMillis): number;
  /** Session time of a sender's wall clock; NaN while unknown. */
  ofSender(wall: number): number;
  /**
   * A track's newest report says that its session time `at`, as it maps now, was `wall` at the sender. Answers how far
   * the track has to move to fit the others.
   */
  report(track: AlignedTrack, at: number, wall: number, first: boolean): number;
}
