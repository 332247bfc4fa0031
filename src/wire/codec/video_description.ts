/** What is known of a video track from its parameter sets; the fields of `media/track.ts` that a codec decides. */
export interface VideoDescription {
  readonly codec: "h264" | "h265" | "av1" | "vp8" | "vp9" | "jpeg";
  /** As `media/track.ts` has it, by codec. */
  readonly config: Uint8Array;
  /** RFC 6381; empty where none exists. */
  readonly codecString: string;
  /** Pixels after cropping; sample aspect ratio not applied. */
  readonly width: number;
  readonly height: number;
  /** Frames per second from the parameter sets; 0 when they do not say. */
  readonly frameRate: number;
}

export interface AssembledFrame {
  /** The canonical frame (`media/frame.ts`); valid until the next call of the assembler. */
  readonly data: Uint8Array;
  readonly pts: number;
  /** Grows by at least 1 from frame to frame, never above `pts`. */
  readonly dts: number;
  readonly key: boolean;
}

/** Turns the coded units of one picture into a canonical frame and keeps track of parameter sets and time. */
export interface VideoAssembler {
  /** Undefined until the parameter sets are known; a new object whenever they change. */
  readonly description: VideoDescription | undefined;
  /**
   * Takes the units of one access unit: NAL units without start codes, OBUs, or one whole frame. `pts` is the
   * presentation time in ticks of 90 kHz, unwrapped. Undefined when there is nothing to emit: no parameter sets yet,
   * no picture among the units, no key frame so far. Never throws on bad input.
   */
  unit(units: readonly Uint8Array[], pts: number): AssembledFrame | undefined;
  /** Frames were lost: nothing is emitted until the next key frame. */
  reset(): void;
}
