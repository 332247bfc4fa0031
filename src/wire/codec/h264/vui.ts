// ITU-T H.264, E.1.1: video usability information.
import type { BitReader } from "../../../base/bits.ts";

export interface Vui {
  /** Width : height of a sample; 0:0 when not said. */
  readonly sampleAspect: readonly [number, number];
  /** Frames per second; 0 when not said. */
  readonly frameRate: number;
  readonly fixedFrameRate: boolean;
  /** Pictures that may precede a picture in decoding order and follow it in output order; undefined when not said. */
  readonly reorderFrames: number | undefined;
}

/** Table E-1; index 255 carries its own numbers. */
const ASPECTS: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 1],
  [12, 11],
  [10, 11],
  [16, 11],
  [40, 33],
  [24, 11],
  [20, 11],
  [32, 11],
  [80, 33],
  [18, 11],
  [15, 11],
  [64, 33],
  [160, 99],
  [4, 3],
  [3, 2],
  [2, 1],
];

function skipHrd(r: BitReader): void {
  const count = r.ue() + 1;
  if (count > 32) throw new RangeError(`cpb_cnt_minus1 is ${count - 1}, above 31`);
  r.skip(8);
  for (let i = 0; i < count; i++) {
    r.ue();
    r.ue();
    r.skip(1);
  }
  r.skip(20);
}

/** Reads vui_parameters(). Throws Truncated or RangeError where they are damaged. */
export function readVui(r: BitReader): Vui {
  let sampleAspect: readonly [number, number] = [0, 0];
  if (r.flag()) {
    const idc = r.bits(8);
    sampleAspect = idc === 255 ? [r.bits(16), r.bits(16)] : ASPECTS[idc] ?? [0, 0];
  }
  if (r.flag()) r.skip(1); // overscan_appropriate_flag
  if (r.flag()) { // video_signal_type_present_flag
    r.skip(4);
    if (r.flag()) r.skip(24);
  }
  if (r.flag()) { // chroma_loc_info_present_flag
    r.ue();
    r.ue();
  }
  let frameRate = 0;
  let fixedFrameRate = false;
  if (r.flag()) {
    const units = r.bits(32);
    const scale = r.bits(32);
    fixedFrameRate = r.flag();
    if (units > 0) frameRate = scale / (2 * units);
  }
  const nalHrd = r.flag();
  if (nalHrd) skipHrd(r);
  const vclHrd = r.flag();
  if (vclHrd) skipHrd(r);
  if (nalHrd || vclHrd) r.skip(1); // low_delay_hrd_flag
  r.skip(1); // pic_struct_present_flag
  let reorderFrames: number | undefined;
  if (r.flag()) { // bitstream_restriction_flag
    r.skip(1);
    r.ue();
    r.ue();
    r.ue();
    r.ue();
    reorderFrames = r.ue();
    const buffering = r.ue();
    if (reorderFrames > 16 || reorderFrames > buffering) reorderFrames = undefined;
  }
  return { sampleAspect, frameRate, fixedFrameRate, reorderFrames };
}
