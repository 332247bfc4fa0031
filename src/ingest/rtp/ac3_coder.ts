import type { AudioDescription } from "../../wire/codec/audio_description.ts";
import { AC3_SAMPLES, decodeAc3Header, describeAc3 } from "../../wire/codec/ac3/ac3.ts";
import { decodeEac3Header, describeEac3 } from "../../wire/codec/ac3/eac3.ts";
import type { AudioCoder } from "./audio_frames.ts";

/** AC-3 and E-AC-3: every frame describes itself. */
export class Ac3Coder implements AudioCoder {
  readonly #enhanced: boolean;
  #description: AudioDescription | undefined;

  constructor(enhanced: boolean) {
    this.#enhanced = enhanced;
  }

  get description(): AudioDescription | undefined {
    return this.#description;
  }

  samples(unit: Uint8Array): number {
    const header = this.#enhanced ? decodeEac3Header(unit) : decodeAc3Header(unit);
    if (header.kind !== "ok") return 0;
    const { sampleRate, channels } = header.value;
    const known = this.#description;
    if (known === undefined || known.sampleRate !== sampleRate || known.channels !== channels) {
      const described = this.#enhanced ? describeEac3(unit) : describeAc3(unit);
      if (described.kind !== "ok") return 0;
      this.#description = described.value;
    }
    return "samples" in header.value ? header.value.samples : AC3_SAMPLES;
  }

  config(): void {
    // There is none.
  }
}
