import { sameBytes } from "../../../base/bytes.ts";
import { DecodeClock } from "../decode_clock.ts";
import type { AssembledFrame, VideoAssembler, VideoDescription } from "../video_description.ts";
import { decodeVp9Header, encodeVp9Config, vp9CodecString, type Vp9Header } from "./frame_header.ts";

/** VP9 frames and superframes to canonical frames; each unit list holds one whole frame. */
export class Vp9Assembler implements VideoAssembler {
  readonly #clock = new DecodeClock();
  #description: VideoDescription | undefined;
  #waitKey = true;

  get description(): VideoDescription | undefined {
    return this.#description;
  }

  reset(): void {
    this.#waitKey = true;
  }

  unit(units: readonly Uint8Array[], pts: number): AssembledFrame | undefined {
    const data = units[0];
    if (data === undefined) return undefined;
    const header = decodeVp9Header(data);
    if (header.kind !== "ok") return undefined;
    const key = header.value.key;
    if (this.#waitKey && !key) return undefined;
    this.#waitKey = false;
    if (key) this.#describe(header.value);
    this.#clock.next(pts);
    return { data, pts: this.#clock.pts, dts: this.#clock.dts, key };
  }

  #describe(h: Vp9Header): void {
    const config = encodeVp9Config(h);
    const before = this.#description;
    if (
      before !== undefined && before.width === h.width && before.height === h.height &&
      sameBytes(before.config, config)
    ) return;
    this.#description = {
      codec: "vp9",
      config,
      codecString: vp9CodecString(h),
      width: h.width,
      height: h.height,
      frameRate: 0,
    };
  }
}
