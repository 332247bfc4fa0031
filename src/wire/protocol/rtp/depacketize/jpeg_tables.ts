// ITU-T T.81, Annex K: the tables that RTP leaves out of JPEG images; RFC 2435, 4.2 and Appendix A: scaled by Q.

/** T.81, figure A.6: place in a row-by-row block of each coefficient in zigzag order. */
const ZIGZAG = [
  [0, 1, 8, 16, 9, 2, 3, 10, 17, 24, 32, 25, 18, 11, 4, 5],
  [12, 19, 26, 33, 40, 48, 41, 34, 27, 20, 13, 6, 7, 14, 21, 28],
  [35, 42, 49, 56, 57, 50, 43, 36, 29, 22, 15, 23, 30, 37, 44, 51],
  [58, 59, 52, 45, 38, 31, 39, 46, 53, 60, 61, 54, 47, 55, 62, 63],
].flat();

/** T.81, table K.1, row by row. */
const LUMINANCE = [
  [16, 11, 10, 16, 24, 40, 51, 61],
  [12, 12, 14, 19, 26, 58, 60, 55],
  [14, 13, 16, 24, 40, 57, 69, 56],
  [14, 17, 22, 29, 51, 87, 80, 62],
  [18, 22, 37, 56, 68, 109, 103, 77],
  [24, 35, 55, 64, 81, 104, 113, 92],
  [49, 64, 78, 87, 103, 121, 120, 101],
  [72, 92, 95, 98, 112, 100, 103, 99],
].flat();

/** T.81, table K.2, row by row. */
const CHROMINANCE = [
  [17, 18, 24, 47, 99, 99, 99, 99],
  [18, 21, 26, 66, 99, 99, 99, 99],
  [24, 26, 56, 99, 99, 99, 99, 99],
  [47, 66, 99, 99, 99, 99, 99, 99],
  ...Array.from({ length: 4 }, () => Array<number>(8).fill(99)),
].flat();

/** Bytes of the two tables of 8-bit coefficients. */
export const QUANT_TABLES = 128;

/** The luminance and chrominance tables of quality `q`, 1 to 99, each in zigzag order. RFC 2435, 4.2. */
export function quantTables(q: number): Uint8Array<ArrayBuffer> {
  const clamped = Math.min(99, Math.max(1, q));
  const factor = clamped < 50 ? Math.floor(5000 / clamped) : 200 - clamped * 2;
  const out = new Uint8Array(QUANT_TABLES);
  for (let i = 0; i < 64; i++) {
    const at = ZIGZAG[i] as number;
    out[i] = scaled(LUMINANCE[at] as number, factor);
    out[64 + i] = scaled(CHROMINANCE[at] as number, factor);
  }
  return out;
}

function scaled(value: number, factor: number): number {
  return Math.min(255, Math.max(1, Math.floor((value * factor + 50) / 100)));
}

function fromHex(hex: string): number[] {
  return (hex.match(/../g) ?? []).map((pair) => parseInt(pair, 16));
}

/** Class and number, codes of each length, values in the order of their codes. T.81, tables K.3 to K.6. */
const HUFFMAN: readonly (readonly [number, string, string])[] = [
  [0x00, "00010501010101010100000000000000", "000102030405060708090a0b"],
  [
    0x10,
    "0002010303020403050504040000017d",
    "01020300041105122131410613516107227114328191a1082342b1c11552d1f02433627282090a161718191a25262728292a3435" +
    "363738393a434445464748494a535455565758595a636465666768696a737475767778797a838485868788898a92939495969798" +
    "999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae1e2e3e4e5e6e7e8e9eaf1f2f3f4" +
    "f5f6f7f8f9fa",
  ],
  [0x01, "00030101010101010101010000000000", "000102030405060708090a0b"],
  [
    0x11,
    "00020102040403040705040400010277",
    "000102031104052131061241510761711322328108144291a1b1c109233352f0156272d10a162434e125f11718191a262728292a" +
    "35363738393a434445464748494a535455565758595a636465666768696a737475767778797a82838485868788898a9293949596" +
    "9798999aa2a3a4a5a6a7a8a9aab2b3b4b5b6b7b8b9bac2c3c4c5c6c7c8c9cad2d3d4d5d6d7d8d9dae2e3e4e5e6e7e8e9eaf2f3f4" +
    "f5f6f7f8f9fa",
  ],
];

/** The four DHT segments of an image without its own. */
export const HUFFMAN_SEGMENTS: Uint8Array<ArrayBuffer> = Uint8Array.from(
  HUFFMAN.flatMap(([id, lengths, values]) => {
    const body = [id, ...fromHex(lengths), ...fromHex(values)];
    return [0xff, 0xc4, (body.length + 2) >> 8, (body.length + 2) & 0xff, ...body];
  }),
);

/** Identifier, lengths and values of each of those tables, by its identifier. */
export const STANDARD_HUFFMAN: ReadonlyMap<number, Uint8Array> = new Map(
  HUFFMAN.map((
    [id, lengths, values],
  ) => [id, Uint8Array.from([id, ...fromHex(lengths), ...fromHex(values)])]),
);
