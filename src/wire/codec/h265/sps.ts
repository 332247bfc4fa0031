// ITU-T H.265, 7.3.2.2: sequence parameter set.
import { BitReader } from "../../../base/bits.ts";
import { Truncated } from "../../../base/bytes.ts";
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import { removeEmulation } from "../nal.ts";
import { decodeWhole } from "../whole_unit.ts";
import { type ProfileTierLevel, readProfileTierLevel } from "./profile_tier_level.ts";
import { skipScalingLists, skipShortTermSets } from "./ref_pic_sets.ts";
import { readVui, type Vui } from "./vui.ts";

/** Longest VPS, SPS or PPS that is looked at, in bytes. */
export const SET_MAX = 2048;
/** Largest width or height that is believed; level 6.2 allows 16 888. */
export const DIMENSION_MAX = 16_888;

export interface Sps {
  readonly id: number;
  readonly vpsId: number;
  readonly maxSubLayersMinus1: number;
  readonly temporalIdNesting: boolean;
  readonly profileTierLevel: ProfileTierLevel;
  readonly chromaFormat: number;
  readonly separateColourPlanes: boolean;
  readonly bitDepthLuma: number;
  readonly bitDepthChroma: number;
  /** Pixels, cropped. */
  readonly width: number;
  readonly height: number;
  readonly pocLsbBits: number;
  /** Pictures that may precede a picture in decoding order and follow it in output order, of the highest sub-layer. */
  readonly reorderFrames: number;
  /** Undefined where absent or damaged. */
  readonly vui: Vui | undefined;
  /** Bit offset in the unit, without emulation prevention, at which the syntax ended; -1 when not known. */
  readonly endBit: number;
}

/** Type of an H.265 NAL unit. */
export function nalType(nal: Uint8Array): number {
  return ((nal[0] as number) >> 1) & 0x3f;
}

/** Whether the unit is of type `type`, of the base layer, and of a believable length. */
export function checkSet(nal: Uint8Array, type: number, name: string): Decoded<never> | undefined {
  if (nal.length > SET_MAX) return bad(SET_MAX, `${name} longer than ${SET_MAX} bytes`);
  if (nal.length < 3) return bad(0, `${name} shorter than 3 bytes`);
  const first = nal[0] as number;
  if (nalType(nal) !== type || first & 0x80) return bad(0, `NAL unit type ${nalType(nal)} is not a ${name}`);
  if ((first & 1) !== 0 || ((nal[1] as number) & 0xf8) !== 0) {
    return bad(0, `${name} of an enhancement layer`);
  }
  return undefined;
}

/** Decodes a sequence parameter set NAL unit (header included). Bytes after its end are ignored. Never throws. */
export function decodeSps(nal: Uint8Array): Decoded<Sps> {
  return checkSet(nal, 33, "SPS") ?? decodeWhole("SPS", () => readSps(nal));
}

function readSps(nal: Uint8Array): Decoded<Sps> {
  const r = new BitReader(removeEmulation(nal), 16);
  const vpsId = r.bits(4);
  const maxSubLayersMinus1 = r.bits(3);
  const temporalIdNesting = r.flag();
  const profileTierLevel = readProfileTierLevel(r, maxSubLayersMinus1);
  const id = r.ue();
  if (id > 15) return bad(2, `sps_seq_parameter_set_id is ${id}, above 15`);
  const chromaFormat = r.ue();
  if (chromaFormat > 3) return bad(2, `chroma_format_idc is ${chromaFormat}, above 3`);
  const separateColourPlanes = chromaFormat === 3 && r.flag();
  let width = r.ue();
  let height = r.ue();
  if (width > DIMENSION_MAX || height > DIMENSION_MAX) return bad(2, `picture of ${width}x${height}`);
  if (r.flag()) {
    width -= (chromaFormat === 1 || chromaFormat === 2 ? 2 : 1) * (r.ue() + r.ue());
    height -= (chromaFormat === 1 ? 2 : 1) * (r.ue() + r.ue());
  }
  if (width <= 0 || height <= 0) return bad(2, "picture of no size");
  const bitDepthLuma = 8 + r.ue();
  const bitDepthChroma = 8 + r.ue();
  if (bitDepthLuma > 16 || bitDepthChroma > 16) return bad(2, "bit depth above 16");
  const pocLsbBits = 4 + r.ue();
  if (pocLsbBits > 16) return bad(2, `slice_pic_order_cnt_lsb of ${pocLsbBits} bits`);
  let reorderFrames = 0;
  for (let i = r.flag() ? 0 : maxSubLayersMinus1; i <= maxSubLayersMinus1; i++) {
    r.ue();
    reorderFrames = r.ue();
    r.ue();
  }
  if (reorderFrames > 15) return bad(2, `sps_max_num_reorder_pics is ${reorderFrames}, above 15`);
  let vui: Vui | undefined;
  let endBit = -1;
  try {
    vui = readTail(r, maxSubLayersMinus1, pocLsbBits);
    if (!r.flag()) endBit = r.at; // sps_extension_present_flag
  } catch (e) {
    if (!(e instanceof Truncated || e instanceof RangeError)) throw e;
    endBit = -1;
  }
  return ok({
    id,
    vpsId,
    maxSubLayersMinus1,
    temporalIdNesting,
    profileTierLevel,
    chromaFormat,
    separateColourPlanes,
    bitDepthLuma,
    bitDepthChroma,
    width,
    height,
    pocLsbBits,
    reorderFrames,
    vui,
    endBit,
  }, nal.length);
}

/** What follows the sub-layer ordering information, up to the extensions. */
function readTail(r: BitReader, maxSubLayersMinus1: number, pocLsbBits: number): Vui | undefined {
  for (let i = 0; i < 6; i++) r.ue(); // block sizes and transform depths
  if (r.flag() && r.flag()) skipScalingLists(r);
  r.skip(2); // amp_enabled, sample_adaptive_offset_enabled
  if (r.flag()) { // pcm_enabled_flag
    r.skip(8);
    r.ue();
    r.ue();
    r.skip(1);
  }
  const sets = r.ue();
  if (sets > 64) throw new RangeError(`num_short_term_ref_pic_sets is ${sets}, above 64`);
  skipShortTermSets(r, sets);
  if (r.flag()) { // long_term_ref_pics_present_flag
    const pictures = r.ue();
    if (pictures > 32) throw new RangeError(`num_long_term_ref_pics_sps is ${pictures}, above 32`);
    for (let i = 0; i < pictures; i++) r.skip(pocLsbBits + 1);
  }
  r.skip(2); // sps_temporal_mvp_enabled, strong_intra_smoothing_enabled
  return r.flag() ? readVui(r, maxSubLayersMinus1) : undefined;
}
