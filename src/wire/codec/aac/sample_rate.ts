// ISO/IEC 14496-3, 1.6.3.4: samplingFrequencyIndex.

/** Samples per second by index; index 15 is an escape, 13 and 14 are reserved. */
export const AAC_SAMPLE_RATES: readonly number[] = [
  96000,
  88200,
  64000,
  48000,
  44100,
  32000,
  24000,
  22050,
  16000,
  12000,
  11025,
  8000,
  7350,
];

/** Index of a rate, or -1 where the escape is needed. */
export function aacSampleRateIndex(rate: number): number {
  return AAC_SAMPLE_RATES.indexOf(rate);
}

/** Channels by channelConfiguration, table 1.19; 0 where a program config element or nothing says it. */
export const AAC_CHANNELS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 8, 0, 0, 0, 7, 8, 24, 8, 0];
