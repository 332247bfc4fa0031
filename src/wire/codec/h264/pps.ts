// ITU-T H.264, 7.3.2.2: picture parameter set, as far as slice headers need it.
import { BitReader } from "../../../base/bits.ts";
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import { removeEmulationInto } from "../nal.ts";
import { decodeWhole } from "../whole_unit.ts";

export interface Pps {
  readonly id: number;
  readonly spsId: number;
  /** bottom_field_pic_order_in_frame_present_flag. */
  readonly bottomFieldPicOrder: boolean;
}

/** Longest picture parameter set that is kept, in bytes. Verint's have above 100. */
export const PPS_MAX = 1024;

/** Decodes the beginning of a picture parameter set NAL unit (header included). Never throws. */
export function decodePps(nal: Uint8Array): Decoded<Pps> {
  if (nal.length > PPS_MAX) return bad(PPS_MAX, `PPS longer than ${PPS_MAX} bytes`);
  if (nal.length < 2) return bad(0, "PPS shorter than 2 bytes");
  const type = (nal[0] as number) & 0x9f;
  if (type !== 8) return bad(0, `NAL unit type ${type} is not a PPS`);
  return decodeWhole("PPS", () => {
    const head = new Uint8Array(Math.min(16, nal.length));
    const r = new BitReader(head.subarray(0, removeEmulationInto(nal, head)), 8);
    const id = r.ue();
    if (id > 255) return bad(1, `pic_parameter_set_id is ${id}, above 255`);
    const spsId = r.ue();
    if (spsId > 31) return bad(1, `seq_parameter_set_id is ${spsId}, above 31`);
    r.skip(1); // entropy_coding_mode_flag
    return ok({ id, spsId, bottomFieldPicOrder: r.flag() }, nal.length);
  });
}
