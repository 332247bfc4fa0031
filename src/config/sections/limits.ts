import type { ConfigNode } from "../node.ts";
import type { OptionDescriptor } from "../option.ts";
import { optionsSchema } from "../schema.ts";
import type { Section } from "../section.ts";

/** What the server takes on at most. */
export interface LimitsConfig {
  /** Viewers at a time; 0: any number. */
  readonly maxViewers: number;
  /** Bits a second to all viewers; 0: any number. New viewers are refused while it is exceeded. */
  readonly bandwidth: number;
}

const MAX_VIEWERS = {
  name: "maxViewers",
  type: { kind: "integer", min: 0, max: 10_000_000 },
  default: 0,
  help: "Viewers at a time; further ones are answered 503; 0 sets no limit",
} as const satisfies OptionDescriptor;
const MEGABITS = {
  name: "megabitsPerSecond",
  type: { kind: "integer", min: 0, max: 10_000_000 },
  default: 0,
  help: "Traffic to all viewers, above which new ones are answered 503; 0 sets no limit",
} as const satisfies OptionDescriptor;

const OPTIONS = [MAX_VIEWERS, MEGABITS] as const;

export const LIMITS_SECTION: Section<LimitsConfig> = {
  name: "limits",
  help: "What the server takes on at most; beyond it, new viewers are answered 503",
  options: OPTIONS,
  parse(node: ConfigNode): LimitsConfig {
    node.allow(OPTIONS.map((o) => o.name));
    return {
      maxViewers: node.option(MAX_VIEWERS),
      bandwidth: node.option(MEGABITS) * 1e6,
    };
  },
  schema: () => optionsSchema(LIMITS_SECTION.help, OPTIONS),
};
