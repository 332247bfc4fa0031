import type { LogLevel, LogLine } from "../../base/log.ts";
import { messageText } from "./print_line.ts";

/** RFC 5424, 6.2.1: severities. Also the priorities of sd-daemon(3). */
export const SEVERITIES: Readonly<Record<LogLevel, number>> = { error: 3, warn: 4, info: 6, debug: 7 };

/** Facility 3, system daemons. */
const FACILITY = 3;
/** RFC 5424, 6.1: receivers take 2048 octets at least. */
const SYSLOG_MAX = 2000;
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const encoder = new TextEncoder();

/** Who says it. */
export interface SyslogSender {
  readonly host: string;
  readonly pid: number;
}

/** RFC 5424, 6: one message for a server in the network. */
export function encodeSyslog(line: LogLine, sender: SyslogSender): Uint8Array {
  const time = new Date(line.at).toISOString();
  const part = field(line.part, 32);
  const head = `<${priority(line)}>1 ${time} ${field(sender.host, 255)} fogcast ${sender.pid} ${part} - `;
  return cut(head + messageText(line));
}

/** What syslog(3) sends to the machine's own `/dev/log`: time without a year, local, and no host. */
export function encodeLocalSyslog(line: LogLine, sender: SyslogSender): Uint8Array {
  const at = new Date(line.at);
  const two = (n: number) => String(n).padStart(2, "0");
  const day = String(at.getDate()).padStart(2, " ");
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  const head = `<${priority(line)}>${MONTHS[at.getMonth()]} ${day} ${time} fogcast[${sender.pid}]: `;
  return cut(`${head}${line.part}: ${messageText(line)}`);
}

function priority(line: LogLine): number {
  return FACILITY * 8 + SEVERITIES[line.level];
}

/** RFC 5424, 6: printable ASCII without spaces; `-` where there is none. */
function field(text: string, most: number): string {
  return text.replace(/[^\x21-\x7e]/g, "").slice(0, most) || "-";
}

/** Cut between characters, not in one. */
function cut(text: string): Uint8Array {
  const bytes = encoder.encode(text);
  if (bytes.length <= SYSLOG_MAX) return bytes;
  let end = SYSLOG_MAX;
  while (((bytes[end] as number) & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
