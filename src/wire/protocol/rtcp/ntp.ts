import { type WallMillis, wallMillis } from "../../../base/units.ts";

/** Seconds from 1900 to 1970. RFC 5905, 6. */
const UNIX_EPOCH = 2_208_988_800;

/** An NTP timestamp as Unix milliseconds; seconds below 2^31 are those after 2036. */
export function ntpToWall(seconds: number, fraction: number): WallMillis {
  const era = seconds < 0x80000000 ? 0x100000000 : 0;
  return wallMillis((seconds + era - UNIX_EPOCH) * 1000 + (fraction / 0x100000000) * 1000);
}

/** Seconds and fraction, 32 bits each, of Unix milliseconds. */
export function wallToNtp(wall: WallMillis): { seconds: number; fraction: number } {
  const whole = Math.floor(wall / 1000);
  return {
    seconds: (whole + UNIX_EPOCH) % 0x100000000,
    fraction: Math.floor(((wall - whole * 1000) / 1000) * 0x100000000),
  };
}
