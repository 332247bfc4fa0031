// ITU-T H.264, 7.4.1.2: access units; ISO/IEC 14496-15, 5.3.2: samples.
import { DecodeClock } from "../decode_clock.ts";
import { FrameBuffer } from "../frame_buffer.ts";
import { KeyPolicy } from "../key_policy.ts";
import { findStartCode, splitAnnexB } from "../nal.ts";
import { ReorderWatch } from "../reorder_watch.ts";
import { UnsaidSets } from "../unsaid_sets.ts";
import type { AssembledFrame, VideoAssembler, VideoDescription } from "../video_description.ts";
import { H264ParameterSets } from "./parameter_sets.ts";
import { PictureOrder } from "./poc.ts";
import { decodeRecoveryPoint } from "./sei.ts";
import { decodeSliceHeader, decodeSliceStart } from "./slice_header.ts";
import { reorderDepth, type Sps } from "./sps.ts";

const INTRA = 2;

/**
 * H.264 access units to canonical frames. Mends what cameras are known to send: units joined by start codes (V380),
 * sets with start codes around them (GW Security) or bytes behind them (Reolink), `(null)` sets (Tapo), the same set
 * twice (Dahua), a set and its picture in different calls (markers on parameter sets).
 */
export class H264Assembler implements VideoAssembler {
  readonly #sets = new H264ParameterSets();
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
  /** Pictures shown before this refer to ones that were not received: those around an open GOP's first key frame. */
  #skipBefore = Number.NEGATIVE_INFINITY;
  #waitKey = true;

  // Of the access unit in work.
  #firstSlice: Uint8Array | undefined;
  #idr = false;
  #recovery: number | undefined;
  #allIntra = false;

  /** `parameterSets`: from the SDP or avcC, with or without start codes; what is no parameter set is ignored. */
  constructor(parameterSets: readonly Uint8Array[]) {
    for (const piece of parameterSets) {
      for (const set of splitAnnexB(piece)) {
        const type = (set[0] as number) & 0x1f;
        if (type === 7 || type === 8) this.#sets.add(set);
      }
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
    this.#recovery = undefined;
    this.#clock.restart();
    this.#watch.restart();
  }

  unit(units: readonly Uint8Array[], pts: number): AssembledFrame | undefined {
    this.#out.clear();
    this.#firstSlice = undefined;
    this.#idr = false;
    const weak = this.#keys.weakAllowed(pts);
    this.#allIntra = true;
    for (let i = 0; i < units.length; i++) {
      const unit = units[i] as Uint8Array;
      if (findStartCode(unit, 0) < 0) this.#piece(unit, weak);
      else for (const piece of splitAnnexB(unit)) this.#piece(piece, weak);
    }
    if (this.#firstSlice === undefined) return undefined;
    const frame = this.#picture(this.#firstSlice, weak, pts);
    this.#recovery = undefined;
    return frame;
  }

  #piece(unit: Uint8Array, weak: boolean): void {
    let end = unit.length;
    while (end > 0 && unit[end - 1] === 0) end--;
    if (end === 0) return;
    const nal = end === unit.length ? unit : unit.subarray(0, end);
    const type = (nal[0] as number) & 0x1f;
    if (type >= 1 && type <= 5) {
      this.#firstSlice ??= nal;
      if (type === 5) this.#idr = true;
      if (weak && this.#allIntra) {
        const start = decodeSliceStart(nal);
        this.#allIntra = start.kind === "ok" && start.value.sliceType === INTRA;
      }
    } else if (type === 7 || type === 8) {
      const set = this.#sets.add(nal);
      if (set !== undefined) this.#unsaid.add(set);
      return;
    } else if (type === 6) {
      const point = decodeRecoveryPoint(nal);
      if (point.kind === "ok" && point.value !== undefined) this.#recovery = point.value;
    } else if (type === 0 || (type >= 9 && type <= 13) || type === 15 || type >= 24) return;
    this.#out.unit(nal);
  }

  #picture(slice: Uint8Array, weak: boolean, pts: number): AssembledFrame | undefined {
    let key = this.#idr;
    if (!key && (this.#recovery !== undefined || weak)) {
      const start = decodeSliceStart(slice);
      const intra = start.kind === "ok" && start.value.sliceType === INTRA;
      key = (this.#recovery === 0 && intra) || (weak && (this.#recovery !== undefined || this.#allIntra));
    }
    if (key ? !this.#beginAt(slice, pts) : this.#waitKey || pts < this.#skipBefore) return undefined;
    const sps = this.#sps as Sps;
    if (!key) this.#unsaid.putInFront(this.#out);
    if (pts < this.#previousPts && sps.pocType !== 2) this.#suspect = true;
    if (key && this.#suspect) this.#watching = true;
    if (this.#watching) this.#watchOrder(slice, sps, pts);
    this.#previousPts = pts;
    this.#clock.next(pts);
    return { data: this.#out.view(), pts: this.#clock.pts, dts: this.#clock.dts, key };
  }

  /** Takes the parameter sets of a key frame into use; false when they are not known. */
  #beginAt(slice: Uint8Array, pts: number): boolean {
    const start = decodeSliceStart(slice);
    const pps = start.kind === "ok" ? this.#sets.pps(start.value.ppsId) : undefined;
    const sps = pps && this.#sets.spsOf(pps);
    if (sps === undefined) {
      this.#waitKey = true;
      return false;
    }
    this.#describe(sps);
    if (this.#idr || this.#recovery === 0) this.#keys.clean(pts);
    if (this.#idr) this.#skipBefore = Number.NEGATIVE_INFINITY;
    else if (this.#waitKey) this.#skipBefore = pts;
    this.#waitKey = false;
    return true;
  }

  #describe(sps: Sps): void {
    if (this.#sps !== sps) {
      this.#sps = sps;
      const depth = reorderDepth(sps);
      this.#watching = depth !== 0;
      // Where the set is silent, what the pictures have shown stays.
      if (depth !== undefined) this.#clock.depth = depth;
    }
    this.#description = this.#sets.describe(sps, this.#description);
    this.#clock.frameRate = this.#description.frameRate;
    this.#unsaid.clear();
  }

  #watchOrder(slice: Uint8Array, sps: Sps, pts: number): void {
    const start = decodeSliceStart(slice);
    const pps = start.kind === "ok" ? this.#sets.pps(start.value.ppsId) : undefined;
    if (pps === undefined) return;
    const header = decodeSliceHeader(slice, sps, pps);
    if (header.kind !== "ok") return;
    if (header.value.idr) this.#watch.restart();
    let depth = this.#watch.picture(this.#order.next(sps, header.value), pts);
    if (sps.vui?.reorderFrames === undefined) depth = Math.max(depth, this.#watch.expected());
    if (depth > this.#clock.depth) this.#clock.depth = depth;
  }
}
