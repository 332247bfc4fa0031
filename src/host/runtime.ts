import process from "node:process";

/**
 * The one place that finds out which runtime this is. `bun` and `deno` are the runtime's own global, or undefined; the
 * other files of this folder choose by them.
 */
export const bun: typeof Bun | undefined = typeof Bun === "undefined" ? undefined : Bun;
export const deno: typeof Deno | undefined = bun === undefined && typeof Deno !== "undefined"
  ? Deno
  : undefined;

/** Name and version of the runtime, such as `bun 1.4.5`. */
export const runtimeName: string = bun !== undefined
  ? `bun ${bun.version}`
  : deno !== undefined
  ? `deno ${deno.version.deno}`
  : "unknown runtime";

declare const FOGCAST_COMPILED: boolean | undefined;

/** Whether this is the single executable, not a run from source: compile.sh defines the name. */
export const compiled: boolean = typeof FOGCAST_COMPILED !== "undefined";

/** Where the binary keeps what was put into it, by its path in the repository. */
export const EMBEDDED_ROOT = "/$bunfs/root";

interface NodeModules {
  "node:child_process": typeof import("node:child_process");
  "node:crypto": typeof import("node:crypto");
  "node:dgram": typeof import("node:dgram");
  "node:fs": typeof import("node:fs");
  "node:net": typeof import("node:net");
  "node:process": typeof import("node:process");
  "node:tls": typeof import("node:tls");
  "node:url": typeof import("node:url");
  "node:worker_threads": typeof import("node:worker_threads");
}

/**
 * A node module that is loaded where it is needed and not before: under Bun, each of them costs each thread that
 * imports it 0.5 to 1.6 MB.
 */
export function nodeModule<Name extends keyof NodeModules>(name: Name): NodeModules[Name] {
  return process.getBuiltinModule(name) as NodeModules[Name];
}
