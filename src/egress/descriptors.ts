import type { OutputDescriptor } from "../config/option.ts";
import { HLS_OUTPUT } from "./http/hls/descriptor.ts";

/** What every output is, to all that lists or documents outputs. */
export const OUTPUT_DESCRIPTORS: readonly OutputDescriptor[] = [HLS_OUTPUT];
