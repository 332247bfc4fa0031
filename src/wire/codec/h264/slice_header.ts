// ITU-T H.264, 7.3.3: slice header, up to the picture order count.
import { BitReader } from "../../../base/bits.ts";
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import { removeEmulationInto } from "../nal.ts";
import { decodeWhole } from "../whole_unit.ts";
import type { Pps } from "./pps.ts";
import type { Sps } from "./sps.ts";

export interface SliceStart {
  readonly firstMb: number;
  /** 0 P, 1 B, 2 I, 3 SP, 4 SI. */
  readonly sliceType: number;
  readonly ppsId: number;
}

export interface SliceHeader extends SliceStart {
  readonly idr: boolean;
  readonly reference: boolean;
  readonly frameNum: number;
  readonly fieldPic: boolean;
  readonly bottomField: boolean;
  readonly pocLsb: number;
  readonly deltaPocBottom: number;
  readonly deltaPoc: readonly [number, number];
}

/** Bytes that hold every field up to the picture order count, whatever their values. */
const HEAD = 48;
const head = new Uint8Array(HEAD);

function readStart(r: BitReader): SliceStart {
  return { firstMb: r.ue(), sliceType: r.ue() % 5, ppsId: r.ue() };
}

function open(nal: Uint8Array): BitReader {
  return new BitReader(head.subarray(0, removeEmulationInto(nal, head)), 8);
}

/** Decodes what a slice NAL unit (header included) says before any parameter set is needed. Never throws. */
export function decodeSliceStart(nal: Uint8Array): Decoded<SliceStart> {
  return decodeWhole("slice header", () => {
    const start = readStart(open(nal));
    if (start.ppsId > 255) return bad(1, `pic_parameter_set_id is ${start.ppsId}, above 255`);
    return ok(start, nal.length);
  });
}

/** Decodes the header of a slice NAL unit (types 1, 2, 5) with the sets that it refers to. Never throws. */
export function decodeSliceHeader(nal: Uint8Array, sps: Sps, pps: Pps): Decoded<SliceHeader> {
  if (nal.length < 2) return bad(0, "slice shorter than 2 bytes");
  return decodeWhole("slice header", () => {
    const first = nal[0] as number;
    const idr = (first & 0x1f) === 5;
    const r = open(nal);
    const start = readStart(r);
    if (sps.separateColourPlanes) r.skip(2);
    const frameNum = r.bits(sps.frameNumBits);
    const fieldPic = sps.frameMbsOnly ? false : r.flag();
    const bottomField = fieldPic ? r.flag() : false;
    if (idr) r.ue(); // idr_pic_id
    let pocLsb = 0;
    let deltaPocBottom = 0;
    let deltaPoc0 = 0;
    let deltaPoc1 = 0;
    if (sps.pocType === 0) {
      pocLsb = r.bits(sps.pocLsbBits);
      if (pps.bottomFieldPicOrder && !fieldPic) deltaPocBottom = r.se();
    } else if (sps.pocType === 1 && !sps.deltaPicOrderAlwaysZero) {
      deltaPoc0 = r.se();
      if (pps.bottomFieldPicOrder && !fieldPic) deltaPoc1 = r.se();
    }
    return ok({
      ...start,
      idr,
      reference: (first & 0x60) !== 0,
      frameNum,
      fieldPic,
      bottomField,
      pocLsb,
      deltaPocBottom,
      deltaPoc: [deltaPoc0, deltaPoc1] as const,
    }, nal.length);
  });
}
