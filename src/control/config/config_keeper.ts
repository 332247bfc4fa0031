import type { ConfigError, DecidedValue } from "../../config/config_error.ts";
import type { ConfigChange } from "../../config/diff.ts";
import type { Config } from "../../config/sections/table.ts";

/** Sets (`value`) or removes (`undefined`) what stands at `path`, such as `["streams", "cam1", "alwaysOn"]`. */
export interface ConfigEdit {
  readonly path: readonly string[];
  /** Plain data as YAML or JSON has it: text, numbers, booleans, null, lists, mappings. */
  readonly value: unknown;
}

export type ReloadAnswer =
  | { readonly ok: true; readonly change: ConfigChange }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

export type ChangeAnswer =
  | { readonly ok: true; readonly change: ConfigChange; readonly written: readonly string[] }
  | { readonly ok: false; readonly reason: string; readonly errors: readonly ConfigError[] };

/** Called after the configuration changed. What it throws is logged; the new configuration counts all the same. */
export type ChangeListener = (after: Config, change: ConfigChange) => void | Promise<void>;

/** The running configuration, and the only way to change it. Changes are made one after the other. */
export interface ConfigKeeper {
  readonly current: Config;
  /** Every value with its origin, secrets masked. */
  readonly decided: readonly DecidedValue[];
  /**
   * Reads all files again and applies what differs; `why` is for the log. A faulty configuration is refused whole: the
   * running one stays. Resolves when every listener is done.
   */
  reload(why: string): Promise<ReloadAnswer>;
  /**
   * Makes all `edits` or none: in the files that the keys came from, comments and order kept, then in the running
   * configuration. Refused, with nothing changed anywhere, when a file is read-only, cannot be written or is faulty on
   * the disk, when a value is invalid, and when the environment or the command line decides the key.
   */
  change(edits: readonly ConfigEdit[]): Promise<ChangeAnswer>;
  onChange(run: ChangeListener): void;
}
