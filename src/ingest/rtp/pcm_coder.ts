import type { AudioDescription } from "../../wire/codec/audio_description.ts";
import type { AudioCoder } from "./audio_frames.ts";

/** Sample rates above this are taken for nonsense in an SDP. */
export const SAMPLE_RATE_MAX = 384_000;

/** G.711 and L16: described by the SDP alone, every sample of the same size. */
export class PcmCoder implements AudioCoder {
  readonly description: AudioDescription;
  readonly #bytes: number;

  /** `sampleBytes`: bytes of one sample of one channel. */
  constructor(codec: "alaw" | "ulaw" | "l16", sampleRate: number, channels: number, sampleBytes: number) {
    this.description = { codec, config: new Uint8Array(0), codecString: "", sampleRate, channels };
    this.#bytes = sampleBytes * channels;
  }

  samples(unit: Uint8Array): number {
    return unit.length / this.#bytes;
  }

  config(): void {
    // There is none.
  }
}
