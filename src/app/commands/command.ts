import type { Override } from "../../config/overlay.ts";
import type { AccountFlags } from "../account_commands.ts";

/** What the command line asks for. */
export type Command =
  | { readonly name: "serve"; readonly config: string } & ServeFlags
  | { readonly name: "demo" } & ServeFlags
  | { readonly name: "check"; readonly config: string }
  | { readonly name: "config show"; readonly config: string; readonly overrides: readonly Override[] }
  | { readonly name: "config schema" }
  | { readonly name: "config split"; readonly config: string; readonly to: string }
  | { readonly name: "version" }
  /** Under its guardian's state folder: the reports, or one of them (a name, or `last`). */
  | { readonly name: "crashes"; readonly state: string | undefined; readonly which: string | undefined }
  | {
    readonly name: "upgrade";
    readonly state: string | undefined;
    /** New program; undefined: the one that runs now, from its path. */
    readonly path: string | undefined;
    readonly pid: number | undefined;
  }
  | { readonly name: "install"; readonly print: boolean; readonly config: string }
  | { readonly name: "healthcheck"; readonly url: string | undefined; readonly config: string | undefined }
  | { readonly name: "account add" } & AccountFlags
  | { readonly name: "discover" } & DiscoverFlags
  | { readonly name: "dashboard vitals" | "dashboard stream" | "dashboard streams" }
  /** `text` goes to the standard output, exit code 0. */
  | { readonly name: "help"; readonly text: string }
  /** `message` goes to the standard error, exit code 2. */
  | { readonly name: "usage"; readonly message: string };

export interface ServeFlags {
  /** Values that win over the configuration. */
  readonly overrides: readonly Override[];
  /** Folder that everything received is written to; undefined: nothing is. */
  readonly tap: string | undefined;
  /** False: no supervising process. */
  readonly guardian: boolean;
  /** Folder for crash reports and the like; undefined: the usual place. */
  readonly state: string | undefined;
  /** How long viewers of the old server may take to finish after an upgrade. */
  readonly leaveSeconds: number;
}

export interface DiscoverFlags {
  /** Configuration to add streams to; undefined: none. */
  readonly config: string | undefined;
  readonly interfaces: readonly string[];
  /** Login at the cameras; empty: none. */
  readonly user: string;
  readonly seconds: number;
  /** Every stream of a camera. */
  readonly all: boolean;
  /** Add without asking. */
  readonly yes: boolean;
  readonly json: boolean;
}
