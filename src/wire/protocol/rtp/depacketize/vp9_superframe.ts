// VP9 Bitstream and Decoding Process Specification, Annex B.
import type { UnitBuffer } from "./unit_buffer.ts";

/** Frames of a superframe at most. */
export const SUPERFRAME_FRAMES_MAX = 8;

/** Appends the index that tells the `sizes` of the frames in `buffer`. False when there are too many. */
export function appendSuperframeIndex(buffer: UnitBuffer, sizes: readonly number[]): boolean {
  if (sizes.length > SUPERFRAME_FRAMES_MAX) return false;
  let width = 1;
  for (const size of sizes) while (width < 4 && size >= 2 ** (8 * width)) width++;
  const marker = 0xc0 | ((width - 1) << 3) | (sizes.length - 1);
  buffer.byte(marker);
  for (const size of sizes) {
    for (let i = 0; i < width; i++) buffer.byte((size >>> (8 * i)) & 0xff);
  }
  return buffer.byte(marker);
}
