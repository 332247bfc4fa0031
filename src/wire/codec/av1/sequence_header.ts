// AV1 bitstream specification, 5.5: sequence header OBU; AV1-ISOBMFF, 2.3: AV1CodecConfigurationRecord, 5: codec string.
import { BitReader } from "../../../base/bits.ts";
import { joinBytes } from "../../../base/bytes.ts";
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import { decodeWhole } from "../whole_unit.ts";
import { encodeObu, OBU_SEQUENCE_HEADER } from "./obu.ts";

/** Longest sequence header that is looked at, in bytes. */
export const SEQUENCE_HEADER_MAX = 1024;

export interface SequenceHeader {
  readonly profile: number;
  readonly reducedStillPicture: boolean;
  /** seq_level_idx of operating point 0. */
  readonly level: number;
  readonly highTier: boolean;
  readonly width: number;
  readonly height: number;
  /** 0 when not said. */
  readonly frameRate: number;
  readonly bitDepth: 8 | 10 | 12;
  readonly monochrome: boolean;
  readonly subsamplingX: boolean;
  readonly subsamplingY: boolean;
  readonly chromaSamplePosition: number;
}

/** Decodes the payload of a sequence header OBU. Never throws. */
export function decodeSequenceHeader(payload: Uint8Array): Decoded<SequenceHeader> {
  if (payload.length > SEQUENCE_HEADER_MAX) {
    return bad(SEQUENCE_HEADER_MAX, `sequence header longer than ${SEQUENCE_HEADER_MAX} bytes`);
  }
  return decodeWhole("sequence header", () => {
    const r = new BitReader(payload);
    const profile = r.bits(3);
    if (profile > 2) return bad(0, `seq_profile is ${profile}, above 2`);
    r.skip(1); // still_picture
    const reducedStillPicture = r.flag();
    const point = reducedStillPicture
      ? { level: r.bits(5), highTier: false, frameRate: 0 }
      : readOperatingPoints(r);
    const widthBits = r.bits(4) + 1;
    const heightBits = r.bits(4) + 1;
    const width = r.bits(widthBits) + 1;
    const height = r.bits(heightBits) + 1;
    skipTools(r, reducedStillPicture);
    return ok(
      { profile, reducedStillPicture, ...point, width, height, ...readColour(r, profile) },
      payload.length,
    );
  });
}

/** uvlc(), 4.10.3. */
function readUvlc(r: BitReader): number {
  let zeros = 0;
  while (!r.flag()) if (++zeros >= 32) throw new RangeError("uvlc longer than 32 bits");
  return 2 ** zeros - 1 + r.bits(zeros);
}

function readOperatingPoints(r: BitReader): { level: number; highTier: boolean; frameRate: number } {
  let frameRate = 0;
  let delayBits = 0;
  if (r.flag()) { // timing_info_present_flag
    const units = r.bits(32);
    const scale = r.bits(32);
    const equal = r.flag();
    const ticks = equal ? readUvlc(r) + 1 : 1;
    if (units > 0 && equal) frameRate = scale / (units * ticks);
    if (r.flag()) { // decoder_model_info_present_flag
      delayBits = r.bits(5) + 1;
      r.skip(32 + 5 + 5);
    }
  }
  const displayDelay = r.flag();
  let level = 0;
  let highTier = false;
  const points = r.bits(5) + 1;
  for (let i = 0; i < points; i++) {
    r.skip(12);
    const pointLevel = r.bits(5);
    const tier = pointLevel > 7 && r.flag();
    if (i === 0) {
      level = pointLevel;
      highTier = tier;
    }
    if (delayBits > 0 && r.flag()) r.skip(2 * delayBits + 1);
    if (displayDelay && r.flag()) r.skip(4);
  }
  return { level, highTier, frameRate: frameRate <= 1000 ? frameRate : 0 };
}

/** Moves behind the coding tool flags. */
function skipTools(r: BitReader, reduced: boolean): void {
  if (!reduced && r.flag()) r.skip(4 + 3); // frame_id_numbers_present_flag
  r.skip(3); // use_128x128_superblock, enable_filter_intra, enable_intra_edge_filter
  if (!reduced) {
    r.skip(4); // interintra, masked compound, warped motion, dual filter
    const orderHint = r.flag();
    if (orderHint) r.skip(2);
    const chooseTools = r.flag();
    const screenContent = chooseTools || r.flag();
    if (screenContent && !r.flag()) r.skip(1);
    if (orderHint) r.skip(3);
  }
  r.skip(3); // superres, cdef, restoration
}

function readColour(r: BitReader, profile: number) {
  const highBitDepth = r.flag();
  const bitDepth: 8 | 10 | 12 = highBitDepth ? (profile === 2 && r.flag() ? 12 : 10) : 8;
  const monochrome = profile !== 1 && r.flag();
  let identity = false;
  if (r.flag()) identity = r.bits(24) === 0x010d00; // BT.709 primaries, sRGB transfer, identity matrix
  if (monochrome) {
    r.skip(1);
    return { bitDepth, monochrome, subsamplingX: true, subsamplingY: true, chromaSamplePosition: 0 };
  }
  if (identity) {
    return { bitDepth, monochrome, subsamplingX: false, subsamplingY: false, chromaSamplePosition: 0 };
  }
  r.skip(1); // color_range
  let subsamplingX = profile !== 1;
  let subsamplingY = profile === 0;
  if (bitDepth === 12) {
    subsamplingX = r.flag();
    subsamplingY = subsamplingX && r.flag();
  }
  const chromaSamplePosition = subsamplingX && subsamplingY ? r.bits(2) : 0;
  return { bitDepth, monochrome, subsamplingX, subsamplingY, chromaSamplePosition };
}

/** Encodes an av1C payload; `payload` is that of the sequence header OBU. */
export function encodeAv1Config(s: SequenceHeader, payload: Uint8Array): Uint8Array<ArrayBuffer> {
  const flags = (s.highTier ? 0x80 : 0) | (s.bitDepth > 8 ? 0x40 : 0) | (s.bitDepth === 12 ? 0x20 : 0) |
    (s.monochrome ? 0x10 : 0) | (s.subsamplingX ? 8 : 0) | (s.subsamplingY ? 4 : 0) | s.chromaSamplePosition;
  const head = Uint8Array.of(0x81, (s.profile << 5) | s.level, flags, 0);
  return joinBytes([head, encodeObu({ type: OBU_SEQUENCE_HEADER, extension: -1, payload })]);
}

/** `av01.` with profile, level, tier and bit depth; the rest has its default values. */
export function av1CodecString(s: SequenceHeader): string {
  const two = (n: number) => String(n).padStart(2, "0");
  return `av01.${s.profile}.${two(s.level)}${s.highTier ? "H" : "M"}.${two(s.bitDepth)}`;
}
