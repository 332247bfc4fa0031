import type { Override } from "../config/overlay.ts";
import { configSchema } from "../config/json_schema.ts";
import { loadConfig, type LoadedConfig, type LoadRequest } from "../config/load.ts";
import { showConfig } from "../config/show.ts";
import { environment, printErrorLine, printLine } from "../host/process.ts";
import { PUSH_DESCRIPTORS } from "../egress/push/descriptors.ts";
import { SOURCE_DESCRIPTORS } from "../ingest/descriptors.ts";
import { configStore } from "./config_store.ts";
import { countStreams } from "./count_streams.ts";

/** Exit code for a wrong configuration or command line. */
export const EXIT_USAGE = 2;

/** What the program loads; `path` undefined: defaults, environment and command line alone. */
export function loadRequest(path: string | undefined, overrides: readonly Override[]): LoadRequest {
  return {
    path,
    sources: SOURCE_DESCRIPTORS,
    pushes: PUSH_DESCRIPTORS,
    environment: environment(),
    overrides,
  };
}

function load(path: string | undefined, overrides: readonly Override[]): Promise<LoadedConfig> {
  return loadConfig(configStore, loadRequest(path, overrides));
}

/** Prints every error and warning to the standard error. */
export function printProblems(loaded: LoadedConfig): void {
  for (const warning of loaded.warnings) printErrorLine(`warning: ${warning.message}`);
  for (const error of loaded.errors) printErrorLine(error.message);
  if (loaded.unsaidErrors > 0) printErrorLine(`and ${loaded.unsaidErrors} more`);
}

/** `fogcast check`: answers the exit code. */
export async function check(path: string): Promise<number> {
  const loaded = await load(path, []);
  printProblems(loaded);
  if (loaded.config === undefined) return EXIT_USAGE;
  const streams = loaded.config.streams.size;
  printLine(`${path} is right: ${countStreams(streams)}`);
  return 0;
}

/** `fogcast config show`: answers the exit code. */
export async function configShow(path: string, overrides: readonly Override[]): Promise<number> {
  const loaded = await load(path, overrides);
  printProblems(loaded);
  if (loaded.config === undefined) return EXIT_USAGE;
  printLine(showConfig(loaded.decided).trimEnd());
  return 0;
}

/** `fogcast config schema`. */
export function configSchemaText(): string {
  return JSON.stringify(configSchema(SOURCE_DESCRIPTORS, PUSH_DESCRIPTORS), undefined, 2);
}
