import type { WallMillis } from "../../../base/units.ts";

/** When, by the wall clock, a sample was there: a player measures its latency with it. */
export interface ProducerTime {
  /** track_ID whose time scale `mediaTime` counts in. */
  readonly trackId: number;
  readonly wall: WallMillis;
  /** The sample's time in ticks of that track, 0 or more. */
  readonly mediaTime: number;
}

/** Bytes of a `prft` box of version 1. */
export const PRFT_SIZE = 32;

/** Seconds from the start of NTP's era 0 (1900) to the Unix epoch. */
const NTP_UNIX_SECONDS = 2208988800;
/** The time is that of the encoder's output, ISO/IEC 14496-12, 8.16.5: what a server that encodes nothing can know. */
const ENCODER_OUTPUT = 1;

/** ISO/IEC 14496-12, 8.16.5 (ProducerReferenceTimeBox, version 1): writes {@link PRFT_SIZE} bytes at `at`. */
export function writePrft(view: DataView, at: number, time: ProducerTime): number {
  const seconds = Math.floor(time.wall / 1000);
  view.setUint32(at, PRFT_SIZE);
  view.setUint32(at + 4, 0x70726674); // prft
  view.setUint32(at + 8, (1 << 24) | ENCODER_OUTPUT);
  view.setUint32(at + 12, time.trackId);
  view.setUint32(at + 16, seconds + NTP_UNIX_SECONDS); // wraps in 2036, as NTP does
  view.setUint32(at + 20, Math.floor((time.wall / 1000 - seconds) * 2 ** 32));
  view.setUint32(at + 24, Math.floor(time.mediaTime / 2 ** 32));
  view.setUint32(at + 28, time.mediaTime);
  return at + PRFT_SIZE;
}
