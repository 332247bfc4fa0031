import type { AudioDescription } from "../../wire/codec/audio_description.ts";
import { describeOpus, opusPacketSamples } from "../../wire/codec/opus/opus.ts";
import type { RtpFormat } from "../../wire/protocol/rtp/format.ts";
import type { AudioCoder } from "./audio_frames.ts";
import { UnsupportedFormat } from "./unsupported_format.ts";

/**
 * Opus, RFC 7587: the rtpmap always says two channels; `sprop-stereo=0` says that the sender has one, but decoders give
 * two all the same.
 */
export class OpusCoder implements AudioCoder {
  readonly description: AudioDescription;

  /** Throws UnsupportedFormat for more than eight channels. */
  constructor(format: RtpFormat) {
    const described = describeOpus(Math.max(1, format.channels));
    if (described.kind !== "ok") {
      throw new UnsupportedFormat(format.encoding, `${format.channels} channels`);
    }
    this.description = described.value;
  }

  samples(unit: Uint8Array): number {
    return opusPacketSamples(unit);
  }

  config(): void {
    // There is none.
  }
}
