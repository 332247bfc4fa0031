import { CAMERA_COMMANDS } from "./camera_entries.ts";
import { CONFIG_COMMANDS, DASHBOARD_COMMANDS } from "./config_entries.ts";
import type { CommandEntry } from "./entry.ts";
import { RUN_COMMANDS, SERVER_COMMANDS } from "./server_commands.ts";

/** Every command, in the order in which the help lists them. */
export const COMMANDS: readonly CommandEntry[] = [
  ...RUN_COMMANDS,
  ...CONFIG_COMMANDS,
  ...CAMERA_COMMANDS,
  ...SERVER_COMMANDS,
  ...DASHBOARD_COMMANDS,
];
