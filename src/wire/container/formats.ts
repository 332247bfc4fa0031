import { ADTS_FORMAT } from "./adts/live.ts";
import { ANNEXB_FORMAT } from "./annexb/live.ts";
import { FLAC_FORMAT } from "./flac/live.ts";
import { FLV_FORMAT } from "./flv/live.ts";
import { JSON_LINES_FORMAT } from "./json_lines/live.ts";
import type { ContainerFormat } from "./live_muxer.ts";
import { MATROSKA_FORMAT, WEBM_FORMAT } from "./matroska/live.ts";
import { MP4_FORMAT } from "./mp4/live.ts";
import { MPEG_AUDIO_FORMAT } from "./mpeg_audio/live.ts";
import { MULTIPART_FORMAT } from "./multipart/live.ts";
import { OGG_FORMAT } from "./ogg/live.ts";
import { WAV_FORMAT } from "./riff/live.ts";
import { SUBRIP_FORMAT } from "./subrip/live.ts";
import { TS_FORMAT } from "./ts/live.ts";
import { WEBVTT_FORMAT } from "./webvtt/live.ts";

/** Every container that a live stream can be written into, by name. */
export const CONTAINER_FORMATS = {
  mp4: MP4_FORMAT,
  ts: TS_FORMAT,
  flv: FLV_FORMAT,
  matroska: MATROSKA_FORMAT,
  webm: WEBM_FORMAT,
  ogg: OGG_FORMAT,
  wav: WAV_FORMAT,
  aac: ADTS_FORMAT,
  mp3: MPEG_AUDIO_FORMAT,
  flac: FLAC_FORMAT,
  /** H.264 and H.265. */
  h264: ANNEXB_FORMAT,
  mjpeg: MULTIPART_FORMAT,
  webvtt: WEBVTT_FORMAT,
  srt: SUBRIP_FORMAT,
  json: JSON_LINES_FORMAT,
} as const satisfies Record<string, ContainerFormat>;

export type ContainerName = keyof typeof CONTAINER_FORMATS;
