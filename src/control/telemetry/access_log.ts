import type { Log } from "../../base/log.ts";
import { type SessionRow, sessionTags } from "../session/session_row.ts";
import type { LineFile, LineFileSettings } from "./log_outputs.ts";

export interface AccessLogSettings {
  /** `LOG`, a path of a CSV file, or empty. */
  readonly target: string;
  readonly maxBytes: number;
  readonly keep: number;
}

export interface AccessLogPorts {
  readonly log: Log;
  openFile(settings: LineFileSettings, failed: (why: string) => void): LineFile;
}

/** One line for each viewer's session that ended, in the fields of the reference (REFERENCE.md, 12). */
export class AccessLog {
  readonly #ports: AccessLogPorts;
  #settings: AccessLogSettings = { target: "", maxBytes: 0, keep: 0 };
  #file: LineFile | undefined;

  constructor(ports: AccessLogPorts) {
    this.#ports = ports;
  }

  /** New settings at run time. */
  async set(settings: AccessLogSettings): Promise<void> {
    if (JSON.stringify(settings) === JSON.stringify(this.#settings)) return;
    const before = this.#file;
    this.#settings = settings;
    const { target, maxBytes, keep } = settings;
    this.#file = target === "" || target === "LOG"
      ? undefined
      : this.#ports.openFile({ path: target, maxBytes, keep }, (why) => this.#ports.log.error(why));
    await before?.close();
  }

  put(row: SessionRow): void {
    if (row.kind === "input" || this.#settings.target === "") return;
    if (this.#file === undefined) this.#ports.log.info(printAccessLine(row));
    else this.#file.write(printAccessCsv(row));
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }
}

/** As it stands in the log. */
export function printAccessLine(row: SessionRow): string {
  const { seconds, up, down } = ratesOf(row);
  return `session ${row.id} ${row.stream} (${row.protocol}) from ${row.remote} ended after ${seconds} s, ` +
    `avg ${up} KB/s up ${down} KB/s down, tags: [${tagsOf(row)}]`;
}

/** RFC 4180, 2: date, session, stream, connectors, host, seconds, KB/s up, KB/s down, tags. */
export function printAccessCsv(row: SessionRow): string {
  const { seconds, up, down } = ratesOf(row);
  const date = new Date(row.lastSeenAt).toISOString().replace("T", " ").slice(0, 19);
  const fields = [date, row.id, row.stream, row.protocol, row.remote, seconds, up, down, tagsOf(row)];
  return `${fields.map((f) => csvField(String(f))).join(", ")}\n`;
}

function tagsOf(row: SessionRow): string {
  return sessionTags(row).join(", ");
}

/** The server's view: up is what it sent. A session of one request lasted a second at least. */
function ratesOf(row: SessionRow): { seconds: number; up: string; down: string } {
  const seconds = Math.max(1, Math.round((row.lastSeenAt - row.startedAt) / 1000));
  const rate = (bytes: number) => (bytes / 1000 / seconds).toFixed(1);
  return { seconds, up: rate(row.bytesOut), down: rate(row.bytesIn) };
}

/** Quoted where it must be; what spreadsheets take for a formula is made text, and line breaks spaces. */
function csvField(text: string): string {
  // deno-lint-ignore no-control-regex
  let safe = text.replace(/[\x00-\x1f\x7f]/g, " ");
  if (/^[=+@\-]/.test(safe) && !/^-?[\d.]+$/.test(safe)) safe = `'${safe}`;
  return /[",]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
