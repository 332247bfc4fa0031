import type { TrackKind } from "../media/codec.ts";
import { BYTES_AT, BYTES_FIRST, CAPACITY_MAX, FRAMES, KINDS, LAYOUT_VERSION, PARTS } from "./layout.ts";
import {
  TRACK_MAGIC,
  W_CAPACITY,
  W_CLOSED_MSN,
  W_ID,
  W_KIND,
  W_MAGIC,
  W_VERSION,
  W_WRAP_POINT,
} from "./layout.ts";
import { initRing } from "./slot_ring.ts";

/**
 * A new track page. `maxBytes` (up to 2^30) is the cap of its ring of frame bytes; memory is committed as the ring
 * grows. `firstSequence` numbers its first frame.
 */
export function createTrackPage(kind: TrackKind, maxBytes: number, firstSequence = 0): SharedArrayBuffer {
  if (!(maxBytes >= 1 && maxBytes <= CAPACITY_MAX)) {
    throw new RangeError(`Cannot make a ring of ${maxBytes} bytes: 1 to ${CAPACITY_MAX}`);
  }
  const capacity = Math.floor(maxBytes);
  const page = new SharedArrayBuffer(BYTES_AT + ((capacity + 7) & ~7));
  const words = new Int32Array(page);
  initRing(words, FRAMES, firstSequence);
  initRing(words, PARTS, 0);
  words[W_KIND] = KINDS.indexOf(kind);
  words[W_ID] = -1;
  words[W_CLOSED_MSN] = -1;
  words[W_CAPACITY] = capacity;
  words[W_WRAP_POINT] = Math.min(capacity, BYTES_FIRST);
  words[W_VERSION] = LAYOUT_VERSION;
  words[W_MAGIC] = TRACK_MAGIC;
  return page;
}
