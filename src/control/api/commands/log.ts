import type { LogLine } from "../../../base/log.ts";
import { maskUrl } from "../../../base/mask_url.ts";
import type { Command } from "../command.ts";

/** Lines that one answer holds. */
export const LOG_LINES = 100;

const KINDS: Readonly<Record<LogLine["level"], string>> = {
  debug: "HIGH",
  info: "INFO",
  warn: "WARN",
  error: "FAIL",
};

/** A line as the reference product has it: time, kind, message, stream, process, program, source line. */
export function printRow(line: LogLine): readonly unknown[] {
  return [
    Math.floor(line.at / 1000),
    KINDS[line.level],
    maskUrl(line.message),
    line.stream,
    0,
    line.part,
    "",
  ];
}

export const log: Command = {
  name: "log",
  help: "The last lines of the log",
  params: { type: "boolean" },
  run: (api) => api.ports.logs.since(api.logsFrom, LOG_LINES).map(printRow),
  rest: [{
    method: "get",
    path: "/v1/log",
    help: "The last lines of the log",
    run: (api) => ({
      lines: api.ports.logs.since(api.logsFrom, 1000).map((line) => ({
        ...line,
        message: maskUrl(line.message),
      })),
    }),
  }],
};

export const clearstatlogs: Command = {
  name: "clearstatlogs",
  help: "Leave out the lines that were logged so far",
  params: { type: "boolean" },
  run(api) {
    api.logsFrom = api.ports.logs.next;
    return undefined;
  },
};
