import { type MonoMillis, type Ticks, ticks } from "../../base/units.ts";
import { timestampDistance } from "../../wire/protocol/rtp/sequence.ts";
import { ALIGN_FIRST_MAX, type AlignedTrack, type SessionClock } from "./session_clock.ts";

/** A step of the timestamps that differs from the step of arrival by more is a new beginning; ms. */
export const JUMP = 1000;
/** The same for steps back of audio, which is never reordered; ms. */
export const JUMP_BACK_AUDIO = 100;
/** So many jumps within {@link RESTLESS_SPAN} make a sender whose timestamps are not used any more. */
export const RESTLESS_JUMPS = 5;
/** ms. */
export const RESTLESS_SPAN = 30_000;
/** How far a track is moved at most to fit the others, per unit of its time. */
export const SLEW = 1 / 16;
/** A report that puts its timestamp further than this from what has arrived belongs to other packets; ms. */
const REPORT_FAR = 10_000;
/** How fast the shortest way seen is forgotten, so that a drifting clock is followed: ms per ms. */
const TRANSIT_LEAK = 0.002;

/** What became of a timestamp. */
export type TimeStep = "first" | "steady" | "paced" | "jump";

/** Maps the RTP timestamps of one track to session time. */
export class TrackTimeline implements AlignedTrack {
  readonly #session: SessionClock;
  readonly #clock: number;
  readonly audio: boolean;

  #started = false;
  #lastRtp = 0;
  /** Unwrapped RTP time of the last unit, of the highest one, and what to add for session time; ticks. */
  #lastUnwrapped = 0;
  #offset = 0;
  /** Session time answered last, ticks, and when its unit came. */
  #last = 0;
  #lastArrival = 0;
  /** Least of arrival less session time, ms: the way of the fastest packets. */
  #transit = 0;
  /** Ticks that the track still has to be moved by. */
  #slew = 0;
  #jumps = 0;
  #jumpsSince = 0;
  #byArrival = false;
  #reportRtp = 0;
  #reportWall = NaN;
  #aligned = false;

  /** What the last {@link map} met. */
  step: TimeStep = "first";

  constructor(session: SessionClock, clockRate: number, audio: boolean) {
    this.#session = session;
    this.#clock = clockRate;
    this.audio = audio;
  }

  /** The timestamps of this track were given up; its units are timed by their arrival. */
  get timedByArrival(): boolean {
    return this.#byArrival;
  }

  /** A timestamp was mapped since the source began. */
  get started(): boolean {
    return this.#started;
  }

  /** Session time, in ticks of the RTP clock, of a unit with the 32-bit `timestamp` that came at `now`. */
  map(timestamp: number, now: MonoMillis): Ticks {
    const arrival = this.#session.arrival(now);
    if (!this.#started) return this.#first(timestamp, arrival);
    const step = timestampDistance(this.#lastRtp, timestamp);
    const waited = arrival - this.#lastArrival;
    this.#lastRtp = timestamp;
    if (this.#byArrival) return this.#pace(waited, arrival);
    if (step === 0) {
      this.step = "paced";
      return this.#answer(this.#last + Math.max(1, this.#toTicks(waited)), arrival);
    }
    const unwrapped = this.#lastUnwrapped + step;
    const at = unwrapped + this.#offset;
    if (this.#jumped(this.#toMillis(step), waited, this.#toMillis(at), arrival)) {
      return this.#jump(timestamp, waited, arrival);
    }
    this.#lastUnwrapped = unwrapped;
    if (this.#slew !== 0 && step > 0) this.#bend(step);
    this.step = "steady";
    const moved = unwrapped + this.#offset;
    // Behind units that were paced by arrival while the timestamps stood still.
    if (step < 0 || moved > this.#last) return this.#answer(moved, arrival);
    const next = this.#last + Math.max(1, this.#toTicks(waited));
    if (this.#last - moved > this.#toTicks(JUMP)) this.#offset += next - moved;
    return this.#answer(this.#last + 1, arrival);
  }

  /**
   * A sender report of this track's source: its clock showed `wall` ms (Unix) at RTP time `timestamp`. Answers the
   * session time of that moment in ms, undefined when the report does not fit the packets or none came yet.
   */
  report(timestamp: number, wall: number): number | undefined {
    this.#reportRtp = timestamp;
    this.#reportWall = wall;
    if (!this.#started || this.#byArrival) return undefined;
    const at = this.#toMillis(this.#sessionTicks(timestamp));
    if (Math.abs(at - this.#toMillis(this.#last)) > REPORT_FAR) {
      this.#reportWall = NaN;
      return undefined;
    }
    const move = this.#session.report(this, at, wall, !this.#aligned);
    this.#aligned = true;
    this.#slew = this.#toTicks(move);
    return at + move;
  }

  /** The track that the others are led by has changed. */
  realign(): void {
    if (!Number.isNaN(this.#reportWall)) this.report(this.#reportRtp, this.#reportWall);
  }

  /** The source began anew: the next timestamp has nothing to do with those before. */
  restart(): void {
    this.#started = false;
    this.#reportWall = NaN;
    this.#byArrival = false;
    this.#aligned = false;
  }

  #first(timestamp: number, arrival: number): Ticks {
    const again = this.step !== "first";
    this.#started = true;
    this.#lastRtp = timestamp;
    this.#lastUnwrapped = timestamp;
    this.#slew = 0;
    let at = this.#toTicks(arrival);
    if (again) at = Math.max(at, this.#last + 1);
    if (!Number.isNaN(this.#reportWall)) at = this.#placed(timestamp, at, again);
    this.#offset = at - timestamp;
    this.#transit = arrival - this.#toMillis(at);
    this.step = again ? "jump" : "first";
    if (!again) this.#last = at;
    const mapped = this.#answer(at, arrival);
    this.realign();
    return mapped;
  }

  /** Where the report that came before the first packet puts it, when that is near its arrival. */
  #placed(timestamp: number, at: number, again: boolean): number {
    const millis = this.#session.ofSender(this.#reportWall);
    const placed = this.#toTicks(millis) + timestampDistance(this.#reportRtp, timestamp);
    const near = Math.abs(this.#toMillis(placed - at)) <= ALIGN_FIRST_MAX;
    return near && (!again || placed > this.#last) ? placed : at;
  }

  #jumped(step: number, waited: number, at: number, arrival: number): boolean {
    if (step < 0) return step < -(this.audio ? JUMP_BACK_AUDIO : JUMP);
    // Forward: only what comes earlier than the network could have brought it. After a stall, arrival is late, and a
    // step that makes up for what the sender dropped meanwhile is no jump.
    return step > waited + JUMP && arrival - at < this.#transit - JUMP;
  }

  #jump(timestamp: number, waited: number, arrival: number): Ticks {
    if (arrival - this.#jumpsSince > RESTLESS_SPAN) {
      this.#jumpsSince = arrival;
      this.#jumps = 0;
    }
    if (++this.#jumps >= RESTLESS_JUMPS) this.#byArrival = true;
    const at = this.#last + Math.max(1, this.#toTicks(waited) + this.#forward());
    this.#lastUnwrapped = timestamp;
    this.#offset = at - timestamp;
    this.#transit = arrival - this.#toMillis(at);
    this.#aligned = false;
    this.#reportWall = NaN;
    this.step = "jump";
    return this.#answer(at, arrival);
  }

  /** At a jump the track may be moved by what it still has to, but not behind its last unit. */
  #forward(): number {
    const slew = this.#slew;
    this.#slew = 0;
    return slew;
  }

  #pace(waited: number, arrival: number): Ticks {
    this.step = "paced";
    return this.#answer(this.#last + Math.max(1, this.#toTicks(waited)), arrival);
  }

  #bend(step: number): void {
    const most = Math.max(1, Math.floor(step * SLEW));
    const by = Math.max(-most, Math.min(most, this.#slew));
    this.#slew -= by;
    this.#offset += by;
  }

  #answer(at: number, arrival: number): Ticks {
    const passed = arrival - this.#lastArrival;
    this.#last = at;
    this.#lastArrival = arrival;
    const transit = arrival - this.#toMillis(at);
    const leaked = this.#transit + passed * TRANSIT_LEAK;
    this.#transit = transit < leaked ? transit : leaked;
    return ticks(at);
  }

  #sessionTicks(timestamp: number): number {
    return this.#lastUnwrapped + timestampDistance(this.#lastRtp, timestamp) + this.#offset;
  }

  #toTicks(millis: number): number {
    return Math.round((millis * this.#clock) / 1000);
  }

  #toMillis(t: number): number {
    return (t / this.#clock) * 1000;
  }
}
