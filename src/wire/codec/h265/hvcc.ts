// ISO/IEC 14496-15, 8.3.3.1: HEVCDecoderConfigurationRecord.
import { ByteReader, ByteWriter } from "../../../base/bytes.ts";
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import { decodeWhole } from "../whole_unit.ts";
import { decodePps } from "./pps.ts";
import type { ProfileTierLevel } from "./profile_tier_level.ts";
import { decodeSps } from "./sps.ts";

export interface HevcConfig {
  readonly profileTierLevel: ProfileTierLevel;
  /** Bytes of the length before each NAL unit: 1, 2 or 4. */
  readonly lengthSize: number;
  /** NAL units with their headers. */
  readonly vps: readonly Uint8Array[];
  readonly sps: readonly Uint8Array[];
  readonly pps: readonly Uint8Array[];
}

/** Decodes an hvcC payload. Sets are views; arrays of other unit types are left out. Never throws. */
export function decodeHevcConfig(bytes: Uint8Array): Decoded<HevcConfig> {
  return decodeWhole("hvcC", () => {
    const r = new ByteReader(bytes);
    const version = r.u8();
    // Version 0 was written by encoders that followed drafts; the layout is the same.
    if (version > 1) return bad(0, `hvcC version ${version}`);
    const first = r.u8();
    const profileTierLevel = {
      profileSpace: first >> 6,
      highTier: (first & 0x20) !== 0,
      profile: first & 0x1f,
      compatibility: r.u32(),
      constraints: r.bytes(6),
      level: r.u8(),
    };
    r.skip(2 + 1 + 1 + 1 + 1 + 2);
    const lengthSize = (r.u8() & 3) + 1;
    if (lengthSize === 3) return bad(21, "hvcC with NAL lengths of 3 bytes");
    const sets: Record<number, Uint8Array[]> = { 32: [], 33: [], 34: [] };
    for (let arrays = r.u8(); arrays > 0; arrays--) {
      const units = sets[r.u8() & 0x3f];
      for (let n = r.u16(); n > 0; n--) {
        const unit = r.bytes(r.u16());
        units?.push(unit);
      }
    }
    const [vps, sps, pps] = [sets[32] ?? [], sets[33] ?? [], sets[34] ?? []];
    return ok({ profileTierLevel, lengthSize, vps, sps, pps }, bytes.length);
  });
}

/**
 * Encodes an hvcC payload with NAL lengths of 4 bytes and complete arrays (`hvc1`). Profile and the like are the first
 * SPS's. Throws RangeError without a set of each kind, or when the first SPS or PPS cannot be decoded.
 */
export function encodeHevcConfig(
  vps: readonly Uint8Array[],
  sps: readonly Uint8Array[],
  pps: readonly Uint8Array[],
): Uint8Array<ArrayBuffer> {
  const firstSps = sps[0];
  const firstPps = pps[0];
  if (vps.length === 0 || firstSps === undefined || firstPps === undefined) {
    throw new RangeError("hvcC without parameter sets");
  }
  const s = decodeSps(firstSps);
  const p = decodePps(firstPps);
  if (s.kind !== "ok" || p.kind !== "ok") throw new RangeError("hvcC with a damaged parameter set");
  const ptl = s.value.profileTierLevel;
  const { tiles, wavefronts } = p.value;
  const parallelism = tiles && wavefronts ? 0 : wavefronts ? 3 : tiles ? 2 : 1;
  const w = new ByteWriter(128);
  w.u8(1).u8((ptl.profileSpace << 6) | (ptl.highTier ? 0x20 : 0) | ptl.profile).u32(ptl.compatibility);
  w.bytes(ptl.constraints).u8(ptl.level);
  const segmentation = s.value.vui?.minSpatialSegmentation ?? 0;
  w.u16(0xf000 | (segmentation & 0xfff)).u8(0xfc | (segmentation === 0 ? 0 : parallelism));
  w.u8(0xfc | s.value.chromaFormat).u8(0xf8 | (s.value.bitDepthLuma - 8)).u8(
    0xf8 | (s.value.bitDepthChroma - 8),
  );
  w.u16(0); // avgFrameRate: not said
  w.u8(((s.value.maxSubLayersMinus1 + 1) << 3) | (s.value.temporalIdNesting ? 4 : 0) | 3);
  w.u8(3);
  for (const [type, units] of [[32, vps], [33, sps], [34, pps]] as const) {
    w.u8(0x80 | type).u16(units.length);
    for (const unit of units) w.u16(unit.length).bytes(unit);
  }
  return w.take();
}
