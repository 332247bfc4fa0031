import type { AudioDescription } from "../../wire/codec/audio_description.ts";
import {
  aacFrameSamples,
  decodeAudioSpecificConfig,
  describeAac,
  encodeAudioSpecificConfig,
} from "../../wire/codec/aac/audio_specific_config.ts";
import { fmtpHex, type RtpFormat } from "../../wire/protocol/rtp/format.ts";
import type { AudioCoder } from "./audio_frames.ts";

/** AAC, described by an AudioSpecificConfig from the SDP or from the stream. */
export class AacCoder implements AudioCoder {
  #description: AudioDescription | undefined;
  #samples = 0;

  constructor(config: Uint8Array | undefined) {
    if (config !== undefined) this.config(config);
  }

  get description(): AudioDescription | undefined {
    return this.#description;
  }

  config(config: Uint8Array): void {
    const description = describeAac(config);
    const decoded = decodeAudioSpecificConfig(config);
    if (description.kind !== "ok" || decoded.kind !== "ok") return;
    this.#description = description.value;
    this.#samples = aacFrameSamples(decoded.value);
  }

  samples(): number {
    return this.#samples;
  }
}

/**
 * The AudioSpecificConfig of an MPEG4-GENERIC format. Without one (or with one that cannot be read) AAC-LC of the
 * rtpmap's rate and channels is assumed: there is nothing else that cameras send so.
 */
export function aacConfig(format: RtpFormat): Uint8Array {
  const config = fmtpHex(format, "config");
  if (config !== undefined && describeAac(config).kind === "ok") return config;
  return encodeAudioSpecificConfig({
    objectType: 2,
    sampleRate: format.clockRate,
    channelConfiguration: Math.min(Math.max(format.channels, 1), 2),
  });
}
