// RFC 3533, 6: CRC-32 of a page, generator 0x04c11db7, most significant bit first, begun and ended with 0.
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let r = byte << 24;
  for (let i = 0; i < 8; i++) r = r & 0x80000000 ? (r << 1) ^ 0x04c11db7 : r << 1;
  return r >>> 0;
});

/** The check value of `bytes[from, to)`, in which the value's own place is 0. */
export function oggCrc32(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  for (let i = from; i < to; i++) {
    crc = (crc << 8) ^ (TABLE[(crc >>> 24) ^ (bytes[i] as number)] as number);
  }
  return crc >>> 0;
}
