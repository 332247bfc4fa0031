// ITU-T H.265, 7.3.2.3: picture parameter set, as far as slice headers and hvcC need it.
import { BitReader } from "../../../base/bits.ts";
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import { removeEmulation } from "../nal.ts";
import { decodeWhole } from "../whole_unit.ts";
import { checkSet } from "./sps.ts";

export interface Pps {
  readonly id: number;
  readonly spsId: number;
  readonly outputFlagPresent: boolean;
  readonly extraSliceHeaderBits: number;
  readonly tiles: boolean;
  /** entropy_coding_sync_enabled_flag: wavefronts. */
  readonly wavefronts: boolean;
}

/** Decodes the beginning of a picture parameter set NAL unit (header included). Never throws. */
export function decodePps(nal: Uint8Array): Decoded<Pps> {
  return checkSet(nal, 34, "PPS") ?? decodeWhole("PPS", () => {
    const r = new BitReader(removeEmulation(nal), 16);
    const id = r.ue();
    if (id > 63) return bad(2, `pps_pic_parameter_set_id is ${id}, above 63`);
    const spsId = r.ue();
    if (spsId > 15) return bad(2, `pps_seq_parameter_set_id is ${spsId}, above 15`);
    r.skip(1); // dependent_slice_segments_enabled_flag
    const outputFlagPresent = r.flag();
    const extraSliceHeaderBits = r.bits(3);
    r.skip(2); // sign_data_hiding_enabled, cabac_init_present
    r.ue();
    r.ue();
    r.se();
    r.skip(2); // constrained_intra_pred, transform_skip_enabled
    if (r.flag()) r.ue(); // diff_cu_qp_delta_depth
    r.se();
    r.se();
    r.skip(4); // slice_chroma_qp_offsets_present, weighted_pred, weighted_bipred, transquant_bypass_enabled
    const tiles = r.flag();
    return ok(
      { id, spsId, outputFlagPresent, extraSliceHeaderBits, tiles, wavefronts: r.flag() },
      nal.length,
    );
  });
}
