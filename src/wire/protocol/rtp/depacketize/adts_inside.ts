// ISO/IEC 14496-3, 1.A.2: as much of an ADTS header as is needed to see that cameras wrapped an access unit in one.

/** Bytes of an ADTS header without CRC. */
export const ADTS_HEADER = 7;

/** Length of the ADTS frame that begins at `at`, header included; 0 when there is none. */
export function adtsFrameLength(b: Uint8Array, at: number): number {
  if (at + ADTS_HEADER > b.length) return 0;
  // Sync word of 12 bits, any MPEG version, layer 0, a sampling frequency that exists.
  if (b[at] !== 0xff || ((b[at + 1] as number) & 0xf6) !== 0xf0) return 0;
  if ((((b[at + 2] as number) >> 2) & 15) > 12) return 0;
  const length = (((b[at + 3] as number) & 3) << 11) | ((b[at + 4] as number) << 3) |
    ((b[at + 5] as number) >> 5);
  return length >= adtsHeaderLength(b, at) ? length : 0;
}

/** Length of the header itself: 7, or 9 with a CRC. */
export function adtsHeaderLength(b: Uint8Array, at: number): number {
  return (b[at + 1] as number) & 1 ? ADTS_HEADER : ADTS_HEADER + 2;
}
