import type { ServeFlags } from "./command.ts";
import type { CommandEntry, Given } from "./entry.ts";
import {
  CONFIG,
  LEAVE,
  NO_GUARDIAN,
  OVERRIDES,
  PID,
  PRINT,
  STATE,
  TAP,
  UNIT_CONFIG,
  URL_FLAG,
} from "./flags.ts";

function serveFlags({ flags, overrides }: Given): ServeFlags {
  return {
    overrides,
    tap: flags.get(TAP.name),
    guardian: !flags.has(NO_GUARDIAN.name),
    state: flags.get(STATE.name),
    leaveSeconds: Number(flags.get(LEAVE.name) ?? 30),
  };
}

/** What runs the server. */
export const RUN_COMMANDS: readonly CommandEntry[] = [
  {
    name: "serve",
    help: "Run the server",
    flags: [CONFIG, ...OVERRIDES, TAP, NO_GUARDIAN, STATE, LEAVE],
    needsConfig: true,
    make: (given) => ({ name: "serve", config: given.config, ...serveFlags(given) }),
  },
  {
    name: "demo",
    help: "Run the server with a camera of its own",
    flags: [...OVERRIDES, TAP, NO_GUARDIAN],
    needsConfig: false,
    make: (given) => ({ name: "demo", ...serveFlags(given) }),
  },
];

/** What looks after a server that is installed, or runs. */
export const SERVER_COMMANDS: readonly CommandEntry[] = [
  {
    name: "upgrade",
    argument: "PATH",
    help: "Swap the running server for another program without dropping anyone",
    flags: [PID, STATE],
    needsConfig: false,
    make({ flags, argument: path }) {
      const pid = flags.get(PID.name);
      return {
        name: "upgrade",
        state: flags.get(STATE.name),
        path,
        pid: pid === undefined ? undefined : Number(pid),
      };
    },
  },
  {
    name: "crashes",
    argument: "NAME",
    help: "List the reports of servers that died, or show one (`last` for the newest)",
    flags: [STATE],
    needsConfig: false,
    make: ({ flags, argument: which }) => ({ name: "crashes", state: flags.get(STATE.name), which }),
  },
  {
    name: "install",
    help: "Set up a systemd service and an example configuration",
    flags: [PRINT, UNIT_CONFIG],
    needsConfig: false,
    make: ({ flags }) => ({
      name: "install",
      print: flags.has(PRINT.name),
      config: flags.get(UNIT_CONFIG.name) ?? "/etc/fogcast",
    }),
  },
  {
    name: "healthcheck",
    help: "Exit code 0 when the server of a configuration serves, else 1; for containers",
    flags: [CONFIG, URL_FLAG],
    needsConfig: false,
    make: ({ flags }) => ({
      name: "healthcheck",
      url: flags.get(URL_FLAG.name),
      config: flags.get(CONFIG.name),
    }),
  },
];
