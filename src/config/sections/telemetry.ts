import type { ConfigNode } from "../node.ts";
import type { OptionDescriptor } from "../option.ts";
import { folderOf, resolvePath } from "../paths.ts";
import { optionsSchema } from "../schema.ts";
import type { Section } from "../section.ts";

/** What monitoring systems may read. */
export interface MetricsConfig {
  readonly enabled: boolean;
  /** Numbers of each stream and track too. */
  readonly perStream: boolean;
  /** Metrics are also at `/PASSPHRASE`, without a login; undefined: they are not. */
  readonly passphrase: string | undefined;
}

/** Where one line for each session goes when it ends. */
export interface AccessLogConfig {
  /** `LOG`: the log; a path: a CSV file; empty: nowhere. */
  readonly target: string;
  readonly maxBytes: number;
  /** Full files that are kept beside the one that is written. */
  readonly keep: number;
}

const ENABLED = {
  name: "enabled",
  type: { kind: "boolean" },
  default: true,
  help: "Serve metrics for Prometheus on the API's port",
} as const satisfies OptionDescriptor;
const PER_STREAM = {
  name: "perStream",
  type: { kind: "boolean" },
  default: true,
  help: "Metrics of each stream and track, not only of the server",
} as const satisfies OptionDescriptor;
const PASSPHRASE = {
  name: "passphrase",
  type: { kind: "secret", maxLength: 100 },
  default: undefined,
  help: "Metrics are also at this path of the API's port, without a login",
} as const satisfies OptionDescriptor;
const METRICS_OPTIONS = [ENABLED, PER_STREAM, PASSPHRASE] as const;

export const METRICS_SECTION: Section<MetricsConfig> = {
  name: "metrics",
  help: "Metrics in the Prometheus text format",
  options: METRICS_OPTIONS,
  parse(node: ConfigNode): MetricsConfig {
    node.allow(METRICS_OPTIONS.map((o) => o.name));
    return {
      enabled: node.option(ENABLED),
      perStream: node.option(PER_STREAM),
      passphrase: node.option(PASSPHRASE),
    };
  },
  schema: () => optionsSchema(METRICS_SECTION.help, METRICS_OPTIONS),
};

const TARGET = {
  name: "target",
  type: { kind: "text", maxLength: 1000 },
  default: "",
  help: "LOG for lines in the log, a path for a CSV file; empty for none",
} as const satisfies OptionDescriptor;
const MEGABYTES = {
  name: "megabytes",
  type: { kind: "number", min: 0.01, max: 10_000 },
  default: 20,
  help: "Size at which a file is full and the next one begins, in MiB",
} as const satisfies OptionDescriptor;
const KEEP = {
  name: "keep",
  type: { kind: "integer", min: 0, max: 1000 },
  default: 5,
  help: "Full files that are kept",
} as const satisfies OptionDescriptor;
const ACCESS_OPTIONS = [TARGET, MEGABYTES, KEEP] as const;

export const ACCESS_LOG_SECTION: Section<AccessLogConfig> = {
  name: "accessLog",
  help: "One line for each session that ended",
  options: ACCESS_OPTIONS,
  parse(node: ConfigNode): AccessLogConfig {
    node.allow(ACCESS_OPTIONS.map((o) => o.name));
    const target = node.option(TARGET);
    return {
      target: target === "" || target === "LOG"
        ? target
        : resolvePath(folderOf(node.field(TARGET.name).file), target),
      maxBytes: Math.round(node.option(MEGABYTES) * 1024 * 1024),
      keep: node.option(KEEP),
    };
  },
  schema: () => optionsSchema(ACCESS_LOG_SECTION.help, ACCESS_OPTIONS),
};
