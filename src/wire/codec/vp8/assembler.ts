// RFC 6386, 9.1: VP8 frame header.
import { bad, type Decoded, more, ok } from "../../../base/decoded.ts";
import { DecodeClock } from "../decode_clock.ts";
import type { AssembledFrame, VideoAssembler, VideoDescription } from "../video_description.ts";

export interface Vp8Header {
  readonly key: boolean;
  /** 0 unless `key`. */
  readonly width: number;
  readonly height: number;
}

/** Decodes the beginning of a frame. Never throws. */
export function decodeVp8Header(frame: Uint8Array): Decoded<Vp8Header> {
  const first = frame[0];
  if (first === undefined) return more(3);
  if ((first & 1) === 1) return frame.length < 3 ? more(3) : ok({ key: false, width: 0, height: 0 }, 3);
  if (frame.length < 10) return more(10);
  if (frame[3] !== 0x9d || frame[4] !== 0x01 || frame[5] !== 0x2a) return bad(3, "no VP8 start code");
  const width = (((frame[7] as number) << 8) | (frame[6] as number)) & 0x3fff;
  const height = (((frame[9] as number) << 8) | (frame[8] as number)) & 0x3fff;
  if (width === 0 || height === 0) return bad(6, `VP8 frame of ${width}x${height}`);
  return ok({ key: true, width, height }, 10);
}

/** VP8 frames to canonical frames; each unit list holds one whole frame. */
export class Vp8Assembler implements VideoAssembler {
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
    const header = decodeVp8Header(data);
    if (header.kind !== "ok") return undefined;
    const { key, width, height } = header.value;
    if (this.#waitKey && !key) return undefined;
    this.#waitKey = false;
    if (key && (this.#description?.width !== width || this.#description.height !== height)) {
      this.#description = {
        codec: "vp8",
        config: new Uint8Array(0),
        codecString: "vp8",
        width,
        height,
        frameRate: 0,
      };
    }
    this.#clock.next(pts);
    return { data, pts: this.#clock.pts, dts: this.#clock.dts, key };
  }
}
