import type { AdtsConfig } from "./adts.ts";
import { decodeAudioSpecificConfig } from "./audio_specific_config.ts";
import { aacSampleRateIndex } from "./sample_rate.ts";

/** What ADTS headers of a track say, of its AudioSpecificConfig; or why they cannot say it. */
export function adtsConfigOf(config: Uint8Array): AdtsConfig | string {
  const decoded = decodeAudioSpecificConfig(config);
  if (decoded.kind !== "ok") return "its configuration cannot be read";
  const { objectType, sampleRate, channelConfiguration } = decoded.value;
  if (objectType > 4 || aacSampleRateIndex(sampleRate) < 0 || channelConfiguration > 7) {
    return "ADTS cannot say its configuration";
  }
  return { objectType, sampleRate, channelConfiguration };
}
