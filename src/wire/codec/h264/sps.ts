// ITU-T H.264, 7.3.2.1.1: sequence parameter set.
import { BitReader } from "../../../base/bits.ts";
import { Truncated } from "../../../base/bytes.ts";
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import { removeEmulation } from "../nal.ts";
import { decodeWhole } from "../whole_unit.ts";
import { readVui, type Vui } from "./vui.ts";

/** Longest sequence parameter set that is looked at, in bytes. Real ones have 10 to 60. */
export const SPS_MAX = 1024;
/** Largest width or height that is believed; level 6.2 allows 16 888. */
export const DIMENSION_MAX = 16_888;

export interface Sps {
  readonly profile: number;
  /** The byte of constraint_set flags. */
  readonly constraints: number;
  readonly level: number;
  readonly id: number;
  readonly chromaFormat: number;
  readonly separateColourPlanes: boolean;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  /** Bits of frame_num. */
  readonly frameNumBits: number;
  readonly pocType: number;
  /** Bits of pic_order_cnt_lsb; 0 unless pocType is 0. */
  readonly pocLsbBits: number;
  /** For pocType 1, 8.2.1.2. */
  readonly deltaPicOrderAlwaysZero: boolean;
  readonly offsetForNonRefPic: number;
  readonly offsetForTopToBottomField: number;
  readonly offsetsForRefFrame: readonly number[];
  readonly refFrames: number;
  readonly frameMbsOnly: boolean;
  /** Pixels, cropped. */
  readonly width: number;
  readonly height: number;
  /** Undefined where absent or damaged: some cameras cut it off. */
  readonly vui: Vui | undefined;
  /** Bit offset in the unit, without emulation prevention, at which the syntax ended; -1 when the VUI was damaged. */
  readonly endBit: number;
}

/** Profiles whose sequence parameter sets carry the chroma format, and whose avcC carries the extension. */
export function hasChromaFormat(profile: number): boolean {
  return [100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135].includes(profile);
}

function skipScalingList(r: BitReader, size: number): void {
  let last = 8;
  let next = 8;
  for (let i = 0; i < size; i++) {
    if (next !== 0) next = (last + r.se() + 256) % 256;
    if (next !== 0) last = next;
  }
}

/** Decodes a sequence parameter set NAL unit (header included). Bytes after its end are ignored. Never throws. */
export function decodeSps(nal: Uint8Array): Decoded<Sps> {
  if (nal.length > SPS_MAX) return bad(SPS_MAX, `SPS longer than ${SPS_MAX} bytes`);
  if (nal.length < 4) return bad(0, "SPS shorter than 4 bytes");
  const type = (nal[0] as number) & 0x9f;
  if (type !== 7) return bad(0, `NAL unit type ${type} is not an SPS`);
  return decodeWhole("SPS", () => readSps(nal));
}

function readSps(nal: Uint8Array): Decoded<Sps> {
  const r = new BitReader(removeEmulation(nal), 8);
  const profile = r.bits(8);
  const constraints = r.bits(8);
  const level = r.bits(8);
  const id = r.ue();
  if (id > 31) return bad(4, `seq_parameter_set_id is ${id}, above 31`);
  let chromaFormat = 1;
  let separateColourPlanes = false;
  let bitDepthLuma = 8;
  let bitDepthChroma = 8;
  if (hasChromaFormat(profile)) {
    chromaFormat = r.ue();
    if (chromaFormat > 3) return bad(4, `chroma_format_idc is ${chromaFormat}, above 3`);
    if (chromaFormat === 3) separateColourPlanes = r.flag();
    bitDepthLuma = 8 + r.ue();
    bitDepthChroma = 8 + r.ue();
    if (bitDepthLuma > 14 || bitDepthChroma > 14) return bad(4, "bit depth above 14");
    r.skip(1); // qpprime_y_zero_transform_bypass_flag
    if (r.flag()) {
      for (let i = 0; i < (chromaFormat === 3 ? 12 : 8); i++) {
        if (r.flag()) skipScalingList(r, i < 6 ? 16 : 64);
      }
    }
  }
  const frameNumBits = 4 + r.ue();
  const pocType = r.ue();
  let pocLsbBits = 0;
  let deltaPicOrderAlwaysZero = false;
  let offsetForNonRefPic = 0;
  let offsetForTopToBottomField = 0;
  const offsetsForRefFrame: number[] = [];
  if (pocType === 0) pocLsbBits = 4 + r.ue();
  else if (pocType === 1) {
    deltaPicOrderAlwaysZero = r.flag();
    offsetForNonRefPic = r.se();
    offsetForTopToBottomField = r.se();
    const count = r.ue();
    if (count > 255) return bad(4, `num_ref_frames_in_pic_order_cnt_cycle is ${count}, above 255`);
    for (let i = 0; i < count; i++) offsetsForRefFrame.push(r.se());
  } else if (pocType > 2) return bad(4, `pic_order_cnt_type is ${pocType}, above 2`);
  if (frameNumBits > 16 || pocLsbBits > 16) {
    return bad(4, "frame_num or pic_order_cnt_lsb longer than 16 bits");
  }
  const refFrames = r.ue();
  if (refFrames > 16) return bad(4, `max_num_ref_frames is ${refFrames}, above 16`);
  r.skip(1); // gaps_in_frame_num_value_allowed_flag
  const widthInMbs = r.ue() + 1;
  const heightInUnits = r.ue() + 1;
  const frameMbsOnly = r.flag();
  if (!frameMbsOnly) r.skip(1); // mb_adaptive_frame_field_flag
  r.skip(1); // direct_8x8_inference_flag
  let width = widthInMbs * 16;
  let height = heightInUnits * (frameMbsOnly ? 16 : 32);
  if (width > DIMENSION_MAX + 15 || height > DIMENSION_MAX + 31) {
    return bad(4, `picture of ${width}x${height}`);
  }
  if (r.flag()) {
    const planar = separateColourPlanes || chromaFormat === 0;
    const unitX = planar || chromaFormat === 3 ? 1 : 2;
    const unitY = (planar || chromaFormat !== 1 ? 1 : 2) * (frameMbsOnly ? 1 : 2);
    width -= unitX * (r.ue() + r.ue());
    height -= unitY * (r.ue() + r.ue());
    if (width <= 0 || height <= 0) return bad(4, "cropped to nothing");
  }
  let vui: Vui | undefined;
  let endBit = -1;
  try {
    vui = r.flag() ? readVui(r) : undefined;
    endBit = r.at;
  } catch (e) {
    if (!(e instanceof Truncated || e instanceof RangeError)) throw e;
    vui = undefined;
  }
  return ok({
    profile,
    constraints,
    level,
    id,
    chromaFormat,
    separateColourPlanes,
    bitDepthLuma,
    bitDepthChroma,
    frameNumBits,
    pocType,
    pocLsbBits,
    deltaPicOrderAlwaysZero,
    offsetForNonRefPic,
    offsetForTopToBottomField,
    offsetsForRefFrame,
    refFrames,
    frameMbsOnly,
    width,
    height,
    vui,
    endBit,
  }, nal.length);
}

/** RFC 6381, 3.3: `avc1.` and profile, constraints and level in hex. */
export function h264CodecString(sps: Pick<Sps, "profile" | "constraints" | "level">): string {
  const hex = (n: number) => n.toString(16).toUpperCase().padStart(2, "0");
  return `avc1.${hex(sps.profile)}${hex(sps.constraints)}${hex(sps.level)}`;
}

/**
 * Pictures that may have to wait for later ones, as far as the set tells: the VUI's number, 0 where the profile or the
 * order count type has no reordering, undefined where only the pictures themselves can tell.
 */
export function reorderDepth(sps: Sps): number | undefined {
  if (sps.pocType === 2) return 0;
  if (sps.profile === 66) return 0;
  return sps.vui?.reorderFrames;
}
