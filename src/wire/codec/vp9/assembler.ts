import { sameBytes } from "../../../base/bytes.ts";
import type { VideoDescription } from "../video_description.ts";
import { WholeFrameAssembler } from "../whole_frame_assembler.ts";
import { decodeVp9Header, encodeVp9Config, vp9CodecString, type Vp9Header } from "./frame_header.ts";

/** VP9 frames and superframes to canonical frames; each unit list holds one whole frame. */
export class Vp9Assembler extends WholeFrameAssembler<Vp9Header> {
  constructor() {
    super({ decode: decodeVp9Header, describe });
  }
}

function describe(h: Vp9Header, before: VideoDescription | undefined): VideoDescription {
  const config = encodeVp9Config(h);
  if (
    before !== undefined && before.width === h.width && before.height === h.height &&
    sameBytes(before.config, config)
  ) return before;
  return {
    codec: "vp9",
    config,
    codecString: vp9CodecString(h),
    width: h.width,
    height: h.height,
    frameRate: 0,
  };
}
