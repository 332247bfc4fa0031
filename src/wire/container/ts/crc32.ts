// ISO/IEC 13818-1, Annex A: CRC of sections: polynomial 0x04C11DB7, begins with all ones, nothing is inverted.

const TABLE = new Uint32Array(256);
for (let i = 0; i < 256; i++) {
  let c = i << 24;
  for (let bit = 0; bit < 8; bit++) c = c < 0 ? (c << 1) ^ 0x04c11db7 : c << 1;
  TABLE[i] = c;
}

/** The check value of `bytes[from, to)`; 0 over a whole section whose last four bytes are its check value. */
export function sectionCrc(bytes: Uint8Array, from = 0, to = bytes.length): number {
  let c = 0xffffffff;
  for (let i = from; i < to; i++) {
    c = (c << 8) ^ (TABLE[(c >>> 24) ^ (bytes[i] as number)] as number);
  }
  return c >>> 0;
}
