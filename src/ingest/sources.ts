import { pushSource } from "./push/source.ts";
import { rtspSource } from "./rtsp/source.ts";
import { sdpSource } from "./sdp/source.ts";
import type { Source } from "./source.ts";
import { tsSource } from "./ts/source.ts";

/** Every input, in the order in which their patterns are tried. */
export const SOURCES: readonly Source[] = [rtspSource, sdpSource, tsSource, pushSource];

/** The input that reads `url`, if there is one. */
export function findSource(url: string): Source | undefined {
  return SOURCES.find((source) => source.descriptor.pattern.test(url));
}
