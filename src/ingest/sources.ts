import type { SourceDescriptor } from "../config/option.ts";
import { PUSH_DESCRIPTOR } from "./push/descriptor.ts";
import { RTSP_DESCRIPTOR } from "./rtsp/descriptor.ts";
import { SDP_DESCRIPTOR } from "./sdp/descriptor.ts";
import type { Source } from "./source.ts";
import { TS_DESCRIPTOR } from "./ts/descriptor.ts";

/** An input, and where its code is: a thread that reads one stream has room for no other's. */
export interface SourceEntry {
  readonly descriptor: SourceDescriptor;
  load(): Promise<Source>;
}

/** Every input, in the order in which their patterns are tried. */
export const SOURCES: readonly SourceEntry[] = [
  { descriptor: RTSP_DESCRIPTOR, load: async () => (await import("./rtsp/source.ts")).rtspSource },
  { descriptor: SDP_DESCRIPTOR, load: async () => (await import("./sdp/source.ts")).sdpSource },
  { descriptor: TS_DESCRIPTOR, load: async () => (await import("./ts/source.ts")).tsSource },
  { descriptor: PUSH_DESCRIPTOR, load: async () => (await import("./push/source.ts")).pushSource },
];

/** The input that reads `url`, if there is one. */
export function findSource(url: string): SourceEntry | undefined {
  return SOURCES.find((source) => source.descriptor.pattern.test(url));
}
