import type { AudioDescription } from "../../wire/codec/audio_description.ts";
import { decodeMp3Header, describeMp3 } from "../../wire/codec/mpeg_audio/header.ts";
import type { AudioCoder } from "./audio_frames.ts";

/** MPEG audio: every frame describes itself. */
export class MpegAudioCoder implements AudioCoder {
  #description: AudioDescription | undefined;

  get description(): AudioDescription | undefined {
    return this.#description;
  }

  samples(unit: Uint8Array): number {
    const header = decodeMp3Header(unit);
    if (header.kind !== "ok") return 0;
    const { sampleRate, channels, samples } = header.value;
    const known = this.#description;
    if (known === undefined || known.sampleRate !== sampleRate || known.channels !== channels) {
      const described = describeMp3(unit);
      if (described.kind !== "ok") return 0;
      this.#description = described.value;
    }
    return samples;
  }

  config(): void {
    // There is none.
  }
}
