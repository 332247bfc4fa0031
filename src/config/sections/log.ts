import type { ConfigNode } from "../node.ts";
import type { OptionDescriptor } from "../option.ts";
import { folderOf, resolvePath } from "../paths.ts";
import { optionsSchema } from "../schema.ts";
import type { Section } from "../section.ts";
import { parseSyslogPlace, SYSLOG_EXAMPLES, type SyslogPlace } from "../syslog_place.ts";

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
  /** File that lines are written to besides; empty: none. */
  readonly file: string;
  /** Size at which the file is full. */
  readonly fileMaxBytes: number;
  /** Full files kept. */
  readonly fileKeep: number;
  readonly syslog: SyslogPlace | undefined;
  /** Lines begin with their priority; `auto`: where the standard output is the journal. */
  readonly priorities: "auto" | "always" | "never";
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
const FILE = {
  name: "file",
  type: { kind: "text", maxLength: 1000 },
  default: "",
  help: "File that lines are written to besides; empty for none",
} as const satisfies OptionDescriptor;
const FILE_MEGABYTES = {
  name: "fileMegabytes",
  type: { kind: "number", min: 0.01, max: 10_000 },
  default: 10,
  help: "Size at which the file is full and the next one begins, in MiB",
} as const satisfies OptionDescriptor;
const FILE_KEEP = {
  name: "fileKeep",
  type: { kind: "integer", min: 0, max: 1000 },
  default: 5,
  help: "Full files that are kept",
} as const satisfies OptionDescriptor;
const SYSLOG = {
  name: "syslog",
  type: { kind: "text", maxLength: 300 },
  default: "",
  help: "Where lines are sent besides: udp://HOST:514 or a socket such as /dev/log; empty for nowhere",
} as const satisfies OptionDescriptor;
const PRIORITIES = {
  name: "priorities",
  type: { kind: "choice", values: ["auto", "always", "never"] },
  default: "auto",
  help: "Lines begin with <PRIORITY> for systemd's journal; auto means where it reads them",
} as const satisfies OptionDescriptor;

const OPTIONS = [
  LEVEL,
  FORMAT,
  COLOUR,
  LINES,
  LINES_PER_SECOND,
  FILE,
  FILE_MEGABYTES,
  FILE_KEEP,
  SYSLOG,
  PRIORITIES,
] as const;

/** The program's lines before the configuration was read. */
export const LOG_DEFAULTS: LogConfig = {
  level: LEVEL.default,
  format: FORMAT.default,
  colour: COLOUR.default,
  lines: LINES.default,
  linesPerSecond: LINES_PER_SECOND.default,
  file: FILE.default,
  fileMaxBytes: FILE_MEGABYTES.default * 1024 * 1024,
  fileKeep: FILE_KEEP.default,
  syslog: undefined,
  priorities: PRIORITIES.default,
};

/** The path that a text option holds, as seen from the folder of the file that says it; empty for none. */
function fileOption(node: ConfigNode, option: typeof FILE): string {
  const path = node.option(option);
  return path === "" ? "" : resolvePath(folderOf(node.field(option.name).file), path);
}

function syslogPlace(node: ConfigNode): SyslogPlace | undefined {
  const text = node.option(SYSLOG);
  if (text === "") return undefined;
  const place = parseSyslogPlace(text);
  if (place === undefined) node.field(SYSLOG.name).fail(SYSLOG_EXAMPLES);
  return place;
}

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
      file: fileOption(node, FILE),
      fileMaxBytes: Math.round(node.option(FILE_MEGABYTES) * 1024 * 1024),
      fileKeep: node.option(FILE_KEEP),
      syslog: syslogPlace(node),
      priorities: node.option(PRIORITIES),
    };
  },
  schema: () => optionsSchema(LOG_SECTION.help, OPTIONS),
};
