import type { ConfigNode } from "../node.ts";
import type { OptionDescriptor } from "../option.ts";
import { optionsSchema } from "../schema.ts";
import type { Section } from "../section.ts";

/** What is logged, and how it looks. */
export interface LogConfig {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly format: "text" | "json";
  /** `auto`: on a terminal, and without NO_COLOR in the environment. */
  readonly colour: "auto" | "always" | "never";
  /** Lines kept in memory. */
  readonly lines: number;
  /** Lines that one stream, or the server itself, may print in a second; what goes beyond is counted. */
  readonly linesPerSecond: number;
}

const LEVEL = {
  name: "level",
  type: { kind: "choice", values: ["debug", "info", "warn", "error"] },
  default: "info",
  help: "Least level that is logged",
} as const satisfies OptionDescriptor;
const FORMAT = {
  name: "format",
  type: { kind: "choice", values: ["text", "json"] },
  default: "text",
  help: "One line of text, or one JSON object a line",
} as const satisfies OptionDescriptor;
const COLOUR = {
  name: "colour",
  type: { kind: "choice", values: ["auto", "always", "never"] },
  default: "auto",
  help: "Colours in text lines; auto means on a terminal",
} as const satisfies OptionDescriptor;
const LINES = {
  name: "lines",
  type: { kind: "integer", min: 10, max: 100_000 },
  default: 1000,
  help: "Lines kept in memory for the API and for crash reports",
} as const satisfies OptionDescriptor;
const LINES_PER_SECOND = {
  name: "linesPerSecond",
  type: { kind: "integer", min: 1, max: 100_000 },
  default: 50,
  help: "Most lines a second of one stream; what goes beyond is counted",
} as const satisfies OptionDescriptor;

const OPTIONS = [LEVEL, FORMAT, COLOUR, LINES, LINES_PER_SECOND] as const;

export const LOG_SECTION: Section<LogConfig> = {
  name: "log",
  help: "Log lines",
  options: OPTIONS,
  parse(node: ConfigNode): LogConfig {
    node.allow(OPTIONS.map((o) => o.name));
    return {
      level: node.option(LEVEL),
      format: node.option(FORMAT),
      colour: node.option(COLOUR),
      lines: node.option(LINES),
      linesPerSecond: node.option(LINES_PER_SECOND),
    };
  },
  schema: () => optionsSchema(LOG_SECTION.help, OPTIONS),
};
