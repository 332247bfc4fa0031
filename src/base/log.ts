export type LogLevel = "debug" | "info" | "warn" | "error";

/** Where a component says what happened. One line each; the sink adds time, level and stream name. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
  /** False while debug lines are thrown away: ask before building a costly one. */
  readonly debugging: boolean;
}

/** What a log line consists of; `host/` prints it, the control plane keeps the last ones. */
export interface LogLine {
  readonly at: number;
  readonly level: LogLevel;
  /** Stream that it is about; empty when it is about the server. */
  readonly stream: string;
  /** Component, such as `rtsp` or `http`. */
  readonly part: string;
  readonly message: string;
}

const ORDER: Record<LogLevel, number> = { debug: 0, info: 1, warn: 2, error: 3 };

/**
 * Makes a {@link Log} that hands lines of `least` and above to `put`. `now` gives Unix milliseconds. `about` is read with
 * every line: its owner may change the level at run time.
 */
export function makeLog(
  put: (line: LogLine) => void,
  about: { readonly stream: string; readonly part: string; readonly least: LogLevel },
  now: () => number,
): Log {
  const say = (level: LogLevel) => (message: string) => {
    if (ORDER[level] >= ORDER[about.least]) {
      put({ at: now(), level, stream: about.stream, part: about.part, message });
    }
  };
  return {
    debug: say("debug"),
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
    get debugging() {
      return about.least === "debug";
    },
  };
}
