// ITU-T H.264, 8.2.1: decoding process for picture order count.
import type { SliceHeader } from "./slice_header.ts";
import type { Sps } from "./sps.ts";

/**
 * Picture order counts of the pictures of one stream, in decoding order. memory_management_control_operation 5, which
 * restarts the count without an IDR picture, is not followed; whoever uses the count checks it against time.
 */
export class PictureOrder {
  #prevMsb = 0;
  #prevLsb = 0;
  #prevFrameNum = 0;
  #frameNumOffset = 0;

  /** The count of the picture (of a field: of that field) that the slice belongs to. */
  next(sps: Sps, slice: SliceHeader): number {
    if (sps.pocType === 0) return this.#type0(sps, slice);
    if (slice.idr) this.#frameNumOffset = 0;
    else if (this.#prevFrameNum > slice.frameNum) this.#frameNumOffset += 2 ** sps.frameNumBits;
    this.#prevFrameNum = slice.frameNum;
    return sps.pocType === 1 ? this.#type1(sps, slice) : this.#type2(slice);
  }

  #type0(sps: Sps, slice: SliceHeader): number {
    if (slice.idr) {
      this.#prevMsb = 0;
      this.#prevLsb = 0;
    }
    const range = 2 ** sps.pocLsbBits;
    let msb = this.#prevMsb;
    if (slice.pocLsb < this.#prevLsb && this.#prevLsb - slice.pocLsb >= range / 2) msb += range;
    else if (slice.pocLsb > this.#prevLsb && slice.pocLsb - this.#prevLsb > range / 2) msb -= range;
    if (slice.reference) {
      this.#prevMsb = msb;
      this.#prevLsb = slice.pocLsb;
    }
    const top = msb + slice.pocLsb;
    return slice.fieldPic ? top : Math.min(top, top + slice.deltaPocBottom);
  }

  #type1(sps: Sps, slice: SliceHeader): number {
    const cycle = sps.offsetsForRefFrame.length;
    let absFrameNum = cycle > 0 ? this.#frameNumOffset + slice.frameNum : 0;
    if (!slice.reference && absFrameNum > 0) absFrameNum--;
    let expected = 0;
    if (absFrameNum > 0) {
      const inCycle = (absFrameNum - 1) % cycle;
      let perCycle = 0;
      for (let i = 0; i < cycle; i++) {
        const offset = sps.offsetsForRefFrame[i] as number;
        perCycle += offset;
        if (i <= inCycle) expected += offset;
      }
      expected += Math.floor((absFrameNum - 1) / cycle) * perCycle;
    }
    if (!slice.reference) expected += sps.offsetForNonRefPic;
    const top = expected + slice.deltaPoc[0];
    if (slice.fieldPic) return slice.bottomField ? top + sps.offsetForTopToBottomField : top;
    return Math.min(top, top + sps.offsetForTopToBottomField + slice.deltaPoc[1]);
  }

  #type2(slice: SliceHeader): number {
    if (slice.idr) return 0;
    const count = 2 * (this.#frameNumOffset + slice.frameNum);
    return slice.reference ? count : count - 1;
  }
}
