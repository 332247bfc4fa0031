// ITU-T H.265, 7.4.2.4.4: access units; ISO/IEC 14496-15, 8.3.2: samples.
import { DecodeClock } from "../decode_clock.ts";
import { FrameBuffer } from "../frame_buffer.ts";
import { findSeiMessage } from "../h264/sei.ts";
import { KeyPolicy } from "../key_policy.ts";
import { findStartCode, splitAnnexB } from "../nal.ts";
import { ReorderWatch } from "../reorder_watch.ts";
import { UnsaidSets } from "../unsaid_sets.ts";
import type { AssembledFrame, VideoAssembler, VideoDescription } from "../video_description.ts";
import { H265ParameterSets, isParameterSet } from "./parameter_sets.ts";
import { decodeSlicePocLsb, decodeSlicePps, isIdr, isIrap, isRasl, PictureOrder } from "./slice_header.ts";
import { nalType, type Sps } from "./sps.ts";

const PREFIX_SEI = 39;
const RECOVERY_POINT = 6;

/** H.265 access units to canonical frames. Mends the same faults as {@link H264Assembler}; drops enhancement layers. */
export class H265Assembler implements VideoAssembler {
  readonly #sets = new H265ParameterSets();
  readonly #out = new FrameBuffer();
  readonly #clock = new DecodeClock();
  readonly #watch = new ReorderWatch();
  readonly #order = new PictureOrder();
  readonly #keys = new KeyPolicy();
  #description: VideoDescription | undefined;
  readonly #unsaid = new UnsaidSets();
  #sps: Sps | undefined;
  /** Whether picture order counts are looked at: where the sets promise no reordering they are not. */
  #watching = false;
  /** Times stepped back although the sets promise no reordering: looked at from the next key frame on. */
  #suspect = false;
  #previousPts = Number.NEGATIVE_INFINITY;
  /** Skipped leading pictures refer to pictures before the random access point at which this began. */
  #skipRasl = false;
  #waitKey = true;

  // Of the access unit in work.
  #firstSlice: Uint8Array | undefined;
  #recovery = false;

  /** `parameterSets`: from the SDP or hvcC, with or without start codes; what is no parameter set is ignored. */
  constructor(parameterSets: readonly Uint8Array[]) {
    for (const piece of parameterSets) {
      for (const set of splitAnnexB(piece)) if (isParameterSet(nalType(set))) this.#sets.add(set);
    }
  }

  get description(): VideoDescription | undefined {
    if (this.#description === undefined) {
      const pps = this.#sets.firstUsable();
      const sps = pps && this.#sets.spsOf(pps);
      if (sps !== undefined) this.#describe(sps);
    }
    return this.#description;
  }

  reset(): void {
    this.#waitKey = true;
    this.#recovery = false;
    this.#clock.restart();
    this.#watch.restart();
  }

  unit(units: readonly Uint8Array[], pts: number): AssembledFrame | undefined {
    this.#out.clear();
    this.#firstSlice = undefined;
    const weak = this.#keys.weakAllowed(pts);
    for (let i = 0; i < units.length; i++) {
      const unit = units[i] as Uint8Array;
      if (findStartCode(unit, 0) < 0) this.#piece(unit);
      else for (const piece of splitAnnexB(unit)) this.#piece(piece);
    }
    if (this.#firstSlice === undefined) return undefined;
    const frame = this.#picture(this.#firstSlice, weak, pts);
    this.#recovery = false;
    return frame;
  }

  #piece(unit: Uint8Array): void {
    let end = unit.length;
    while (end > 0 && unit[end - 1] === 0) end--;
    if (end < 3 || (unit[0] as number) & 1 || (unit[1] as number) & 0xf8) return; // nuh_layer_id above 0
    const nal = end === unit.length ? unit : unit.subarray(0, end);
    const type = nalType(nal);
    if (type < 32) this.#firstSlice ??= nal;
    else if (isParameterSet(type)) {
      const set = this.#sets.add(nal);
      if (set !== undefined) this.#unsaid.add(set);
      return;
    } else if (type === PREFIX_SEI) {
      const found = findSeiMessage(nal, 2, RECOVERY_POINT);
      if (found.kind === "ok" && found.value !== undefined) this.#recovery = true;
    } else if (type >= 35 && type !== 40) return;
    this.#out.unit(nal);
  }

  #picture(slice: Uint8Array, weak: boolean, pts: number): AssembledFrame | undefined {
    const type = nalType(slice);
    const irap = isIrap(type);
    const key = irap || (weak && this.#recovery);
    if (key ? !this.#beginAt(slice, irap, pts) : this.#waitKey) return undefined;
    if (this.#skipRasl && isRasl(type)) return undefined;
    if (!key) this.#unsaid.putInFront(this.#out);
    if (pts < this.#previousPts) this.#suspect = true;
    if (key && this.#suspect) this.#watching = true;
    if (this.#watching) this.#watchOrder(slice, type, pts);
    this.#previousPts = pts;
    this.#clock.next(pts);
    return { data: this.#out.view(), pts: this.#clock.pts, dts: this.#clock.dts, key };
  }

  /** Takes the parameter sets of a key frame into use; false when they are not known. */
  #beginAt(slice: Uint8Array, irap: boolean, pts: number): boolean {
    const id = decodeSlicePps(slice);
    const pps = id.kind === "ok" ? this.#sets.pps(id.value) : undefined;
    const sps = pps && this.#sets.spsOf(pps);
    if (sps === undefined) {
      this.#waitKey = true;
      return false;
    }
    this.#describe(sps);
    if (irap) this.#keys.clean(pts);
    // A CRA in mid-stream keeps its leading pictures; a BLA never has decodable ones.
    this.#skipRasl = this.#waitKey || nalType(slice) < 19;
    this.#waitKey = false;
    return true;
  }

  #describe(sps: Sps): void {
    if (this.#sps !== sps) {
      this.#sps = sps;
      this.#watching = sps.reorderFrames > 0;
      this.#clock.depth = sps.reorderFrames;
    }
    this.#description = this.#sets.describe(sps, this.#description);
    this.#clock.frameRate = this.#description.frameRate;
    this.#unsaid.clear();
  }

  #watchOrder(slice: Uint8Array, type: number, pts: number): void {
    const sps = this.#sps as Sps;
    const id = decodeSlicePps(slice);
    const pps = id.kind === "ok" ? this.#sets.pps(id.value) : undefined;
    if (pps === undefined) return;
    const lsb = decodeSlicePocLsb(slice, sps, pps);
    if (lsb.kind !== "ok") return;
    const restart = isIdr(type) || (isIrap(type) && this.#skipRasl);
    if (restart) this.#watch.restart();
    const depth = this.#watch.picture(this.#order.next(sps, slice, lsb.value, restart), pts);
    if (depth > this.#clock.depth) this.#clock.depth = depth;
  }
}
