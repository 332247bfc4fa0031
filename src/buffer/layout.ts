/**
 * Where everything lies in the two kinds of shared pages. Nothing else knows a number.
 *
 * ```
 * stream page                                     track page
 * ┌──────────────────────────────┐ 0              ┌──────────────────────────────┐ 0
 * │ magic · version              │                │ magic · version · kind · id  │
 * │ state · bells · tracks ver.  │                │ session · init version       │
 * │ leading · session · maxima   │                │ newest key · wrap point      │
 * │ ring words: segments         │                │ counters                     │
 * │ ring words: boundaries       │                │ ring words: frames, parts    │
 * ├──────────────────────────────┤ 4096           ├──────────────────────────────┤ 4096
 * │ segment rows                 │                │ init data, slot 0 (64 KiB)   │
 * ├──────────────────────────────┤                │ init data, slot 1 (64 KiB)   │
 * │ boundary rows                │                ├──────────────────────────────┤
 * └──────────────────────────────┘                │ part rows                    │
 *                                                 ├──────────────────────────────┤
 *                                                 │ frame records                │
 *                                                 ├──────────────────────────────┤
 *                                                 │ frame bytes                  │
 *                                                 │ 0 … wrap point … capacity    │
 *                                                 └──────────────────────────────┘
 * ```
 *
 * Offsets named `W_` are indexes of 32-bit words from the start of the page. Offsets named `ROW_…` are bytes from the
 * start of a row. Rows are multiples of 8 bytes, so that every 64-bit field is aligned. Memory that was never touched
 * is never committed: the maxima below cost address space only.
 */

export const STREAM_MAGIC = 0x666f6753;
export const TRACK_MAGIC = 0x666f6754;
export const LAYOUT_VERSION = 2;

/** First words of both pages. */
export const W_MAGIC = 0;
export const W_VERSION = 1;

/** A ring's control words, from the index that its {@link RingPlace} names. */
export const RING_HEAD = 0;
export const RING_TAIL = 1;
/** The head's multiple of 2^30, from which a new reader extends 32-bit sequences. */
export const RING_EPOCH = 2;
/** Sequence of the row at slot 0 of this lap, and of the lap before. */
export const RING_LAP = 3;
export const RING_LAP_BEFORE = 4;
/** Slots used so far: the wrap point. */
export const RING_LIMIT = 5;
const RING_WORDS = 16;

/** Where a ring of rows lies. */
export interface RingPlace {
  /** Index of its control words. */
  readonly words: number;
  /** Byte offset of slot 0. */
  readonly at: number;
  /** Bytes of a row. */
  readonly stride: number;
  /** Most slots that it may grow to. */
  readonly max: number;
  /** Slots that it begins with. */
  readonly first: number;
}

/** The first word of every row is the low 32 bits of its sequence. */
export const ROW_STAMP = 0;

const HEADER = 4096;
const words = (from: number, ring: number) => from + ring * RING_WORDS;
const end = (place: RingPlace) => place.at + place.stride * place.max;

// Stream page.

/** 1 while a session writes. */
export const W_LIVE = 2;
/** Rung for every frame. */
export const W_BELL = 3;
/** Rung when a part closed, a track came or changed, or the state changed. */
export const W_PART_BELL = 4;
export const W_TRACKS_VERSION = 5;
/** Id of the leading track; -1 while there is none. */
export const W_LEADING = 6;
/** Sessions begun so far. */
export const W_STREAM_SESSION = 7;
/** Microseconds. */
export const W_PART_TARGET = 8;
export const W_TARGET_DURATION = 9;
export const W_DISCONTINUITIES = 10;
/** Index as a 64-bit float: Unix milliseconds at stream time 0; 0: stream time has nothing to do with the clock. */
export const F_ORIGIN = 8;
const W_STREAM_RINGS = 32;

export const SEGMENT_FLAGS = 4;
export const SEGMENT_DISCONTINUITIES = 8;
/** Microseconds; 0 while the segment is open. */
export const SEGMENT_DURATION = 12;
export const SEGMENT_START = 16;
export const SEGMENT_WALL = 24;
/** Where the run of segments that it belongs to began: in stream time, and by this machine's clock. */
export const SEGMENT_RUN_START = 32;
export const SEGMENT_RUN_WALL = 40;
export const SEGMENT_IS_DISCONTINUITY = 1;

export const SEGMENTS: RingPlace = {
  words: words(W_STREAM_RINGS, 0),
  at: HEADER,
  stride: 48,
  max: 16384,
  first: 32,
};

export const BOUNDARY_MSN = 4;
export const BOUNDARY_PART = 8;
export const BOUNDARY_START = 16;

export const BOUNDARIES: RingPlace = {
  words: words(W_STREAM_RINGS, 1),
  at: end(SEGMENTS),
  stride: 24,
  max: 8192,
  first: 64,
};

export const STREAM_PAGE_BYTES = end(BOUNDARIES);

// Track page.

export const W_KIND = 2;
export const W_ID = 3;
/** The stream's session that the track was last part of. */
export const W_TRACK_SESSION = 4;
/** Newest version of the init data; 0 while there is none. */
export const W_INIT_VERSION = 5;
/** Low 32 bits of the newest key frame's sequence, and whether there is one. */
export const W_NEWEST_KEY = 6;
export const W_HAS_KEY = 7;
/** Bytes of the ring in use: its wrap point. */
export const W_WRAP_POINT = 8;
/** Byte capacity of the ring. */
export const W_CAPACITY = 9;
/** All parts of segments up to this one are closed. */
export const W_CLOSED_MSN = 10;
/** Frames refused because they are larger than the ring. */
export const W_REFUSED = 11;
/** Frames that left before the window was over, because the ring is at its cap. */
export const W_SHRUNK = 12;
/** Frames whose decoding time did not grow and was moved. */
export const W_MOVED = 13;
/** 1 while the page must not grow: the server's memory budget is used up. */
export const W_FROZEN = 14;
const W_TRACK_RINGS = 32;

export const KINDS = ["video", "audio", "data"] as const;

/** Most bytes of an encoded track with its configuration. */
export const INIT_MAX = 64 * 1024;
export const INIT_STAMP = 0;
export const INIT_LENGTH = 4;
export const INIT_BYTES = 8;
/** Byte offset of the slot that holds `version`. */
export const initSlot = (version: number): number => HEADER + (version & 1) * (INIT_BYTES + INIT_MAX);

export const PART_FLAGS = 4;
export const PART_MSN = 8;
export const PART_NUMBER = 12;
export const PART_FIRST = 16;
export const PART_COUNT = 20;
export const PART_CONFIG = 24;
export const PART_BYTES = 28;
export const PART_START = 32;
export const PART_DURATION = 40;
export const PART_CLOSED_AT = 48;
export const PART_IS_INDEPENDENT = 1;
export const PART_IS_DISCONTINUITY = 2;

export const PARTS: RingPlace = {
  words: words(W_TRACK_RINGS, 0),
  at: HEADER + 2 * (INIT_BYTES + INIT_MAX),
  stride: 56,
  max: 16384,
  first: 64,
};

export const FRAME_FLAGS = 4;
export const FRAME_DTS = 8;
export const FRAME_ARRIVAL = 16;
export const FRAME_OFFSET = 24;
export const FRAME_SIZE = 28;
export const FRAME_PTS_OFFSET = 32;
export const FRAME_DURATION = 36;
export const FRAME_MSN = 40;
/** -1: the frame is in no part. */
export const FRAME_PART = 44;
export const FRAME_CONFIG = 48;

export const FRAME_IS_KEY = 1;
export const FRAME_IS_DISCONTINUITY = 2;
export const FRAME_STARTS_SEGMENT = 4;
export const FRAME_STARTS_PART = 8;
export const FRAME_ENDS_PART = 16;

export const FRAMES: RingPlace = {
  words: words(W_TRACK_RINGS, 1),
  at: end(PARTS),
  stride: 56,
  max: 131072,
  first: 256,
};

/** Byte offset of the ring of frame bytes. */
export const BYTES_AT = end(FRAMES);
/** Bytes that the ring begins with, and by which its wrap point moves. */
export const BYTES_FIRST = 128 * 1024;
export const BYTES_STEP = 64 * 1024;
/** Offsets are 32-bit words. */
export const CAPACITY_MAX = 2 ** 30;

/** Words of a page. Throws when it is not a page of this kind and version. */
export function openPage(page: SharedArrayBuffer, magic: number): Int32Array {
  const view = new Int32Array(page);
  if (view[W_MAGIC] !== magic) throw new Error(`Cannot open page: magic ${view[W_MAGIC]}, not ${magic}`);
  if (view[W_VERSION] !== LAYOUT_VERSION) {
    throw new Error(`Cannot open page: layout version ${view[W_VERSION]}, not ${LAYOUT_VERSION}`);
  }
  return view;
}
