import type { StreamMicros, WallMillis } from "../base/units.ts";
import * as at from "./layout.ts";
import { makeSegmentRow, type SegmentRow } from "./records.ts";
import { SlotRingView } from "./slot_ring.ts";

export { makeSegmentRow, type SegmentRow } from "./records.ts";

/** A reader's view of a stream: its state, its doorbells, its segments. One view belongs to one thread. */
export class StreamView {
  readonly page: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #segments: SlotRingView;

  /** Throws when `page` is no stream page of this layout version. */
  constructor(page: SharedArrayBuffer) {
    this.page = page;
    this.#words = at.openPage(page, at.STREAM_MAGIC);
    this.#floats = new Float64Array(page);
    this.#segments = new SlotRingView(this.#words, at.SEGMENTS);
  }

  /** A session is writing. */
  get live(): boolean {
    return Atomics.load(this.#words, at.W_LIVE) === 1;
  }

  /** Changes when a track is added or its init data changes. */
  get tracksVersion(): number {
    return Atomics.load(this.#words, at.W_TRACKS_VERSION);
  }

  /** Id of the track that decides about segments and parts; -1 while there is none. */
  get leading(): number {
    return Atomics.load(this.#words, at.W_LEADING);
  }

  /** Sessions begun; compare with a track's own. */
  get session(): number {
    return Atomics.load(this.#words, at.W_STREAM_SESSION);
  }

  /** No part of any track was longer, nor will one be that closes before this grows. Microseconds. */
  get partTargetMicros(): number {
    return Atomics.load(this.#words, at.W_PART_TARGET);
  }

  /** No segment was longer, and none was meant to be. Microseconds. */
  get targetDurationMicros(): number {
    return Atomics.load(this.#words, at.W_TARGET_DURATION);
  }

  /** Discontinuities between segments so far. */
  get discontinuitySequence(): number {
    return Atomics.load(this.#words, at.W_DISCONTINUITIES);
  }

  /** Value of the bell that rings for every frame. */
  ring(): number {
    return Atomics.load(this.#words, at.W_BELL);
  }

  /** Resolves when the frame bell is no longer `value`, or after `timeoutMs`. */
  wait(value: number, timeoutMs: number): Promise<void> {
    return this.#wait(at.W_BELL, value, timeoutMs);
  }

  /** Value of the bell that rings when a part closed, a track came or changed, or the state changed. */
  partRing(): number {
    return Atomics.load(this.#words, at.W_PART_BELL);
  }

  /** Resolves when the part bell is no longer `value`, or after `timeoutMs`. */
  waitPart(value: number, timeoutMs: number): Promise<void> {
    return this.#wait(at.W_PART_BELL, value, timeoutMs);
  }

  async #wait(word: number, value: number, timeoutMs: number): Promise<void> {
    await Atomics.waitAsync(this.#words, word, value, timeoutMs).value;
  }

  /** Oldest segment still listed; equal to `newestSegment + 1` when there is none. */
  get oldestSegment(): number {
    return this.#segments.tail;
  }

  /** The newest segment, open while the stream is live; one less than the first number when there is none. */
  get newestSegment(): number {
    return this.#segments.head - 1;
  }

  /** A segment's row, written to `out` if given; undefined when it is not there yet or not any more. */
  segment(msn: number, out?: SegmentRow): SegmentRow | undefined {
    if (msn >= this.#segments.head) return undefined;
    const slot = this.#segments.slot(msn);
    if (slot < 0) return undefined;
    const words = this.#words;
    const to = out ?? makeSegmentRow();
    to.msn = msn;
    to.startMicros = this.#floats[(slot + at.SEGMENT_START) >> 3] as StreamMicros;
    to.wallMillis = this.#floats[(slot + at.SEGMENT_WALL) >> 3] as WallMillis;
    to.runMicros = this.#floats[(slot + at.SEGMENT_RUN_START) >> 3] as StreamMicros;
    to.runWallMillis = this.#floats[(slot + at.SEGMENT_RUN_WALL) >> 3] as WallMillis;
    to.durationMicros = Atomics.load(words, (slot + at.SEGMENT_DURATION) >> 2) >>> 0;
    const flags = words[(slot + at.SEGMENT_FLAGS) >> 2] as number;
    to.discontinuity = (flags & at.SEGMENT_IS_DISCONTINUITY) !== 0;
    to.discontinuitySequence = words[(slot + at.SEGMENT_DISCONTINUITIES) >> 2] as number;
    return this.#segments.intact(msn) ? to : undefined;
  }

  #row = makeSegmentRow();

  /** Wall-clock time of a stream time by the newest segment's mapping; undefined before the first segment. */
  wallAt(micros: StreamMicros): WallMillis | undefined {
    const row = this.segment(this.newestSegment, this.#row);
    if (row === undefined) return undefined;
    return row.wallMillis + (micros - row.startMicros) / 1000 as WallMillis;
  }
}
