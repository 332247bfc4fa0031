import type { ByteWriter } from "../../../base/bytes.ts";

/**
 * ISO/IEC 14496-12, 4.2: writes one box around what `body` writes. For init segments; fragments, which are written
 * many times a second, compute their sizes beforehand instead.
 */
export function box(w: ByteWriter, type: string, body: () => void): void {
  const at = w.length;
  w.u32(0).latin1(type);
  body();
  w.patchU32(at, w.length - at);
}

/** A box that begins with a version and 24 bits of flags. */
export function fullBox(w: ByteWriter, type: string, version: number, flags: number, body: () => void): void {
  box(w, type, () => {
    w.u8(version).u24(flags);
    body();
  });
}
