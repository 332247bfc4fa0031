// ITU-T H.265, 7.3.4 and 7.3.7: scaling lists and short-term reference picture sets, read over.
import type { BitReader } from "../../../base/bits.ts";

/** Moves behind scaling_list_data(). Throws Truncated or RangeError. */
export function skipScalingLists(r: BitReader): void {
  for (let size = 0; size < 4; size++) {
    for (let matrix = 0; matrix < 6; matrix += size === 3 ? 3 : 1) {
      if (!r.flag()) r.ue();
      else {
        if (size > 1) r.se();
        for (let i = Math.min(64, 1 << (4 + (size << 1))); i > 0; i--) r.se();
      }
    }
  }
}

/** Moves behind the `count` st_ref_pic_set() of a sequence parameter set. Throws Truncated or RangeError. */
export function skipShortTermSets(r: BitReader, count: number): void {
  let before = 0; // NumDeltaPocs of the set before
  for (let i = 0; i < count; i++) {
    if (i > 0 && r.flag()) {
      r.skip(1); // delta_rps_sign
      r.ue(); // abs_delta_rps_minus1
      let now = 0;
      for (let j = 0; j <= before; j++) {
        const used = r.flag();
        const kept = used || r.flag();
        if (kept) now++;
      }
      before = now;
    } else {
      const pictures = r.ue() + r.ue();
      if (pictures > 32) throw new RangeError(`reference picture set of ${pictures} pictures`);
      for (let j = 0; j < pictures; j++) {
        r.ue();
        r.skip(1);
      }
      before = pictures;
    }
  }
}
