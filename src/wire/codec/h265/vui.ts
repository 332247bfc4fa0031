// ITU-T H.265, E.2.1: video usability information.
import type { BitReader } from "../../../base/bits.ts";
import { skipHrd } from "./hrd.ts";

export interface Vui {
  /** Frames (of field sequences: fields) per second; 0 when not said. */
  readonly frameRate: number;
  /** min_spatial_segmentation_idc, which hvcC repeats; 0 when not said. */
  readonly minSpatialSegmentation: number;
}

/** Frames per second from vui/vps timing fields. */
export function readTiming(r: BitReader): number {
  const units = r.bits(32);
  const scale = r.bits(32);
  return units > 0 ? scale / units : 0;
}

/** Reads vui_parameters(). Throws Truncated or RangeError where they are damaged. */
export function readVui(r: BitReader, maxSubLayersMinus1: number): Vui {
  if (r.flag() && r.bits(8) === 255) r.skip(32); // sample aspect ratio
  if (r.flag()) r.skip(1); // overscan
  if (r.flag()) { // video signal type
    r.skip(4);
    if (r.flag()) r.skip(24);
  }
  if (r.flag()) { // chroma location
    r.ue();
    r.ue();
  }
  r.skip(3); // neutral_chroma_indication, field_seq, frame_field_info_present
  if (r.flag()) { for (let i = 0; i < 4; i++) r.ue(); // default display window
   }
  let frameRate = 0;
  if (r.flag()) {
    frameRate = readTiming(r);
    if (r.flag()) r.ue(); // vui_num_ticks_poc_diff_one_minus1
    if (r.flag()) skipHrd(r, maxSubLayersMinus1);
  }
  let minSpatialSegmentation = 0;
  if (r.flag()) { // bitstream_restriction_flag
    r.skip(3);
    minSpatialSegmentation = r.ue();
    for (let i = 0; i < 4; i++) r.ue();
  }
  return { frameRate, minSpatialSegmentation };
}
