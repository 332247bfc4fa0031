// ITU-T T.81, B.2: JPEG images, as far as their size.
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import { DecodeClock } from "../decode_clock.ts";
import type { AssembledFrame, VideoAssembler, VideoDescription } from "../video_description.ts";

/** Segments that are looked through for the frame header. */
export const JPEG_SEGMENTS_MAX = 64;

export interface JpegSize {
  readonly width: number;
  readonly height: number;
}

/** Finds the frame header (SOF) of an image and answers its size in pixels. Never throws. */
export function decodeJpegSize(image: Uint8Array): Decoded<JpegSize> {
  if (image[0] !== 0xff || image[1] !== 0xd8) return bad(0, "no JPEG start of image");
  let at = 2;
  for (let i = 0; i < JPEG_SEGMENTS_MAX; i++) {
    if (at >= image.length) return bad(image.length, "JPEG ends before its frame header");
    if (image[at] !== 0xff) return bad(at, "no JPEG marker");
    while (image[at + 1] === 0xff) at++; // fill bytes
    const marker = image[at + 1] as number;
    if (at + 4 > image.length) return bad(at, "JPEG ends before its frame header");
    const length = ((image[at + 2] as number) << 8) | (image[at + 3] as number);
    if (length < 2) return bad(at + 2, `JPEG segment of ${length} bytes`);
    const frameHeader = marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 &&
      marker !== 0xcc;
    if (frameHeader) {
      if (at + 9 > image.length) return bad(at, "JPEG frame header ends early");
      const height = ((image[at + 5] as number) << 8) | (image[at + 6] as number);
      const width = ((image[at + 7] as number) << 8) | (image[at + 8] as number);
      if (width === 0 || height === 0) return bad(at, `JPEG of ${width}x${height}`);
      return ok({ width, height }, image.length);
    }
    if (marker === 0xda || marker === 0xd9) return bad(at, "JPEG without frame header");
    at += 2 + length;
  }
  return bad(at, `JPEG with more than ${JPEG_SEGMENTS_MAX} segments before its frame header`);
}

/** JPEG images to canonical frames; each unit list holds one whole image, and each image is a key frame. */
export class JpegAssembler implements VideoAssembler {
  readonly #clock = new DecodeClock();
  #description: VideoDescription | undefined;

  get description(): VideoDescription | undefined {
    return this.#description;
  }

  /** Images stand alone: there is nothing to forget. */
  reset(): void {}

  unit(units: readonly Uint8Array[], pts: number): AssembledFrame | undefined {
    const data = units[0];
    if (data === undefined) return undefined;
    const size = decodeJpegSize(data);
    if (size.kind !== "ok") return undefined;
    const { width, height } = size.value;
    if (this.#description?.width !== width || this.#description.height !== height) {
      this.#description = {
        codec: "jpeg",
        config: new Uint8Array(0),
        codecString: "",
        width,
        height,
        frameRate: 0,
      };
    }
    this.#clock.next(pts);
    return { data, pts: this.#clock.pts, dts: this.#clock.dts, key: true };
  }
}
