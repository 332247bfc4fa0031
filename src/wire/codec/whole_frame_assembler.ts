import type { Decoded } from "../../base/decoded.ts";
import { DecodeClock } from "./decode_clock.ts";
import type { AssembledFrame, VideoAssembler, VideoDescription } from "./video_description.ts";

/** How the frames of a codec are read whose frames come whole. */
export interface WholeFrames<Header extends { readonly key: boolean }> {
  decode(frame: Uint8Array): Decoded<Header>;
  /** Of a key frame; `before` itself where nothing changed. */
  describe(header: Header, before: VideoDescription | undefined): VideoDescription;
}

/** Whole frames to canonical frames, from the first key frame on; each unit list holds one frame. */
export class WholeFrameAssembler<Header extends { readonly key: boolean }> implements VideoAssembler {
  readonly #frames: WholeFrames<Header>;
  readonly #clock = new DecodeClock();
  #description: VideoDescription | undefined;
  #waitKey = true;

  constructor(frames: WholeFrames<Header>) {
    this.#frames = frames;
  }

  get description(): VideoDescription | undefined {
    return this.#description;
  }

  reset(): void {
    this.#waitKey = true;
  }

  unit(units: readonly Uint8Array[], pts: number): AssembledFrame | undefined {
    const data = units[0];
    if (data === undefined) return undefined;
    const header = this.#frames.decode(data);
    if (header.kind !== "ok") return undefined;
    const { key } = header.value;
    if (this.#waitKey && !key) return undefined;
    this.#waitKey = false;
    if (key) this.#description = this.#frames.describe(header.value, this.#description);
    this.#clock.next(pts);
    return { data, pts: this.#clock.pts, dts: this.#clock.dts, key };
  }
}
