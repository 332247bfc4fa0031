/** Where a value was written. `line` and `column` count from 1; both are 0 for a value from outside any file. */
export interface Origin {
  /** File path, or the name of the environment variable or command line flag. */
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

export type ScalarValue = string | number | boolean | null;

export interface ScalarTree {
  readonly kind: "scalar";
  readonly origin: Origin;
  readonly value: ScalarValue;
  /** As it was written, so that a password of digits keeps its leading zeros. */
  readonly text: string;
  /** `file`: the value is the path of a file that holds the real value (`!file path`). */
  readonly tag: "none" | "file";
  /** Text that came from outside YAML, so `"8080"` may stand for a number and `a,b` for a list. */
  readonly loose: boolean;
  /** Came from `!file` or `${ENV}`: what it says is kept out of everything that is shown. */
  readonly hidden: boolean;
}

export interface ListTree {
  readonly kind: "list";
  readonly origin: Origin;
  readonly items: readonly ConfigTree[];
}

export interface MapEntry {
  /** Where the key stands. */
  readonly origin: Origin;
  readonly value: ConfigTree;
}

export interface MapTree {
  readonly kind: "map";
  readonly origin: Origin;
  readonly entries: ReadonlyMap<string, MapEntry>;
}

/** Configuration as written: no YAML any more, but every value still knows where it stands. */
export type ConfigTree = ScalarTree | ListTree | MapTree;

/** Longest file that is read as configuration. */
export const CONFIG_FILE_MAX = 4 * 1024 * 1024;
/** Deepest nesting of maps and lists in one file. */
export const CONFIG_DEPTH_MAX = 32;
/** Most values of one file after its aliases are written out. */
export const CONFIG_NODES_MAX = 200_000;
/** Most aliases (`*name`) of one file. */
export const CONFIG_ALIASES_MAX = 1000;
/** Errors beyond this many are not reported one by one. */
export const CONFIG_ERRORS_MAX = 100;

/** A scalar from outside any file. */
export function looseScalar(text: string, from: string): ScalarTree {
  const origin = { file: from, line: 0, column: 0 };
  return { kind: "scalar", origin, value: text, text, tag: "none", loose: true, hidden: false };
}

/** `fogcast.yaml:3:5`, or the bare name of what is no file. */
export function printOrigin(origin: Origin): string {
  return origin.line === 0 ? origin.file : `${origin.file}:${origin.line}:${origin.column}`;
}
