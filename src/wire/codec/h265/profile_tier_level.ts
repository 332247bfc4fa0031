// ITU-T H.265, 7.3.3: profile, tier and level; ISO/IEC 14496-15, Annex E.3: the codec string.
import type { BitReader } from "../../../base/bits.ts";

export interface ProfileTierLevel {
  readonly profileSpace: number;
  readonly highTier: boolean;
  readonly profile: number;
  /** general_profile_compatibility_flag[0..31], flag 0 in the highest bit. */
  readonly compatibility: number;
  /** The six bytes of constraint flags. */
  readonly constraints: Uint8Array;
  /** 30 times the level. */
  readonly level: number;
}

/** Reads profile_tier_level(1, maxSubLayersMinus1). Throws Truncated. */
export function readProfileTierLevel(r: BitReader, maxSubLayersMinus1: number): ProfileTierLevel {
  const profileSpace = r.bits(2);
  const highTier = r.flag();
  const profile = r.bits(5);
  const compatibility = r.bits(32);
  const constraints = new Uint8Array(6);
  for (let i = 0; i < 6; i++) constraints[i] = r.bits(8);
  const level = r.bits(8);
  if (maxSubLayersMinus1 > 0) {
    let skip = 0;
    for (let i = 0; i < maxSubLayersMinus1; i++) skip += (r.flag() ? 88 : 0) + (r.flag() ? 8 : 0);
    r.skip(2 * (8 - maxSubLayersMinus1) + skip);
  }
  return { profileSpace, highTier, profile, compatibility, constraints, level };
}

/** `hvc1.` with profile, compatibility flags in reverse order, tier and level, and constraint bytes but trailing zeros. */
export function h265CodecString(p: ProfileTierLevel): string {
  let reversed = 0;
  for (let i = 0; i < 32; i++) if (p.compatibility & (1 << i)) reversed += 2 ** (31 - i);
  const space = ["", "A", "B", "C"][p.profileSpace] as string;
  let last = 5;
  while (last >= 0 && p.constraints[last] === 0) last--;
  let tail = "";
  for (let i = 0; i <= last; i++) tail += "." + (p.constraints[i] as number).toString(16).toUpperCase();
  return `hvc1.${space}${p.profile}.${reversed.toString(16).toUpperCase()}.${
    p.highTier ? "H" : "L"
  }${p.level}${tail}`;
}
