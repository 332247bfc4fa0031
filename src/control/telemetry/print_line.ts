import type { LogLevel, LogLine } from "../../base/log.ts";
import { maskUrl } from "../../base/mask_url.ts";

export type LogFormat = "text" | "json";

/** Longest message that is printed; what is cut is marked with `…`. */
export const MESSAGE_MAX = 4000;

const WORDS: Readonly<Record<LogLevel, string>> = {
  debug: "DEBUG",
  info: "INFO ",
  warn: "WARN ",
  error: "ERROR",
};
const COLOURS: Readonly<Record<LogLevel, string>> = {
  debug: "\x1b[90m",
  info: "\x1b[32m",
  warn: "\x1b[33m",
  error: "\x1b[31m",
};
const DIM = "\x1b[90m";
const BOLD = "\x1b[1m";
const RESET = "\x1b[0m";

/** One line with its line break: text such as `2026-01-02 03:04:05.678 INFO  rtsp  cam1: playing`, or JSON. Times are UTC. */
export function printLogLine(line: LogLine, format: LogFormat, colour: boolean): string {
  if (format === "json") return `${JSON.stringify(jsonOf(line))}\n`;
  const time = timeOf(line.at).replace("T", " ").replace("Z", "");
  const word = WORDS[line.level];
  const part = tidy(line.part).padEnd(5);
  const stream = line.stream === "" ? "" : `${tidy(line.stream)}: `;
  const message = tidy(line.message);
  if (!colour) return `${time} ${word} ${part} ${stream}${message}\n`;
  const shown = stream === "" ? "" : `${BOLD}${stream}${RESET}`;
  return `${DIM}${time}${RESET} ${
    COLOURS[line.level]
  }${word}${RESET} ${DIM}${part}${RESET} ${shown}${message}\n`;
}

/** The stream and the message, without what would break a line. */
export function messageText(line: LogLine): string {
  return line.stream === "" ? tidy(line.message) : `${tidy(line.stream)}: ${tidy(line.message)}`;
}

function jsonOf(line: LogLine): Readonly<Record<string, string>> {
  const { level, stream, part } = line;
  const message = clip(maskUrl(line.message));
  return stream === ""
    ? { time: timeOf(line.at), level, part, message }
    : { time: timeOf(line.at), level, part, stream, message };
}

/** ISO 8601 in UTC with milliseconds; the epoch for a time that is none. */
function timeOf(at: number): string {
  return new Date(Number.isFinite(at) && Math.abs(at) < 8.64e15 ? at : 0).toISOString();
}

/** What peers say must not break lines or steer the terminal: control characters are written as escapes. */
function tidy(text: string): string {
  const clipped = clip(maskUrl(text));
  // deno-lint-ignore no-control-regex
  return clipped.replace(/[\x00-\x1f\x7f-\x9f\u2028\u2029]/g, (c) => {
    if (c === "\n") return "\\n";
    if (c === "\r") return "\\r";
    if (c === "\t") return " ";
    return `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

function clip(text: string): string {
  return text.length > MESSAGE_MAX ? `${text.slice(0, MESSAGE_MAX)}…` : text;
}
