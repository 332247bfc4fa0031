import type { Override } from "../../config/overlay.ts";
import type { Command } from "./command.ts";
import type { Flag } from "./flags.ts";

/** What was given to one command, checked. */
export interface Given {
  /** Value of `--config`; empty where it is left out. */
  readonly config: string;
  /** The argument without a flag. */
  readonly argument: string | undefined;
  /** Values by flag; empty for one that takes none. */
  readonly flags: ReadonlyMap<string, string>;
  readonly overrides: readonly Override[];
}

/** One command. */
export interface CommandEntry {
  readonly name: string;
  /** What an argument without a flag is called in the help; left out where there is none. */
  readonly argument?: string;
  readonly help: string;
  readonly flags: readonly Flag[];
  readonly needsConfig: boolean;
  /** What it comes to; a string says what is missing, behind the command's name. */
  make(given: Given): Command | string;
}
