// ITU-T H.265, 7.3.6.1: slice segment header, up to the picture order count; 8.3.1: that count.
import { BitReader } from "../../../base/bits.ts";
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import { removeEmulationInto } from "../nal.ts";
import { decodeWhole } from "../whole_unit.ts";
import type { Pps } from "./pps.ts";
import { nalType, type Sps } from "./sps.ts";

/** Bytes that hold every field up to the picture order count. */
const HEAD = 32;
const head = new Uint8Array(HEAD);

function open(nal: Uint8Array): BitReader {
  return new BitReader(head.subarray(0, removeEmulationInto(nal, head)), 16);
}

/** Whether pictures of this type are random access points: IDR, CRA, BLA and the reserved ones. */
export function isIrap(type: number): boolean {
  return type >= 16 && type <= 23;
}

export function isIdr(type: number): boolean {
  return type === 19 || type === 20;
}

/** Leading pictures that refer to pictures before their random access point. */
export function isRasl(type: number): boolean {
  return type === 8 || type === 9;
}

/** Number of the picture parameter set of a slice. Never throws. */
export function decodeSlicePps(nal: Uint8Array): Decoded<number> {
  return decodeWhole("slice header", () => {
    const r = open(nal);
    r.skip(isIrap(nalType(nal)) ? 2 : 1);
    const id = r.ue();
    return id > 63 ? bad(2, `slice_pic_parameter_set_id is ${id}, above 63`) : ok(id, nal.length);
  });
}

/** slice_pic_order_cnt_lsb of the first slice of a picture; 0 for IDR pictures. Never throws. */
export function decodeSlicePocLsb(nal: Uint8Array, sps: Sps, pps: Pps): Decoded<number> {
  return decodeWhole("slice header", () => {
    const type = nalType(nal);
    const r = open(nal);
    if (!r.flag()) return bad(2, "not the first slice of its picture");
    if (isIrap(type)) r.skip(1);
    r.ue(); // slice_pic_parameter_set_id
    r.skip(pps.extraSliceHeaderBits);
    r.ue(); // slice_type
    if (pps.outputFlagPresent) r.skip(1);
    if (sps.separateColourPlanes) r.skip(2);
    return ok(isIdr(type) ? 0 : r.bits(sps.pocLsbBits), nal.length);
  });
}

/** Picture order counts of the pictures of one stream, in decoding order. */
export class PictureOrder {
  #prevMsb = 0;
  #prevLsb = 0;

  /** `restart`: the picture is an IDR, a BLA, or the first of the stream or after a loss. `header`: its first unit. */
  next(sps: Sps, header: Uint8Array, lsb: number, restart: boolean): number {
    const range = 2 ** sps.pocLsbBits;
    let msb = 0;
    if (!restart) {
      msb = this.#prevMsb;
      if (lsb < this.#prevLsb && this.#prevLsb - lsb >= range / 2) msb += range;
      else if (lsb > this.#prevLsb && lsb - this.#prevLsb > range / 2) msb -= range;
    }
    const type = nalType(header);
    const temporalId = ((header[1] as number) & 7) - 1;
    const leading = type >= 6 && type <= 9;
    const subLayerNonReference = type <= 14 && type % 2 === 0;
    if (temporalId === 0 && !leading && !subLayerNonReference) {
      this.#prevMsb = msb;
      this.#prevLsb = lsb;
    }
    return msb + lsb;
  }
}
