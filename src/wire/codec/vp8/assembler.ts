// RFC 6386, 9.1: VP8 frame header.
import { bad, type Decoded, more, ok } from "../../../base/decoded.ts";
import type { VideoDescription } from "../video_description.ts";
import { WholeFrameAssembler } from "../whole_frame_assembler.ts";

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
export class Vp8Assembler extends WholeFrameAssembler<Vp8Header> {
  constructor() {
    super({ decode: decodeVp8Header, describe });
  }
}

function describe({ width, height }: Vp8Header, before: VideoDescription | undefined): VideoDescription {
  if (before?.width === width && before.height === height) return before;
  return { codec: "vp8", config: new Uint8Array(0), codecString: "vp8", width, height, frameRate: 0 };
}
