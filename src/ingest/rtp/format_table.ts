import { Av1Assembler } from "../../wire/codec/av1/assembler.ts";
import { H264Assembler } from "../../wire/codec/h264/assembler.ts";
import { H265Assembler } from "../../wire/codec/h265/assembler.ts";
import { JpegAssembler } from "../../wire/codec/jpeg/assembler.ts";
import type { VideoAssembler } from "../../wire/codec/video_description.ts";
import { Vp8Assembler } from "../../wire/codec/vp8/assembler.ts";
import { Vp9Assembler } from "../../wire/codec/vp9/assembler.ts";
import type { RtpFormat } from "../../wire/protocol/rtp/format.ts";
import { h264ParameterSets, h265ParameterSets } from "../../wire/protocol/rtp/parameter_sets.ts";
import { Ac3Coder } from "./ac3_coder.ts";
import { AacCoder, aacConfig } from "./aac_coder.ts";
import { type AudioCoder, AudioFrames } from "./audio_frames.ts";
import { DataFrames } from "./data_frames.ts";
import type { FrameMaker } from "./frame_maker.ts";
import type { FrameOutput } from "./frame_output.ts";
import { MpegAudioCoder } from "./mpeg_audio_coder.ts";
import { OpusCoder } from "./opus_coder.ts";
import { PcmCoder, SAMPLE_RATE_MAX } from "./pcm_coder.ts";
import { UnsupportedFormat } from "./unsupported_format.ts";
import { VideoFrames } from "./video_frames.ts";

/** How the access units of one payload format become frames. */
export interface IngestFormat {
  readonly audio: boolean;
  /** Throws UnsupportedFormat where the format parameters ask for something that is not read. */
  open(format: RtpFormat, output: FrameOutput, id: number): FrameMaker;
}

function video(assembler: (format: RtpFormat) => VideoAssembler): IngestFormat {
  return {
    audio: false,
    open: (format, output, id) => new VideoFrames(assembler(format), output, id, format.clockRate),
  };
}

function audio(coder: (format: RtpFormat) => AudioCoder): IngestFormat {
  return {
    audio: true,
    open: (format, output, id) => new AudioFrames(coder(format), output, id, format.clockRate),
  };
}

function pcm(codec: "alaw" | "ulaw" | "l16", sampleBytes: number): IngestFormat {
  return audio((format) => {
    if (format.clockRate > SAMPLE_RATE_MAX) {
      throw new UnsupportedFormat(format.encoding, `${format.clockRate} samples a second`);
    }
    return new PcmCoder(codec, format.clockRate, Math.max(1, format.channels), sampleBytes);
  });
}

function data(codec: "klv" | "onvif"): IngestFormat {
  return { audio: false, open: (format, output, id) => new DataFrames(codec, output, id, format.clockRate) };
}

/** Every payload format that is taken in, by the encoding name of its rtpmap in upper case. */
export const INGEST_FORMATS: Readonly<Record<string, IngestFormat>> = {
  H264: video((format) => new H264Assembler(h264ParameterSets(format))),
  H265: video((format) => new H265Assembler(h265ParameterSets(format))),
  AV1: video(() => new Av1Assembler()),
  VP8: video(() => new Vp8Assembler()),
  VP9: video(() => new Vp9Assembler()),
  JPEG: video(() => new JpegAssembler()),
  "MPEG4-GENERIC": audio((format) => new AacCoder(aacConfig(format))),
  "MP4A-LATM": audio(() => new AacCoder(undefined)),
  PCMA: pcm("alaw", 1),
  PCMU: pcm("ulaw", 1),
  L16: pcm("l16", 2),
  OPUS: audio((format) => new OpusCoder(format)),
  MPA: audio(() => new MpegAudioCoder()),
  AC3: audio(() => new Ac3Coder(false)),
  EAC3: audio(() => new Ac3Coder(true)),
  SMPTE336M: data("klv"),
  "VND.ONVIF.METADATA": data("onvif"),
};
