import type { Track } from "../../../../media/track.ts";

/** A canonical frame (`media/frame.ts`) on its way into a program. `data` may be a view on shared memory. */
export interface TsFrame {
  /** Index of its track in the program. */
  readonly track: number;
  /** Decoding time in the track's ticks, a safe integer. */
  readonly dts: number;
  readonly ptsOffset: number;
  /** Ticks to the next frame of the track. */
  readonly duration: number;
  readonly key: boolean;
  /** Parameter sets stand before it, key frame or not. */
  readonly withSets?: boolean;
  readonly data: Uint8Array;
}

/** A time of a track in ticks of 90 kHz, rounded to the nearest. */
export function tsTicks(track: Track, time: number): number {
  return track.timescale === 90_000 ? time : Math.round((time * 90_000) / track.timescale);
}

/** 300 × 2^33. */
const PCR_WRAP = 2_576_980_377_600;

/** A clock reference in ticks of 27 MHz, brought into its range. */
export function wrapPcr(pcr: number): number {
  return ((pcr % PCR_WRAP) + PCR_WRAP) % PCR_WRAP;
}
