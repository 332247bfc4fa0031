import type { OutputDescriptor } from "../config/option.ts";
import { DASH_OUTPUT } from "./http/dash/descriptor.ts";
import { HLS_OUTPUT } from "./http/hls/descriptor.ts";
import { SMOOTH_OUTPUT } from "./http/smooth/descriptor.ts";
import { JSON_SOCKET_OUTPUT, MP4_SOCKET_OUTPUT, RAW_SOCKET_OUTPUT } from "./http/mp4_socket/descriptor.ts";
import { PROGRESSIVE_DESCRIPTORS } from "./http/progressive/descriptor.ts";
import { RTSP_OUTPUT } from "./rtsp/descriptor.ts";
import { JPEG_OUTPUT, STILL_OUTPUT } from "./http/stills/descriptor.ts";

/** What every output is, to all that lists or documents outputs. */
export const OUTPUT_DESCRIPTORS: readonly OutputDescriptor[] = [
  HLS_OUTPUT,
  DASH_OUTPUT,
  SMOOTH_OUTPUT,
  ...PROGRESSIVE_DESCRIPTORS,
  RTSP_OUTPUT,
  MP4_SOCKET_OUTPUT,
  RAW_SOCKET_OUTPUT,
  JSON_SOCKET_OUTPUT,
  JPEG_OUTPUT,
  STILL_OUTPUT,
];
