import type { SourceDescriptor } from "../config/option.ts";
import { PUSH_DESCRIPTOR } from "./push/descriptor.ts";
import { RTSP_DESCRIPTOR } from "./rtsp/descriptor.ts";
import { SDP_DESCRIPTOR } from "./sdp/descriptor.ts";
import { TS_DESCRIPTOR } from "./ts/descriptor.ts";

/**
 * What every input is, without its code: the controller, the command line and the documentation need no more. A test
 * holds it equal to the table of sources.
 */
export const SOURCE_DESCRIPTORS: readonly SourceDescriptor[] = [
  RTSP_DESCRIPTOR,
  SDP_DESCRIPTOR,
  TS_DESCRIPTOR,
  PUSH_DESCRIPTOR,
];
