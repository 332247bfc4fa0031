/** How many of the dead server's last lines a report keeps. */
export const CRASH_LINES = 100;
/** How many reports are kept; the oldest go first. */
export const CRASH_REPORTS = 50;

export interface Crash {
  /** Unix milliseconds. */
  readonly at: number;
  readonly pid: number;
  /** Such as `killed by SIGKILL` or `hung: no heartbeat for 3.1 s`. */
  readonly why: string;
  /** How long it ran. */
  readonly aliveMillis: number;
  readonly version: string;
  /** Its last lines, oldest first. */
  readonly lines: readonly string[];
}

/** Name of the report's file: sorts by time. */
export function crashName(crash: Crash): string {
  return `crash-${new Date(crash.at).toISOString().replace(/[:.]/g, "-")}-${crash.pid}.txt`;
}

/** The report as a person reads it: a head of `key: value` lines, an empty line, the last lines of the server. */
export function printCrash(crash: Crash): string {
  return [
    `time: ${new Date(crash.at).toISOString()}`,
    `why: ${crash.why}`,
    `alive: ${(crash.aliveMillis / 1000).toFixed(1)} s`,
    `version: ${crash.version}`,
    `pid: ${crash.pid}`,
    "",
    ...crash.lines,
    "",
  ].join("\n");
}

/** The head of a report as one line of a list; undefined when the text is no report. */
export function summarizeCrash(text: string): string | undefined {
  const head = new Map<string, string>();
  for (const line of text.split("\n")) {
    if (line === "") break;
    const colon = line.indexOf(": ");
    if (colon > 0) head.set(line.slice(0, colon), line.slice(colon + 2));
  }
  const time = head.get("time"), why = head.get("why");
  if (time === undefined || why === undefined) return undefined;
  return `${time}  ${why}, after ${head.get("alive") ?? "?"}, version ${head.get("version") ?? "?"}`;
}

/** Which of the reports in a folder are to be removed so that {@link CRASH_REPORTS} stay. */
export function outdatedCrashes(names: readonly string[]): readonly string[] {
  const reports = names.filter(isCrashName).sort();
  return reports.slice(0, Math.max(0, reports.length - CRASH_REPORTS));
}

export function isCrashName(name: string): boolean {
  return /^crash-[0-9TZ-]+\.txt$/.test(name);
}

/** The last lines of a server. */
export class LastLines {
  readonly #lines: string[] = [];

  put(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > CRASH_LINES) this.#lines.shift();
  }

  get all(): readonly string[] {
    return [...this.#lines];
  }
}
