import type { Codec } from "../../media/codec.ts";

/** What is known of an audio track from its configuration or its first frame. */
export interface AudioDescription {
  readonly codec: Codec;
  /** As `media/track.ts` has it, by codec. */
  readonly config: Uint8Array;
  /** RFC 6381; empty where none exists. */
  readonly codecString: string;
  readonly sampleRate: number;
  readonly channels: number;
}
