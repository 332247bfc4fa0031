import type { Track } from "../media/track.ts";
import { writeInit } from "./init_data.ts";
import * as at from "./layout.ts";
import type { PartRow } from "./records.ts";
import { SlotRingWriter } from "./slot_ring.ts";

/** What the stream decided about a frame; reused from frame to frame. */
export interface Placement {
  /** Ticks of the track's time scale since the stream's origin. */
  dts: number;
  ptsOffset: number;
  duration: number;
  /** {@link at.FRAME_IS_KEY} and its like. */
  flags: number;
  msn: number;
  part: number;
  configVersion: number;
  arrival: number;
}

/** An empty one. */
export function makePlacement(): Placement {
  return { dts: 0, ptsOffset: 0, duration: 0, flags: 0, msn: -1, part: -1, configVersion: 0, arrival: 0 };
}

/**
 * The one writer of a track page. Every step leaves a page that the next writer can go on with: what was claimed and
 * not published belongs to nobody, and is claimed again.
 */
export class TrackPageWriter {
  readonly page: SharedArrayBuffer;
  readonly words: Int32Array;
  readonly floats: Float64Array;
  readonly capacity: number;
  readonly #bytes: Uint8Array;
  readonly #frames: SlotRingWriter;
  readonly #parts: SlotRingWriter;
  #position = 0;
  #wrapPoint: number;
  /** Where the frame in hand goes. */
  #offset = 0;

  /** Goes on where the page is. */
  constructor(page: SharedArrayBuffer) {
    this.page = page;
    this.words = at.openPage(page, at.TRACK_MAGIC);
    this.floats = new Float64Array(page, 0, page.byteLength >> 3);
    this.capacity = this.words[at.W_CAPACITY] as number;
    this.#bytes = new Uint8Array(page, at.BYTES_AT, this.capacity);
    this.#frames = new SlotRingWriter(this.words, at.FRAMES);
    this.#parts = new SlotRingWriter(this.words, at.PARTS);
    this.#wrapPoint = this.words[at.W_WRAP_POINT] as number;
    if (this.head > this.tail) {
      const last = this.row(this.head - 1) >> 2;
      this.#position = (this.words[last + (at.FRAME_OFFSET >> 2)] as number) +
        (this.words[last + (at.FRAME_SIZE >> 2)] as number);
    }
  }

  get head(): number {
    return this.#frames.head;
  }

  get tail(): number {
    return this.#frames.tail;
  }

  /** Byte offset in the page of the record of a frame between tail and head. */
  row(sequence: number): number {
    return this.#frames.slot(sequence);
  }

  /** Counts one more in a counter word. */
  count(word: number): void {
    Atomics.add(this.words, word, 1);
  }

  /** Keeps the track's init data; answers its version. */
  setTrack(track: Track): number {
    return writeInit(this.words, track);
  }

  /**
   * Writes one frame: claim, copy, publish. `keepFrom` is the oldest decoding time that the window wants. The caller has
   * checked that the frame is not larger than {@link capacity}.
   */
  write(p: Placement, data: Uint8Array, keepFrom: number): void {
    const size = data.length;
    const wanted = this.words[at.W_FROZEN] === 0 && this.#oldestDts() >= keepFrom;
    const slotTail = this.#frames.next(wanted);
    const tail = this.#place(size, wanted, slotTail);
    if (tail > this.tail) this.#countShrunk(tail, keepFrom);
    const row = this.#frames.claim(tail);
    const offset = this.#offset;
    this.#bytes.set(data, offset);
    const word = row >> 2;
    const words = this.words;
    this.floats[(row + at.FRAME_DTS) >> 3] = p.dts;
    this.floats[(row + at.FRAME_ARRIVAL) >> 3] = p.arrival;
    words[word + (at.FRAME_FLAGS >> 2)] = p.flags;
    words[word + (at.FRAME_OFFSET >> 2)] = offset;
    words[word + (at.FRAME_SIZE >> 2)] = size;
    words[word + (at.FRAME_PTS_OFFSET >> 2)] = p.ptsOffset;
    words[word + (at.FRAME_DURATION >> 2)] = p.duration;
    words[word + (at.FRAME_MSN >> 2)] = p.msn | 0;
    words[word + (at.FRAME_PART >> 2)] = p.part;
    words[word + (at.FRAME_CONFIG >> 2)] = p.configVersion;
    this.#frames.publish();
    this.#position = offset + size;
    if ((p.flags & at.FRAME_IS_KEY) !== 0) {
      Atomics.store(words, at.W_NEWEST_KEY, (this.head - 1) | 0);
      Atomics.store(words, at.W_HAS_KEY, 1);
    }
    this.#releaseParts();
  }

  /** Decoding time of the oldest frame; -Infinity when there is none. */
  #oldestDts(): number {
    if (this.tail >= this.head) return -Infinity;
    return this.floats[(this.row(this.tail) + at.FRAME_DTS) >> 3] as number;
  }

  /**
   * Finds `size` contiguous bytes: behind the last frame, moving the wrap point out if the oldest frame is still
   * `wanted`, else from the start. Answers the oldest frame that is not in the way.
   */
  #place(size: number, wanted: boolean, slotTail: number): number {
    const before = this.#position;
    let start = before;
    if (start + size > this.#wrapPoint) {
      const empty = this.tail >= this.head;
      if (start + size <= this.capacity && (wanted || (empty && start === 0))) {
        this.#moveWrapPoint(start + size);
      } else start = 0;
    }
    if (start + size > this.#wrapPoint) this.#moveWrapPoint(start + size);
    this.#offset = start;
    let tail = slotTail;
    for (; tail < this.head; tail++) {
      const offset = this.words[(this.row(tail) + at.FRAME_OFFSET) >> 2] as number;
      const leftBehind = start < before && offset >= before;
      if (!leftBehind && !(offset >= start && offset < start + size)) break;
    }
    return tail;
  }

  #moveWrapPoint(end: number): void {
    this.#wrapPoint = Math.min(this.capacity, Math.max(end, this.#wrapPoint + at.BYTES_STEP));
    Atomics.store(this.words, at.W_WRAP_POINT, this.#wrapPoint);
  }

  /** Counts the frames before `tail` that the window still wanted, when the ring cannot grow any more. */
  #countShrunk(tail: number, keepFrom: number): void {
    if (this.#wrapPoint + at.BYTES_STEP <= this.capacity) return;
    let shrunk = 0;
    for (let sequence = this.tail; sequence < tail; sequence++) {
      if ((this.floats[(this.row(sequence) + at.FRAME_DTS) >> 3] as number) >= keepFrom) shrunk++;
    }
    if (shrunk > 0) Atomics.add(this.words, at.W_SHRUNK, shrunk);
  }

  /** Parts go with the first of their frames. */
  #releaseParts(): void {
    let tail = this.#parts.tail;
    const low = this.tail;
    while (tail < this.#parts.head) {
      const first = this.words[(this.#parts.slot(tail) + at.PART_FIRST) >> 2] as number;
      if (((first - low) | 0) >= 0) break;
      tail++;
    }
    this.#parts.release(tail);
  }

  /** Shows a closed part. Rows go with their frames, so the ring of rows grows while the oldest has any. */
  writePart(part: PartRow): void {
    const row = this.#parts.claim(this.#parts.next(true));
    const word = row >> 2;
    const words = this.words;
    words[word + (at.PART_FLAGS >> 2)] = (part.independent ? at.PART_IS_INDEPENDENT : 0) |
      (part.discontinuity ? at.PART_IS_DISCONTINUITY : 0);
    words[word + (at.PART_MSN >> 2)] = part.msn | 0;
    words[word + (at.PART_NUMBER >> 2)] = part.part;
    words[word + (at.PART_FIRST >> 2)] = part.first | 0;
    words[word + (at.PART_COUNT >> 2)] = part.count;
    words[word + (at.PART_CONFIG >> 2)] = part.configVersion;
    words[word + (at.PART_BYTES >> 2)] = part.bytes | 0;
    this.floats[(row + at.PART_START) >> 3] = part.startDts;
    this.floats[(row + at.PART_DURATION) >> 3] = part.durationTicks;
    this.floats[(row + at.PART_CLOSED_AT) >> 3] = part.closedAt;
    this.#parts.publish();
  }

  /** Copies the newest part row's numbers to `out`; false when there is none. For a writer that takes over. */
  lastPart(out: { msn: number; part: number; first: number; count: number }): boolean {
    if (this.#parts.head <= this.#parts.tail) return false;
    const word = this.#parts.slot(this.#parts.head - 1) >> 2;
    out.msn = (this.words[word + (at.PART_MSN >> 2)] as number) >>> 0;
    out.part = this.words[word + (at.PART_NUMBER >> 2)] as number;
    const first = this.words[word + (at.PART_FIRST >> 2)] as number;
    out.first = this.head + ((first - this.head) | 0);
    out.count = this.words[word + (at.PART_COUNT >> 2)] as number;
    return true;
  }

  /** No further parts of segments up to `msn` will come. */
  closeSegments(msn: number): void {
    if (msn < 0) return;
    const closed = this.closedMsn;
    if (msn > closed) Atomics.store(this.words, at.W_CLOSED_MSN, msn | 0);
  }

  /** Newest segment of which all parts are closed; -1 when there is none. */
  get closedMsn(): number {
    const closed = this.words[at.W_CLOSED_MSN] as number;
    return closed === -1 ? -1 : closed >>> 0;
  }
}
