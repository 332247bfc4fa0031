import type { TrackWriter } from "./track_writer.ts";

/** What the next writer needs to go on where one stopped: the first frame that was not written. */
export interface Splice {
  /** Stream time of the frame, microseconds. */
  readonly startMicros: number;
  /** Its bytes: the same frame comes to the next writer too, if the source sends the same to everybody. */
  readonly frame: Uint8Array;
}

/**
 * The end of a session at the end of a segment. The leading track stops before the frame that would begin the next
 * segment; the others go on until they have reached its time.
 */
export class Finish {
  splice: Splice | undefined;
  readonly #tracks: readonly TrackWriter[];
  readonly #reached = new Set<TrackWriter>();
  readonly #done: () => void;

  /** `done` is called once, when every track has reached the end. */
  constructor(tracks: readonly TrackWriter[], done: () => void) {
    this.#tracks = tracks;
    this.#done = done;
  }

  /** The leading track stops before this frame. Copies it. */
  stop(leader: TrackWriter, startMicros: number, frame: Uint8Array): void {
    this.splice = { startMicros, frame: frame.slice() };
    this.#reach(leader);
  }

  /** Whether a frame whose middle lies at `micros` is still to be written. */
  takes(track: TrackWriter, micros: number): boolean {
    if (this.splice === undefined) return true;
    if (!this.#reached.has(track) && micros < this.splice.startMicros) return true;
    this.#reach(track);
    return false;
  }

  #reach(track: TrackWriter): void {
    if (this.#reached.has(track)) return;
    this.#reached.add(track);
    if (this.#tracks.every((t) => t.kind === "data" || t.frames === 0 || this.#reached.has(t))) this.#done();
  }
}
