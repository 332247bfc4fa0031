/** A decoded picture with 16 bits a sample, as the decoder keeps it; strides in samples. */
export interface Planes {
  readonly y: Uint16Array;
  readonly cb: Uint16Array;
  readonly cr: Uint16Array;
  readonly width: number;
  readonly height: number;
  readonly strideY: number;
  readonly strideC: number;
  readonly chromaWidth: number;
  readonly chromaHeight: number;
  readonly bitDepth: number;
}

/** Length of the decoder's `struct` of a frame: three pointers, then numbers, of 32 bits each. */
export const FRAME_BYTES = 48;

/** The picture that the `struct` of a frame at `at` tells of; views on the decoder's memory. */
export function readPlanes(memory: ArrayBufferLike, at: number): Planes {
  const words = new Int32Array(memory, at, FRAME_BYTES / 4);
  const word = (n: number) => words[n] as number;
  const [strideY, strideC, chromaHeight] = [word(5), word(6), word(8)];
  return {
    y: new Uint16Array(memory, word(0), strideY * word(4)),
    cb: new Uint16Array(memory, word(1), strideC * chromaHeight),
    cr: new Uint16Array(memory, word(2), strideC * chromaHeight),
    width: word(3),
    height: word(4),
    strideY,
    strideC,
    chromaWidth: word(7),
    chromaHeight,
    bitDepth: word(9),
  };
}

/**
 * ITU-T H.273: YCbCr of limited range to RGB, with the coefficients of BT.709 for high definition and of BT.601 below;
 * 16 fractional bits. Chroma of any subsampling is repeated.
 */
export function toRgba(
  planes: Planes,
  out: Uint8ClampedArray | Uint8Array,
): void {
  const { y, cb, cr, width, height, strideY, strideC } = planes;
  const high = height >= 720;
  const [rv, gu, gv, bu] = high ? [117504, -13954, -34903, 138453] : [104597, -25675, -53279, 132201];
  const shift = planes.bitDepth - 8;
  const across = planes.chromaWidth < width ? 1 : 0;
  const down = planes.chromaHeight < height ? 1 : 0;
  for (let row = 0, at = 0; row < height; row++) {
    const luma = row * strideY;
    const chroma = (row >> down) * strideC;
    for (let column = 0; column < width; column++, at += 4) {
      const c = chroma + (column >> across);
      const l = (((y[luma + column] as number) >> shift) - 16) * 76309 + 32768;
      const u = ((cb[c] as number) >> shift) - 128;
      const v = ((cr[c] as number) >> shift) - 128;
      const r = (l + rv * v) >> 16;
      const g = (l + gu * u + gv * v) >> 16;
      const b = (l + bu * u) >> 16;
      out[at] = r < 0 ? 0 : r > 255 ? 255 : r;
      out[at + 1] = g < 0 ? 0 : g > 255 ? 255 : g;
      out[at + 2] = b < 0 ? 0 : b > 255 ? 255 : b;
      out[at + 3] = 255;
    }
  }
}
