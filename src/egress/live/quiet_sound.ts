import { type FrameRecord, makeFrameRecord, type TrackView } from "../../buffer/track_view.ts";
import type { MonoMillis, Ticks } from "../../base/units.ts";
import { type SilentFrame, silentFrame } from "../../wire/codec/silent_frame.ts";

/** Sound has stopped when so much is missing of it, in its time, and nothing of it has come for so long, milliseconds. */
const QUIET_MILLIS = 700;
/** Pictures that come so much later than their time had a stall, and so may sound have had, milliseconds. */
const STALL_MILLIS = QUIET_MILLIS / 2;
/** Pictures that are further apart had a pause of their own: what sound missed then is not filled, microseconds. */
const APART_MICROS = 3e6;
/** Silence without compression comes in packets of this length, seconds: each is a frame to muxers and sockets. */
const PACKET_SECONDS = 0.02;

/**
 * Silence for a sound track that stops while pictures go on, for one reader of both: players stop the picture where sound
 * is missing. Frames tell the time, by when they were written: readers who come to the same pictures find the same.
 */
export class QuietSound {
  readonly #view: TrackView;
  readonly #newest: FrameRecord = makeFrameRecord();
  #version = -1;
  #scale = 1;
  #frame: SilentFrame | undefined;
  /** Where the last frame of the track ends, ticks; NaN while nothing is known of it. */
  #end = NaN;
  /** When it came. */
  #since = 0;
  /** Where silence ends that was given, ticks. */
  #filled = -Infinity;
  /** Silence begins here at the earliest, ticks. */
  #floor = -Infinity;
  /** What the reader had elsewhere is up to here, ticks; NaN where it begins. */
  #after = NaN;
  /** Stream time of the last picture, and when it came. */
  #micros = NaN;
  #arrival = 0;
  /** Silence that is due: it begins before `#until` only. */
  #next = 0;
  #until = -Infinity;

  constructor(view: TrackView) {
    this.#view = view;
  }

  /** Decoding time of the last silent frame, ticks; undefined where a frame of the track came last. */
  get last(): number | undefined {
    return this.#frame !== undefined && this.#filled > this.#end
      ? this.#filled - this.#frame.ticks
      : undefined;
  }

  /** The reader goes elsewhere; with `after`, to go on behind a frame of that decoding time, silent or not. */
  restart(after = NaN): void {
    this.#after = after;
    this.#end = NaN;
    this.#micros = NaN;
    this.#filled = this.#floor = this.#until = -Infinity;
  }

  /** The reader goes to where another one of the same track is. */
  goTo(other: QuietSound): void {
    this.#use(other.#version);
    this.#end = other.#end;
    this.#after = other.#after;
    this.#since = other.#since;
    this.#filled = other.#filled;
    this.#floor = other.#floor;
    this.#micros = other.#micros;
    this.#arrival = other.#arrival;
    this.#until = -Infinity;
  }

  /** A picture was read; frames of `version` would be next here. Silence up to it is in {@link next} if sound stopped. */
  pass(micros: number, arrival: MonoMillis, version: number): void {
    this.#use(version);
    const now = (micros / 1e6) * this.#scale;
    if (Number.isNaN(this.#end)) this.#begin(now, arrival);
    else if (micros - this.#micros > APART_MICROS) {
      this.#floor = now;
      this.#since = arrival;
    } else if (this.#filled <= this.#end && this.#isStall(micros, arrival)) this.#since = arrival;
    this.#micros = micros;
    this.#arrival = arrival;
    this.#until = -Infinity;
    if (this.#frame === undefined || arrival - this.#since <= QUIET_MILLIS) return;
    if (now - this.#end <= (QUIET_MILLIS / 1000) * this.#scale) return;
    const { ticks } = this.#frame;
    const skipped = Math.max(0, Math.ceil((this.#floor - this.#end) / ticks));
    this.#next = Math.max(this.#filled, this.#end + skipped * ticks);
    this.#until = now;
  }

  /**
   * A frame of the track was read. False when silence has taken its place. Else {@link next} has what is missing between
   * the silence and it.
   */
  takes({ dts, duration, arrival, configVersion }: FrameRecord): boolean {
    this.#use(configVersion);
    this.#end = dts + duration;
    this.#since = arrival;
    this.#until = -Infinity;
    if (dts < this.#filled) return false;
    if (this.#frame !== undefined && dts - this.#filled < (APART_MICROS / 1e6) * this.#scale) {
      this.#next = this.#filled;
      this.#until = dts - this.#frame.ticks + 1;
    }
    this.#filled = -Infinity;
    return true;
  }

  /** The next silent frame that is due, into `out`; false when there is none. */
  next(out: FrameRecord): boolean {
    if (this.#next >= this.#until || this.#frame === undefined) return false;
    const { data, ticks } = this.#frame;
    out.sequence = -1;
    out.dts = this.#next as Ticks;
    out.duration = ticks;
    out.data = data;
    out.size = data.length;
    out.key = true;
    out.configVersion = this.#version;
    this.#next += ticks;
    if (this.#next > this.#end) this.#filled = this.#next;
    return true;
  }

  /** The first picture, at `now`: what came before it may tell that there is no sound. */
  #begin(now: number, arrival: MonoMillis): void {
    const { head } = this.#view;
    const newest = this.#newest;
    const follows = this.#after > now - (APART_MICROS / 1e6) * this.#scale;
    this.#floor = follows ? this.#after + 1 : now;
    this.#end = Math.ceil(now);
    this.#since = arrival;
    if (head === 0) return;
    if (this.#view.peek(head - 1, newest) !== "ok") {
      this.#end = 0;
      this.#since = -Infinity;
    } else if (newest.dts <= now) {
      this.#end = newest.dts + newest.duration;
      this.#since = newest.arrival;
    }
  }

  #isStall(micros: number, arrival: MonoMillis): boolean {
    return arrival - this.#arrival - (micros - this.#micros) / 1000 > STALL_MILLIS;
  }

  #use(version: number): void {
    if (version === this.#version) return;
    this.#version = version;
    const track = this.#view.track(version)?.track;
    this.#frame = track?.kind === "audio"
      ? silentFrame(track, Math.round(track.timescale * PACKET_SECONDS))
      : undefined;
    if (track === undefined) return;
    const grown = track.timescale / this.#scale;
    this.#scale = track.timescale;
    this.#end = Math.round(this.#end * grown);
    this.#filled = Math.ceil(this.#filled * grown);
    this.#floor *= grown;
  }
}
