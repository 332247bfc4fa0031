import { BOUNDARIES, LAYOUT_VERSION, SEGMENTS, STREAM_MAGIC, STREAM_PAGE_BYTES } from "./layout.ts";
import { F_ORIGIN, W_LEADING, W_MAGIC, W_VERSION } from "./layout.ts";
import { initRing } from "./slot_ring.ts";

/**
 * A new stream page. `firstSegment` is the number of its first segment, 0 to 2^32 - 1: a stream whose pages were given
 * up and made anew must not use a segment number twice, because caches remember them. `origin` is stream time 0 in Unix
 * milliseconds: with the same one, the times of a stream made anew go on where players who saw it before expect them.
 */
export function createStreamPage(
  o: { readonly firstSegment?: number; readonly origin?: number } = {},
): SharedArrayBuffer {
  const page = new SharedArrayBuffer(STREAM_PAGE_BYTES);
  const words = new Int32Array(page);
  initRing(words, SEGMENTS, o.firstSegment ?? 0);
  initRing(words, BOUNDARIES, 0);
  words[W_LEADING] = -1;
  new Float64Array(page)[F_ORIGIN] = o.origin ?? 0;
  words[W_VERSION] = LAYOUT_VERSION;
  words[W_MAGIC] = STREAM_MAGIC;
  return page;
}
