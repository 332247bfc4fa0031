import type { MonoMillis, StreamMicros, WallMillis } from "../base/units.ts";
import * as at from "./layout.ts";
import { SlotRingWriter } from "./slot_ring.ts";

/** Boundaries are wanted by tracks that lag; segments by playlists. Microseconds. */
const BOUNDARIES_KEEP = 30e6;
/**
 * A run of segments ends when its frames come so much later, or earlier, than they did at its start by this machine's
 * clock. What is early at the start of a stream (its source had kept pictures) does no harm.
 */
const RUN_LATE_MILLIS = 1000;
const RUN_EARLY_MILLIS = 3000;

/** The one writer of a stream page: state, doorbells, segment and boundary rows, maxima. */
export class StreamPageWriter {
  readonly words: Int32Array;
  readonly floats: Float64Array;
  readonly #segments: SlotRingWriter;
  readonly #boundaries: SlotRingWriter;
  readonly #keepMicros: number;

  /** Goes on where the page is. Segments are kept for at least `keepMicros`. */
  constructor(page: SharedArrayBuffer, keepMicros: number) {
    this.words = at.openPage(page, at.STREAM_MAGIC);
    this.floats = new Float64Array(page);
    this.#segments = new SlotRingWriter(this.words, at.SEGMENTS);
    this.#boundaries = new SlotRingWriter(this.words, at.BOUNDARIES);
    this.#keepMicros = keepMicros;
  }

  /** Number of the next segment. */
  get nextMsn(): number {
    return this.#segments.head;
  }

  /** True when there is a segment that is not closed. */
  get segmentOpen(): boolean {
    if (this.#segments.head === this.#segments.tail) return false;
    return this.words[(this.#segments.slot(this.#segments.head - 1) + at.SEGMENT_DURATION) >> 2] === 0;
  }

  /** Stream time at which the newest segment began. */
  get segmentStart(): StreamMicros {
    return this
      .floats[(this.#segments.slot(this.#segments.head - 1) + at.SEGMENT_START) >> 3] as StreamMicros;
  }

  /** Wall-clock time of a stream time by the newest segment; undefined when there is none. */
  wallNear(micros: number): WallMillis | undefined {
    if (this.#segments.head === this.#segments.tail) return undefined;
    const slot = this.#segments.slot(this.#segments.head - 1);
    const wall = this.floats[(slot + at.SEGMENT_WALL) >> 3] as number;
    return wall + (micros - this.segmentStart) / 1000 as WallMillis;
  }

  /** Fixes the length of the open segment. */
  closeSegment(end: StreamMicros): void {
    if (!this.segmentOpen) return;
    const micros = Math.max(1, Math.round(end - this.segmentStart));
    this.raise(at.W_TARGET_DURATION, micros);
    const slot = this.#segments.slot(this.#segments.head - 1);
    Atomics.store(this.words, (slot + at.SEGMENT_DURATION) >> 2, micros);
  }

  /** Opens the next segment; `now` is this machine's clock, `fresh`: a run of segments begins with it. */
  openSegment(
    start: StreamMicros,
    wall: WallMillis,
    discontinuity: boolean,
    fresh: boolean,
    now: WallMillis,
  ): void {
    const ring = this.#segments;
    const keep = ring.head > ring.tail &&
      (this.floats[(ring.slot(ring.tail) + at.SEGMENT_START) >> 3] as number) >= start - this.#keepMicros;
    const run = discontinuity || fresh ? undefined : this.#run(start, now);
    const row = ring.claim(ring.next(keep));
    const count = (this.words[at.W_DISCONTINUITIES] as number) + (discontinuity ? 1 : 0);
    this.words[(row + at.SEGMENT_FLAGS) >> 2] = discontinuity ? at.SEGMENT_IS_DISCONTINUITY : 0;
    this.words[(row + at.SEGMENT_DISCONTINUITIES) >> 2] = count;
    this.words[(row + at.SEGMENT_DURATION) >> 2] = 0;
    this.floats[(row + at.SEGMENT_START) >> 3] = start;
    this.floats[(row + at.SEGMENT_WALL) >> 3] = wall;
    this.floats[(row + at.SEGMENT_RUN_START) >> 3] = run?.start ?? start;
    this.floats[(row + at.SEGMENT_RUN_WALL) >> 3] = run?.wall ?? now;
    ring.publish();
    Atomics.store(this.words, at.W_DISCONTINUITIES, count);
  }

  /** The run that a segment goes on with; undefined where the clock says that it cannot. */
  #run(start: number, now: number): { readonly start: number; readonly wall: number } | undefined {
    const ring = this.#segments;
    if (ring.head === ring.tail) return undefined;
    const slot = ring.slot(ring.head - 1);
    const run = {
      start: this.floats[(slot + at.SEGMENT_RUN_START) >> 3] as number,
      wall: this.floats[(slot + at.SEGMENT_RUN_WALL) >> 3] as number,
    };
    const early = run.wall + (start - run.start) / 1000 - now;
    return early <= RUN_EARLY_MILLIS && early >= -RUN_LATE_MILLIS ? run : undefined;
  }

  /** Says where a part of the leading track began. */
  addBoundary(msn: number, part: number, start: StreamMicros): void {
    const ring = this.#boundaries;
    const keep = ring.head > ring.tail && this.boundaryStart(ring.tail) >= start - BOUNDARIES_KEEP;
    const row = ring.claim(ring.next(keep));
    this.words[(row + at.BOUNDARY_MSN) >> 2] = msn | 0;
    this.words[(row + at.BOUNDARY_PART) >> 2] = part;
    this.floats[(row + at.BOUNDARY_START) >> 3] = start;
    ring.publish();
  }

  get boundaryHead(): number {
    return this.#boundaries.head;
  }

  get boundaryTail(): number {
    return this.#boundaries.tail;
  }

  boundaryStart(sequence: number): number {
    return this.floats[(this.#boundaries.slot(sequence) + at.BOUNDARY_START) >> 3] as number;
  }

  boundaryMsn(sequence: number): number {
    return (this.words[(this.#boundaries.slot(sequence) + at.BOUNDARY_MSN) >> 2] as number) >>> 0;
  }

  boundaryPart(sequence: number): number {
    return this.words[(this.#boundaries.slot(sequence) + at.BOUNDARY_PART) >> 2] as number;
  }

  /** Raises a maximum; it never falls. */
  raise(word: number, micros: number): void {
    if (micros - 0.001 > (this.words[word] as number)) {
      Atomics.store(this.words, word, Math.ceil(micros - 0.001));
    }
  }

  store(word: number, value: number): void {
    Atomics.store(this.words, word, value);
  }

  /** Wakes those who wait for frames. */
  ring(): void {
    Atomics.add(this.words, at.W_BELL, 1);
    Atomics.notify(this.words, at.W_BELL);
  }

  /** Wakes those who wait for parts, tracks and state, and those who wait for frames. */
  ringParts(): void {
    Atomics.add(this.words, at.W_PART_BELL, 1);
    Atomics.notify(this.words, at.W_PART_BELL);
    this.ring();
  }
}

/** Lengths of a stream's segments and parts, its window, and the most bytes of a track's ring. */
export interface SegmentSettings {
  readonly segmentMillis: number;
  readonly partMillis: number;
  readonly windowMillis: number;
  readonly maxBytesPerTrack: number;
}

/** Where the writer takes its time from. */
export interface WriterClock {
  now(): MonoMillis;
  wall(): WallMillis;
}
