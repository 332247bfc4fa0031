// VP9 bitstream specification, 6.2: uncompressed header; VP9-ISOBMFF: vpcC and the codec string.
import { BitReader } from "../../../base/bits.ts";
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import { decodeWhole } from "../whole_unit.ts";

export interface Vp9Header {
  readonly profile: number;
  readonly key: boolean;
  /** What follows is 0 unless `key`. */
  readonly width: number;
  readonly height: number;
  readonly bitDepth: number;
  readonly subsamplingX: number;
  readonly subsamplingY: number;
  readonly fullRange: boolean;
  /** color_space: 1 BT.601, 2 BT.709, 5 BT.2020, 7 sRGB. */
  readonly colourSpace: number;
}

/** Decodes the beginning of a frame or superframe. Never throws. */
export function decodeVp9Header(frame: Uint8Array): Decoded<Vp9Header> {
  return decodeWhole("VP9 header", () => {
    const r = new BitReader(frame);
    if (r.bits(2) !== 2) return bad(0, "no VP9 frame marker");
    const low = r.bits(1);
    const profile = low + 2 * r.bits(1);
    if (profile === 3 && r.flag()) return bad(0, "VP9 profile above 3");
    const inter = {
      profile,
      key: false,
      width: 0,
      height: 0,
      bitDepth: 0,
      subsamplingX: 0,
      subsamplingY: 0,
      fullRange: false,
      colourSpace: 0,
    };
    if (r.flag() || r.flag()) return ok(inter, frame.length); // show_existing_frame, frame_type
    r.skip(2); // show_frame, error_resilient_mode
    if (r.bits(24) !== 0x498342) return bad(1, "no VP9 sync code");
    const bitDepth = profile < 2 ? 8 : r.flag() ? 12 : 10;
    const colourSpace = r.bits(3);
    const odd = profile === 1 || profile === 3;
    let fullRange = true;
    let subsamplingX = 0;
    let subsamplingY = 0;
    if (colourSpace !== 7) {
      fullRange = r.flag();
      subsamplingX = odd ? r.bits(1) : 1;
      subsamplingY = odd ? r.bits(1) : 1;
      if (odd) r.skip(1);
    } else if (odd) r.skip(1);
    else return bad(4, "VP9 RGB needs profile 1 or 3");
    const width = r.bits(16) + 1;
    const height = r.bits(16) + 1;
    const value = {
      profile,
      key: true,
      width,
      height,
      bitDepth,
      subsamplingX,
      subsamplingY,
      fullRange,
      colourSpace,
    };
    return ok(value, frame.length);
  });
}

/** Largest luma picture, in samples, of the levels that differ in it. */
const LEVELS: readonly (readonly [number, number])[] = [
  [36_864, 10],
  [73_728, 11],
  [122_880, 20],
  [245_760, 21],
  [552_960, 30],
  [983_040, 31],
  [2_228_224, 40],
  [8_912_896, 50],
];

/** The lowest level that allows the picture; VP9 frames do not say theirs. */
export function vp9Level(width: number, height: number): number {
  for (const [samples, level] of LEVELS) if (width * height <= samples) return level;
  return 60;
}

/** H.273 primaries, transfer and matrix of a colour space; 2 is unspecified. */
function h273(colourSpace: number): readonly [number, number, number] {
  if (colourSpace === 1) return [6, 6, 6];
  if (colourSpace === 2) return [1, 1, 1];
  if (colourSpace === 3) return [6, 6, 6];
  if (colourSpace === 4) return [7, 7, 7];
  if (colourSpace === 5) return [9, 14, 9];
  if (colourSpace === 7) return [1, 13, 0];
  return [2, 2, 2];
}

/** Encodes a vpcC payload without its full-box header, from a key frame's header. */
export function encodeVp9Config(h: Vp9Header): Uint8Array<ArrayBuffer> {
  // 1: 4:2:0 with chroma at luma's place; 2: 4:2:2; 3: 4:4:4 (4:4:0 has no number of its own).
  const chroma = h.subsamplingX === 1 && h.subsamplingY === 1 ? 1 : h.subsamplingX === 1 ? 2 : 3;
  const packed = (h.bitDepth << 4) | (chroma << 1) | (h.fullRange ? 1 : 0);
  return Uint8Array.of(h.profile, vp9Level(h.width, h.height), packed, ...h273(h.colourSpace), 0, 0);
}

/** `vp09.` with profile, level and bit depth. */
export function vp9CodecString(h: Vp9Header): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `vp09.${two(h.profile)}.${two(vp9Level(h.width, h.height))}.${two(h.bitDepth)}`;
}
