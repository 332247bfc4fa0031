import { type FrameRecord, makeFrameRecord, type TrackView } from "./track_view.ts";

/** How far a reader may fall behind before it jumps, milliseconds of stream time, unless it says otherwise. */
export const BEHIND_MILLIS = 5000;

/**
 * Several tracks as one sequence of frames, in order of stream time as far as frames have arrived: it never waits for a
 * track. Keeps to the live edge: when it falls too far behind or is lapped, it goes on at the newest key frame, and the
 * first frame of each track from there is marked as a discontinuity. Allocates nothing but the view on the bytes.
 */
export class LiveCursor {
  readonly #tracks: readonly TrackView[];
  readonly #behindMicros: number;
  readonly #at: number[];
  readonly #scale: number[];
  readonly #version: number[];
  readonly #jumped: boolean[];
  readonly #micros: number[];
  readonly #record = makeFrameRecord();
  #track = 0;
  /** Stream time of the key frame that it began with last, microseconds. */
  #from = 0;
  #jumps = 0;
  #lapped = 0;
  #started = false;

  /** Begins at the newest key frame of the first track that has one. `behindMillis` Infinity: never jumps to the edge. */
  constructor(tracks: readonly TrackView[], behindMillis = BEHIND_MILLIS) {
    this.#tracks = tracks;
    this.#behindMicros = behindMillis * 1000;
    this.#at = tracks.map(() => 0);
    this.#scale = tracks.map(() => 0);
    this.#version = tracks.map(() => -1);
    this.#jumped = tracks.map(() => false);
    this.#micros = tracks.map(() => 0);
  }

  /** Index, in what the constructor was given, of the track that the last frame was of. */
  get track(): number {
    return this.#track;
  }

  /** Times that it jumped because it fell behind, and because it was lapped. */
  get jumps(): number {
    return this.#jumps;
  }

  get lapped(): number {
    return this.#lapped;
  }

  /** Stream time of the last frame, microseconds, not rounded. */
  get micros(): number {
    return this.#micros[this.#track] as number;
  }

  /** The next frame into `out`; false when there is none yet. Prove it with {@link intact} after use. */
  next(out: FrameRecord): boolean {
    if (!this.#started && !this.seekNewestKey()) return false;
    for (let attempt = 0; attempt < 2; attempt++) {
      const n = this.#earliest();
      if (n === -1) return false;
      if (n >= 0) {
        const behind = this.#edge(n) - (this.#micros[n] as number);
        if (behind <= this.#behindMicros || !this.#canJump()) {
          if ((this.#tracks[n] as TrackView).read(this.#at[n] as number, out) === "ok") {
            return this.#took(n, out);
          }
        } else this.#jumps++;
      }
      if (n < -1) this.#lapped++;
      // One that stays behind goes on with the oldest that there is.
      if (!(this.#behindMicros === Infinity ? this.seekTime(-Infinity) : this.seekNewestKey())) return false;
    }
    return false;
  }

  /** Whether the last frame's bytes were whole until now. */
  intact(): boolean {
    return (this.#tracks[this.#track] as TrackView).intact((this.#at[this.#track] as number) - 1);
  }

  /**
   * Stream times between which {@link seekTime} may go, microseconds: of the oldest key frame that is still there, and of
   * the newest frame. Undefined while there is no key frame.
   */
  window(): { readonly first: number; readonly last: number } | undefined {
    const main = this.#main();
    const at = this.#at[main];
    if (at === undefined || !this.#seekKey(main, -Infinity)) return undefined;
    const first = this.#micros[main] as number;
    this.#at[main] = at;
    return { first, last: this.#edge(main) };
  }

  /**
   * Goes to the newest key frame at `micros` or earlier of the track that {@link seekNewestKey} means, or to the oldest one
   * where all are later. False when there is no key frame now.
   */
  seekTime(micros: number): boolean {
    const main = this.#main();
    this.#started = false;
    return main >= 0 && this.#seekKey(main, micros) && this.#begin(main);
  }

  /**
   * Goes to the newest key frame of the first video track, else of the first track, and in the other tracks to the first
   * frame that is not earlier. False when there is no key frame now; the next call tries again.
   */
  seekNewestKey(): boolean {
    const main = this.#main();
    const key = main < 0 ? -1 : (this.#tracks[main] as TrackView).newestKey;
    this.#started = false;
    if (key < 0) return false;
    this.#at[main] = key;
    return this.#peek(main) && this.#begin(main);
  }

  /** The main track is at its key frame: takes the others there. */
  #begin(main: number): true {
    this.#from = this.#micros[main] as number;
    for (let n = 0; n < this.#tracks.length; n++) {
      if (n !== main) this.#seek(n, this.#from);
      this.#jumped[n] = true;
    }
    this.#started = true;
    return true;
  }

  /** Newest key frame of track n at `micros` or earlier, else its oldest one. */
  #seekKey(n: number, micros: number): boolean {
    const track = this.#tracks[n] as TrackView;
    this.#seek(n, micros);
    const later = this.#at[n] as number;
    const isKey = (sequence: number, upTo: number) => {
      this.#at[n] = sequence;
      return this.#peek(n) && this.#record.key && (this.#micros[n] as number) <= upTo;
    };
    for (let at = Math.min(later, track.head - 1); at >= track.tail; at--) if (isKey(at, micros)) return true;
    for (let at = Math.max(later, track.tail); at < track.head; at++) if (isKey(at, Infinity)) return true;
    return false;
  }

  #took(n: number, out: FrameRecord): true {
    this.#track = n;
    this.#at[n] = (this.#at[n] as number) + 1;
    if (this.#jumped[n]) out.discontinuity = true;
    this.#jumped[n] = false;
    return true;
  }

  #main(): number {
    let main = -1;
    for (let n = 0; n < this.#tracks.length; n++) {
      const track = this.#tracks[n] as TrackView;
      if (track.newestKey < 0) continue;
      if (track.kind === "video") return n;
      if (main < 0 && track.kind === "audio") main = n;
    }
    return main < 0 && this.#tracks.length > 0 ? 0 : main;
  }

  /** Track with the earliest next frame; -1: none has one; -2: one was lapped. */
  #earliest(): number {
    let best = -1;
    for (let n = 0; n < this.#tracks.length; n++) {
      const next = this.#ready(n);
      if (next === "lapped") return -2;
      if (next === "none") continue;
      if (best < 0 || (this.#micros[n] as number) < (this.#micros[best] as number)) best = n;
    }
    return best;
  }

  /** Learns the time of the next frame of track n, where there is one. */
  #ready(n: number): "ok" | "none" | "lapped" {
    const track = this.#tracks[n] as TrackView;
    for (;; this.#at[n] = (this.#at[n] as number) + 1) {
      if ((this.#at[n] as number) >= track.head) return "none";
      if (!this.#peek(n)) return "lapped";
      // Tracks come at different times: one may still bring frames of before the beginning.
      if (!this.#jumped[n] || (this.#micros[n] as number) >= this.#from) return "ok";
    }
  }

  /** Learns the time of the next frame of track n. */
  #peek(n: number): boolean {
    if ((this.#tracks[n] as TrackView).peek(this.#at[n] as number, this.#record) !== "ok") return false;
    this.#micros[n] = this.#time(n);
    return true;
  }

  #time(n: number): number {
    const version = this.#record.configVersion;
    if (this.#version[n] !== version) {
      const found = (this.#tracks[n] as TrackView).track(version) ?? (this.#tracks[n] as TrackView).track();
      this.#scale[n] = found?.track.timescale ?? 90_000;
      this.#version[n] = version;
    }
    return (this.#record.dts / (this.#scale[n] as number)) * 1e6;
  }

  /** Stream time of the newest frame of track n. */
  #edge(n: number): number {
    const track = this.#tracks[n] as TrackView;
    return track.peek(track.head - 1, this.#record) === "ok" ? this.#time(n) : this.#micros[n] as number;
  }

  /** A jump makes sense only to a key frame that was not passed yet. */
  #canJump(): boolean {
    const main = this.#main();
    return main >= 0 && (this.#tracks[main] as TrackView).newestKey > (this.#at[main] as number);
  }

  /** First frame of track n at `micros` or later, by bisection. */
  #seek(n: number, micros: number): void {
    const track = this.#tracks[n] as TrackView;
    let low = track.tail;
    let high = track.head;
    while (low < high) {
      const middle = low + ((high - low) >> 1);
      this.#at[n] = middle;
      if (!this.#peek(n) || (this.#micros[n] as number) < micros) low = middle + 1;
      else high = middle;
    }
    this.#at[n] = low;
  }
}
