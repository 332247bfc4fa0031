import type { CommandEntry } from "./entry.ts";
import { CONFIG, LEGACY, OVERRIDES, TO, TOKEN } from "./flags.ts";

/** What reads and changes configurations. */
export const CONFIG_COMMANDS: readonly CommandEntry[] = [
  {
    name: "check",
    help: "Check a configuration and say what is wrong",
    flags: [CONFIG],
    needsConfig: true,
    make: ({ config }) => ({ name: "check", config }),
  },
  {
    name: "config show",
    help: "Print the merged configuration, each value with its origin",
    flags: [CONFIG, ...OVERRIDES],
    needsConfig: true,
    make: ({ config, overrides }) => ({ name: "config show", config, overrides }),
  },
  {
    name: "config schema",
    help: "Print the JSON Schema of the configuration, for editors",
    flags: [],
    needsConfig: false,
    make: () => ({ name: "config schema" }),
  },
  {
    name: "config split",
    help: "Turn a configuration file into a folder, one file a section",
    flags: [CONFIG, TO],
    needsConfig: true,
    make({ config, flags }) {
      const to = flags.get(TO.name);
      return to === undefined ? "needs --to FOLDER" : { name: "config split", config, to };
    },
  },
  {
    name: "account add",
    argument: "NAME",
    help: "Add an account of the API; its password is read from the standard input",
    flags: [CONFIG, LEGACY, TOKEN],
    needsConfig: true,
    make({ config, argument: account, flags }) {
      if (account === undefined) return "needs the NAME of the account";
      const [legacyLogin, token] = [flags.has(LEGACY.name), flags.has(TOKEN.name)];
      return { name: "account add", config, account, legacyLogin, token };
    },
  },
];

const DASHBOARDS = [
  ["dashboard vitals", "the server and its machine"],
  ["dashboard stream", "one stream"],
  ["dashboard streams", "all streams"],
] as const;

/** What prints Grafana dashboards. */
export const DASHBOARD_COMMANDS: readonly CommandEntry[] = DASHBOARDS.map(([name, what]) => ({
  name,
  help: `Print a Grafana dashboard of ${what}`,
  flags: [],
  needsConfig: false,
  make: () => ({ name }),
}));
