// ITU-T H.265, 7.3.2.1: video parameter set.
import { BitReader } from "../../../base/bits.ts";
import { type Decoded, ok } from "../../../base/decoded.ts";
import { Truncated } from "../../../base/bytes.ts";
import { removeEmulation } from "../nal.ts";
import { decodeWhole } from "../whole_unit.ts";
import { readProfileTierLevel } from "./profile_tier_level.ts";
import { checkSet } from "./sps.ts";
import { readTiming } from "./vui.ts";

export interface Vps {
  readonly id: number;
  /** Frames per second; 0 when not said. */
  readonly frameRate: number;
}

/** Decodes a video parameter set NAL unit (header included), as far as its timing. Never throws. */
export function decodeVps(nal: Uint8Array): Decoded<Vps> {
  return checkSet(nal, 32, "VPS") ?? decodeWhole("VPS", () => {
    const r = new BitReader(removeEmulation(nal), 16);
    const id = r.bits(4);
    let frameRate = 0;
    try {
      frameRate = readFrameRate(r);
    } catch (e) {
      // A VPS whose timing is cut off is as good as one without: only its number matters.
      if (!(e instanceof Truncated || e instanceof RangeError)) throw e;
      frameRate = 0;
    }
    return ok({ id, frameRate }, nal.length);
  });
}

function readFrameRate(r: BitReader): number {
  r.skip(2 + 6);
  const maxSubLayersMinus1 = r.bits(3);
  r.skip(1 + 16);
  readProfileTierLevel(r, maxSubLayersMinus1);
  for (let i = r.flag() ? 0 : maxSubLayersMinus1; i <= maxSubLayersMinus1; i++) {
    r.ue();
    r.ue();
    r.ue();
  }
  const layers = r.bits(6) + 1;
  const layerSets = r.ue();
  if (layerSets > 1023) throw new RangeError(`vps_num_layer_sets_minus1 is ${layerSets}, above 1023`);
  r.skip(layers * layerSets);
  return r.flag() ? readTiming(r) : 0;
}
