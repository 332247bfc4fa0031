import {
  BYTES_AT,
  FRAMES,
  openPage,
  PARTS,
  RING_LIMIT,
  TRACK_MAGIC,
  W_FROZEN,
  W_WRAP_POINT,
} from "./layout.ts";

/** Memory that a track page takes: what it has grown to, without address space that was never touched. */
export function usedBytes(page: SharedArrayBuffer): number {
  const words = openPage(page, TRACK_MAGIC);
  const rows = (ring: typeof FRAMES) => ring.stride * (words[ring.words + RING_LIMIT] as number);
  return Math.min(BYTES_AT, PARTS.at + rows(PARTS) + rows(FRAMES)) + (words[W_WRAP_POINT] as number);
}

/** Keeps a track page from growing any more, or lets it: while it is frozen its oldest frames go instead. */
export function freezePage(page: SharedArrayBuffer, frozen: boolean): void {
  Atomics.store(openPage(page, TRACK_MAGIC), W_FROZEN, frozen ? 1 : 0);
}
