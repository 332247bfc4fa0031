// RFC 3533, 6: pages.
import { putU32le } from "../endian.ts";
import { oggCrc32 } from "./crc32.ts";

/** Bytes of a page's header before its lacing values. */
export const PAGE_HEADER = 27;
/** Most lacing values of a page. */
export const LACINGS_MAX = 255;
/** Bytes that a lacing value stands for when the packet goes on. */
export const LACING = 255;

export const CONTINUED = 1, FIRST = 2, LAST = 4;

/** Writes a granule position, 64 bits; a safe integer, -1 where no packet ends on the page. */
function putGranule(out: Uint8Array, at: number, granule: number): void {
  putU32le(out, at, granule); // the low 32 bits, also of -1
  putU32le(out, at + 4, Math.floor(granule / 2 ** 32));
}

/** Writes a page's header but for its lacing values, which begin where this answers. */
export function putPageHeader(
  out: Uint8Array,
  at: number,
  flags: number,
  granule: number,
  serial: number,
  sequence: number,
  lacings: number,
): number {
  putU32le(out, at, 0x5367674f); // OggS
  out[at + 4] = 0; // version
  out[at + 5] = flags;
  putGranule(out, at + 6, granule);
  putU32le(out, at + 14, serial);
  putU32le(out, at + 18, sequence);
  putU32le(out, at + 22, 0); // check value, when the page is whole
  out[at + 26] = lacings;
  return at + PAGE_HEADER;
}

/** Puts the check value into the page at `[at, end)`. */
export function sealPage(out: Uint8Array, at: number, end: number): void {
  putU32le(out, at + 22, oggCrc32(out, at, end));
}

/** Lacing values of a packet: one more than whole pieces of 255. */
export function lacingsOf(size: number): number {
  return Math.floor(size / LACING) + 1;
}
