// ITU-T H.265, E.2.2: hypothetical reference decoder parameters, read over.
import type { BitReader } from "../../../base/bits.ts";

function skipSubLayer(r: BitReader, count: number, subPic: boolean): void {
  for (let i = 0; i < count; i++) {
    r.ue();
    r.ue();
    if (subPic) {
      r.ue();
      r.ue();
    }
    r.skip(1);
  }
}

/** Moves behind hrd_parameters(1, maxSubLayersMinus1). Throws Truncated or RangeError. */
export function skipHrd(r: BitReader, maxSubLayersMinus1: number): void {
  const nal = r.flag();
  const vcl = r.flag();
  let subPic = false;
  if (nal || vcl) {
    subPic = r.flag();
    if (subPic) r.skip(8 + 5 + 1 + 5);
    r.skip(4 + 4);
    if (subPic) r.skip(4);
    r.skip(5 + 5 + 5);
  }
  for (let i = 0; i <= maxSubLayersMinus1; i++) {
    const fixedGeneral = r.flag();
    const fixed = fixedGeneral || r.flag();
    let lowDelay = false;
    if (fixed) r.ue();
    else lowDelay = r.flag();
    const count = lowDelay ? 1 : r.ue() + 1;
    if (count > 32) throw new RangeError(`cpb_cnt_minus1 is ${count - 1}, above 31`);
    if (nal) skipSubLayer(r, count, subPic);
    if (vcl) skipSubLayer(r, count, subPic);
  }
}
