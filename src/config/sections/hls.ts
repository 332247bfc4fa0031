import type { ConfigNode, Inherited } from "../node.ts";
import type { OptionDescriptor } from "../option.ts";
import { printDuration } from "../option_value.ts";
import { optionsSchema } from "../schema.ts";
import type { Section, SectionContext } from "../section.ts";

/** How streams are cut, and how long they stay: the defaults that each stream may override. */
export interface SegmentConfig {
  readonly segmentMillis: number;
  readonly partMillis: number;
  readonly windowMillis: number;
}

/** HLS and LL-HLS. */
export interface HlsConfig extends SegmentConfig {
  /** Parts, blocking reload and delta updates are offered. */
  readonly lowLatency: boolean;
}

const SEGMENT = {
  name: "segment",
  type: { kind: "duration", min: 500, max: 30_000 },
  default: 2000,
  help: "About the length of a segment; it ends at a key frame",
} as const satisfies OptionDescriptor;
const PART = {
  name: "part",
  type: { kind: "duration", min: 50, max: 5000 },
  default: 200,
  help: "Length of a low-latency part",
} as const satisfies OptionDescriptor;
const WINDOW = {
  name: "window",
  type: { kind: "duration", min: 6000, max: 3_600_000 },
  default: 30_000,
  help: "How far back viewers may go; kept in memory",
} as const satisfies OptionDescriptor;
const LOW_LATENCY = {
  name: "lowLatency",
  type: { kind: "boolean" },
  default: true,
  help: "Offer parts, blocking reload and delta updates",
} as const satisfies OptionDescriptor;

/** Options that a stream may give for itself. */
export const SEGMENT_OPTIONS = [SEGMENT, PART, WINDOW] as const;
const OPTIONS = [...SEGMENT_OPTIONS, LOW_LATENCY] as const;

/** Segments of a window: fewer make a playlist that players cannot start from. */
const WINDOW_SEGMENTS_MIN = 3;

/** Reads the three lengths below `node`, each from `hls` where the node does not give it. */
export function parseSegmentConfig(node: ConfigNode, context: SectionContext): SegmentConfig {
  const inherited = (option: OptionDescriptor): Inherited | undefined =>
    context.inherit.get(`hls.${option.name}`);
  const config = {
    segmentMillis: node.option(SEGMENT, inherited(SEGMENT)),
    partMillis: node.option(PART, inherited(PART)),
    windowMillis: node.option(WINDOW, inherited(WINDOW)),
  };
  if (config.partMillis * 2 > config.segmentMillis) {
    const most = printDuration(Math.floor(config.segmentMillis / 2));
    shortest(node, PART).refuse(
      `expected at most half a segment (${most}), got ${printDuration(config.partMillis)}`,
    );
  }
  if (config.windowMillis < config.segmentMillis * WINDOW_SEGMENTS_MIN) {
    const least = printDuration(config.segmentMillis * WINDOW_SEGMENTS_MIN);
    shortest(node, WINDOW).refuse(
      `expected at least ${WINDOW_SEGMENTS_MIN} segments (${least}), got ${
        printDuration(config.windowMillis)
      }`,
    );
  }
  return config;
}

/** The key to blame: the one given here, else the segment length, which then must be. */
function shortest(node: ConfigNode, option: OptionDescriptor): ConfigNode {
  const own = node.field(option.name);
  return own.present ? own : node.field(SEGMENT.name);
}

export const HLS_SECTION: Section<HlsConfig> = {
  name: "hls",
  help: "HLS and LL-HLS, and how streams are cut into segments and parts",
  options: OPTIONS,
  parse(node: ConfigNode, context: SectionContext): HlsConfig {
    node.allow(OPTIONS.map((o) => o.name));
    const cut = parseSegmentConfig(node, context);
    const from = (option: OptionDescriptor) =>
      node.field(option.name).present ? `hls.${option.name}` : "default";
    context.inherit.set("hls.segment", { value: cut.segmentMillis, origin: from(SEGMENT) });
    context.inherit.set("hls.part", { value: cut.partMillis, origin: from(PART) });
    context.inherit.set("hls.window", { value: cut.windowMillis, origin: from(WINDOW) });
    return { ...cut, lowLatency: node.option(LOW_LATENCY) };
  },
  schema: () => optionsSchema(HLS_SECTION.help, OPTIONS),
};
