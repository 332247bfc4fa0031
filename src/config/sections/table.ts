import type { SourceDescriptor } from "../option.ts";
import type { ParsedBy, Section } from "../section.ts";
import { API_SECTION } from "./api.ts";
import { BUFFER_SECTION } from "./buffer.ts";
import { HLS_SECTION } from "./hls.ts";
import { HTTP_SECTION } from "./http.ts";
import { LIMITS_SECTION } from "./limits.ts";
import { LOG_SECTION } from "./log.ts";
import { PUSH_SECTION } from "./push.ts";
import { RTSP_SERVER_SECTION } from "./rtsp_server.ts";
import { sourceSection, type SourceValues } from "./source_defaults.ts";
import { STREAMS_SECTION } from "./streams.ts";
import { ACCESS_LOG_SECTION, METRICS_SECTION } from "./telemetry.ts";
import { VARIABLES_SECTION } from "./variables.ts";

/** Sections of a fixed name, in the order that the documentation lists them. A new section is added here. */
export const SECTIONS = {
  log: LOG_SECTION,
  accessLog: ACCESS_LOG_SECTION,
  metrics: METRICS_SECTION,
  http: HTTP_SECTION,
  rtspServer: RTSP_SERVER_SECTION,
  api: API_SECTION,
  hls: HLS_SECTION,
  buffer: BUFFER_SECTION,
  limits: LIMITS_SECTION,
  push: PUSH_SECTION,
  variables: VARIABLES_SECTION,
  streams: STREAMS_SECTION,
} as const;

/** The whole configuration, every value decided. Plain data: it can be posted to workers. */
export type Config =
  & { readonly [Name in keyof typeof SECTIONS]: ParsedBy<(typeof SECTIONS)[Name]> }
  & {
    /** Defaults of the sources' options, by the source's name. */
    readonly sources: Readonly<Record<string, SourceValues>>;
  };

/** Every section in the order of reading: `streams` last, because it inherits from the others. */
export function sectionsFor(sources: readonly SourceDescriptor[]): readonly Section<unknown>[] {
  const { streams, ...rest } = SECTIONS;
  const own = sources.filter((s) => s.options.length > 0).map(sourceSection);
  return [...Object.values(rest), ...own, streams];
}
