import type { MonoMillis, Ticks } from "../base/units.ts";
import type { TrackKind } from "../media/codec.ts";
import type { Track } from "../media/track.ts";
import { readInit } from "./init_data.ts";
import * as at from "./layout.ts";
import { PartIndex } from "./part_index.ts";
import type { FrameRecord, PartRow } from "./records.ts";
import { SlotRingView } from "./slot_ring.ts";

export { type FrameRecord, makeFrameRecord, makePartRow, type PartRow } from "./records.ts";

/** How a read ended. `lapped`: the frame is gone, go on at {@link TrackView.newestKey} or later. */
export type ReadResult = "ok" | "later" | "lapped";

const SEQUENCES_APART = 2 ** 30;
/** Init data versions that a view remembers beyond the two in the page. */
const VERSIONS_MAX = 8;

/**
 * A reader's view of one track. Nothing here waits, and nothing but `read`'s view on the bytes is allocated when an
 * out-object is given. One view belongs to one thread.
 */
export class TrackView {
  readonly page: SharedArrayBuffer;
  readonly #words: Int32Array;
  readonly #floats: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #frames: SlotRingView;
  readonly #parts: PartIndex;
  readonly #tracks = new Map<number, { readonly version: number; readonly track: Track }>();
  readonly #capacity: number;
  #lapped = 0;

  /** Throws when `page` is no track page of this layout version. */
  constructor(page: SharedArrayBuffer) {
    this.page = page;
    this.#words = at.openPage(page, at.TRACK_MAGIC);
    this.#floats = new Float64Array(page, 0, page.byteLength >> 3);
    this.#capacity = this.#words[at.W_CAPACITY] as number;
    this.#bytes = new Uint8Array(page, at.BYTES_AT, this.#capacity);
    this.#frames = new SlotRingView(this.#words, at.FRAMES);
    this.#parts = new PartIndex(this.#words, this.#floats, this.#frames);
  }

  /** The track's number in its stream; -1 before its writer has announced it. */
  get id(): number {
    return Atomics.load(this.#words, at.W_ID);
  }

  get kind(): TrackKind {
    return at.KINDS[this.#words[at.W_KIND] as number] ?? "data";
  }

  /** The stream's session that the track was last part of: behind the stream's own, the track has vanished. */
  get session(): number {
    return Atomics.load(this.#words, at.W_TRACK_SESSION);
  }

  /** Version of the newest init data; 0 while there is none. */
  get version(): number {
    return Atomics.load(this.#words, at.W_INIT_VERSION);
  }

  /**
   * What the track is as of `version`, or of the newest. Undefined before the first, and for versions that left the page
   * before this view asked for them. Repeated calls answer the same object.
   */
  track(version = this.version): { readonly version: number; readonly track: Track } | undefined {
    const known = this.#tracks.get(version);
    if (known !== undefined) return known;
    const track = readInit(this.#words, version);
    if (track === undefined) return undefined;
    const entry = { version, track };
    this.#tracks.set(version, entry);
    for (const old of this.#tracks.keys()) {
      if (this.#tracks.size <= VERSIONS_MAX) break;
      this.#tracks.delete(old);
    }
    return entry;
  }

  /** Sequence of the next frame. */
  get head(): number {
    return this.#frames.head;
  }

  /** Oldest sequence still readable; equal to the head when there is none. */
  get tail(): number {
    return this.#frames.tail;
  }

  /** Newest key frame still readable; -1 when there is none. */
  get newestKey(): number {
    if (Atomics.load(this.#words, at.W_HAS_KEY) === 0) return -1;
    const head = this.#frames.head;
    const low = Atomics.load(this.#words, at.W_NEWEST_KEY);
    const key = head + ((low - head) | 0);
    return key >= this.#frames.tail ? key : -1;
  }

  /** Reads of this view that came too late. */
  get lapped(): number {
    return this.#lapped;
  }

  /** Counters that the writer keeps: frames refused, dropped inside the window at the cap, moved in time. */
  get counters(): { readonly refused: number; readonly shrunk: number; readonly moved: number } {
    const count = (word: number) => Atomics.load(this.#words, word) >>> 0;
    return { refused: count(at.W_REFUSED), shrunk: count(at.W_SHRUNK), moved: count(at.W_MOVED) };
  }

  /** Bytes that the ring has grown to, and its cap. */
  get fill(): { readonly bytes: number; readonly capacity: number } {
    return { bytes: Atomics.load(this.#words, at.W_WRAP_POINT), capacity: this.#capacity };
  }

  /**
   * Reads frame `sequence` with a view on its bytes. Whatever was done with those bytes counts only when
   * {@link intact} says so afterwards.
   */
  read(sequence: number, out: FrameRecord): ReadResult {
    const result = this.peek(sequence, out);
    if (result === "ok") {
      const offset = this.#offset;
      out.data = this.#bytes.subarray(offset, offset + out.size);
    }
    return result;
  }

  #offset = 0;

  /** As {@link read}, but leaves `out.data` alone and allocates nothing. */
  peek(sequence: number, out: FrameRecord): ReadResult {
    const head = this.#frames.head;
    if (sequence >= head) return "later";
    // So old that its low 32 bits may be those of a newer one.
    if (head - sequence > SEQUENCES_APART) return this.#late();
    const row = this.#frames.slot(sequence);
    if (row < 0) return this.#late();
    const words = this.#words;
    const word = row >> 2;
    const flags = words[word + (at.FRAME_FLAGS >> 2)] as number;
    out.sequence = sequence;
    out.dts = this.#floats[(row + at.FRAME_DTS) >> 3] as Ticks;
    out.arrival = this.#floats[(row + at.FRAME_ARRIVAL) >> 3] as MonoMillis;
    this.#offset = words[word + (at.FRAME_OFFSET >> 2)] as number;
    out.size = words[word + (at.FRAME_SIZE >> 2)] as number;
    out.ptsOffset = words[word + (at.FRAME_PTS_OFFSET >> 2)] as number;
    out.duration = words[word + (at.FRAME_DURATION >> 2)] as number;
    out.part = words[word + (at.FRAME_PART >> 2)] as number;
    out.msn = out.part < 0 ? -1 : (words[word + (at.FRAME_MSN >> 2)] as number) >>> 0;
    out.configVersion = words[word + (at.FRAME_CONFIG >> 2)] as number;
    out.key = (flags & at.FRAME_IS_KEY) !== 0;
    out.discontinuity = (flags & at.FRAME_IS_DISCONTINUITY) !== 0;
    out.startsSegment = (flags & at.FRAME_STARTS_SEGMENT) !== 0;
    out.startsPart = (flags & at.FRAME_STARTS_PART) !== 0;
    out.endsPart = (flags & at.FRAME_ENDS_PART) !== 0;
    return this.#frames.intact(sequence) ? "ok" : this.#late();
  }

  #late(): "lapped" {
    this.#lapped++;
    return "lapped";
  }

  /** The proof, to be called after the bytes of `sequence` (and later ones) were used: nothing was overwritten. */
  intact(sequence: number): boolean {
    return this.#frames.intact(sequence);
  }

  /** A closed part; undefined when it is open, has no frames of this track, or is gone. Written to `out` if given. */
  part(msn: number, part: number, out?: PartRow): PartRow | undefined {
    return this.#parts.find(msn, part, out);
  }

  /** Closed parts of a segment, counted from 0 to the last one: those without frames of this track count too. */
  partsOf(msn: number): number {
    return this.#parts.countOf(msn);
  }

  /** True when no further part of `msn` will come. */
  segmentClosed(msn: number): boolean {
    const closed = Atomics.load(this.#words, at.W_CLOSED_MSN);
    return closed !== -1 && msn <= closed >>> 0;
  }

  /** Oldest segment of which all parts are still there; -1 when no part was closed yet. */
  get oldestMsn(): number {
    return this.#parts.oldestMsn();
  }

  /** The newest closed part; undefined when there is none. The object is reused by the next call. */
  get newest(): { readonly msn: number; readonly part: number } | undefined {
    return this.#parts.newest();
  }
}
