// RFC 3550, 6.4.1: sender reports tie each source's RTP timestamps to one wall clock. Everything else here is for
// senders that do not say, say wrong things, or begin anew.
import { type MonoMillis, type WallMillis, wallMillis } from "../../base/units.ts";
import {
  ALIGN_FIRST_MAX,
  ALIGN_LATER_MAX,
  ALIGN_NEAR,
  type AlignedTrack,
  type SessionClock,
} from "./session_clock.ts";
import { TrackTimeline } from "./track_timeline.ts";

/**
 * The time of one session, shared by its tracks. Session time 0 is about the arrival of the first frame of any track.
 * It runs by the sender's clock: one track (audio where there is some, since its time must not be bent) is never moved,
 * the others are led to where the sender reports put them beside it.
 */
export class RtpTimeline implements SessionClock {
  readonly #wallLessMono: number;
  #origin = NaN;
  /** Sender's wall clock at session time 0, ms; NaN before the first usable report. */
  #senderOrigin = NaN;
  #anchor: AlignedTrack | undefined;
  readonly #tracks: TrackTimeline[] = [];

  /** `wall`: the wall clock at `now`; without it no times of arrival are reported. */
  constructor(now: MonoMillis, wall?: WallMillis) {
    this.#wallLessMono = wall === undefined ? NaN : wall - now;
  }

  /** The time of one track with `clockRate` ticks of RTP time per second. */
  open(clockRate: number, audio: boolean): TrackTimeline {
    const track = new TrackTimeline(this, clockRate, audio);
    this.#tracks.push(track);
    return track;
  }

  /** Wall clock at `now`; undefined when the timeline was not told. */
  wallAt(now: MonoMillis): WallMillis | undefined {
    return Number.isNaN(this.#wallLessMono) ? undefined : wallMillis(now + this.#wallLessMono);
  }

  /** Session time of an arrival at `now`, ms. The first call sets 0. */
  arrival(now: MonoMillis): number {
    if (Number.isNaN(this.#origin)) this.#origin = now;
    return now - this.#origin;
  }

  /** Session time in ms of a sender's wall clock; NaN while unknown. */
  ofSender(wall: number): number {
    return wall - this.#senderOrigin;
  }

  /**
   * A track's newest report says that its session time `at` (ms, as it maps now) was `wall` at the sender. Answers how
   * far the track has to move to fit the others, ms.
   */
  report(track: AlignedTrack, at: number, wall: number, first: boolean): number {
    const off = this.ofSender(wall) - at;
    const limit = first ? ALIGN_FIRST_MAX : ALIGN_LATER_MAX;
    if (Number.isNaN(off) || Math.abs(off) > limit || track === this.#anchor) {
      this.#senderOrigin = wall - at;
      this.#anchor ??= track;
      return 0;
    }
    if (track.audio && !this.#anchor?.audio) {
      // Audio takes over: the tracks before it are moved instead.
      this.#anchor = track;
      this.#senderOrigin = wall - at;
      for (const other of this.#tracks) if (other !== track) other.realign();
      return 0;
    }
    return !first && Math.abs(off) < ALIGN_NEAR ? 0 : off;
  }
}
