import type { LineStyle } from "./messages.ts";

/** Severities of syslog, which the journal knows at the start of a line; see sd-daemon(3). */
const LEVELS = { info: { word: "INFO ", severity: 6 }, warn: { word: "WARN ", severity: 4 } } as const;

/** The guardian's own lines, in the style of the server's, so that a program may read both as one log. */
export class GuardianLog {
  readonly #write: (line: string) => void;
  readonly #wall: () => number;
  #style: LineStyle = { format: "text", priorities: false };

  /** `write` takes a line without its break, `wall` answers Unix milliseconds. */
  constructor(write: (line: string) => void, wall: () => number) {
    this.#write = write;
    this.#wall = wall;
  }

  /** Follows what the server says of its lines. */
  printAs(style: LineStyle): void {
    this.#style = style;
  }

  info(message: string): void {
    this.#print("info", message);
  }

  warn(message: string): void {
    this.#print("warn", message);
  }

  #print(level: keyof typeof LEVELS, message: string): void {
    const time = new Date(this.#wall()).toISOString();
    const { word, severity } = LEVELS[level];
    const line = this.#style.format === "json"
      ? JSON.stringify({ time, level, part: "guard", message })
      : `${time.replace("T", " ").replace("Z", "")} ${word} guard ${message}`;
    this.#write(this.#style.priorities ? `<${severity}>${line}` : line);
  }
}
