import { H264Assembler } from "../../wire/codec/h264/assembler.ts";
import type { RtpFormat } from "../../wire/protocol/rtp/format.ts";
import { h264ParameterSets } from "../../wire/protocol/rtp/parameter_sets.ts";
import { AacCoder, aacConfig } from "./aac_coder.ts";
import { AudioFrames } from "./audio_frames.ts";
import type { FrameMaker } from "./frame_maker.ts";
import type { FrameOutput } from "./frame_output.ts";
import { VideoFrames } from "./video_frames.ts";

/** How the access units of one payload format become frames. */
export interface IngestFormat {
  readonly audio: boolean;
  /** Throws UnsupportedFormat where the format parameters ask for something that is not read. */
  open(format: RtpFormat, output: FrameOutput, id: number): FrameMaker;
}

/** Every payload format that is taken in, by the encoding name of its rtpmap in upper case. */
export const INGEST_FORMATS: Readonly<Record<string, IngestFormat>> = {
  H264: {
    audio: false,
    open: (format, output, id) =>
      new VideoFrames(new H264Assembler(h264ParameterSets(format)), output, id, format.clockRate),
  },
  "MPEG4-GENERIC": {
    audio: true,
    open: (format, output, id) =>
      new AudioFrames(new AacCoder(aacConfig(format)), output, id, format.clockRate),
  },
};
