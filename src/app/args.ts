import type { Override } from "../config/overlay.ts";
import { didYouMean } from "../config/suggest.ts";
import type { AccountFlags } from "./account_commands.ts";

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

interface Flag {
  readonly name: string;
  /** What the value is called in the help; empty where the flag takes none. */
  readonly value: string;
  readonly help: string;
  /** Key of the configuration that the flag overrides. */
  readonly key?: readonly string[];
  /** The value as the configuration has it; undefined when it is wrong. */
  readonly check?: (value: string) => string | undefined;
  readonly expected?: string;
}

const choice = (...values: string[]) => (value: string) => values.includes(value) ? value : undefined;

const CONFIG: Flag = { name: "--config", value: "PATH", help: "Configuration: a file, or a folder of files" };
const OVERRIDES: readonly Flag[] = [
  {
    name: "--port",
    value: "N",
    help: "HTTP port, in place of the configured addresses; 0 takes any free one",
    key: ["http", "listen"],
    check: (value) => /^\d{1,5}$/.test(value) && Number(value) <= 65535 ? `:${Number(value)}` : undefined,
    expected: "a port from 0 to 65535",
  },
  {
    name: "--log-level",
    value: "L",
    help: "debug, info, warn or error",
    key: ["log", "level"],
    check: choice("debug", "info", "warn", "error"),
    expected: "debug, info, warn or error",
  },
  {
    name: "--log-format",
    value: "F",
    help: "text or json",
    key: ["log", "format"],
    check: choice("text", "json"),
    expected: "text or json",
  },
];
const TO: Flag = { name: "--to", value: "FOLDER", help: "Where the files go; must be new or empty" };
const TAP: Flag = { name: "--tap", value: "DIR", help: "Write everything received to DIR, as test vectors" };
const NO_GUARDIAN: Flag = {
  name: "--no-guardian",
  value: "",
  help: "No supervising process, for containers",
};

const STATE: Flag = {
  name: "--state",
  value: "DIR",
  help: "Folder for crash reports, in place of ~/.local/state/fogcast",
};
const LEAVE: Flag = {
  name: "--leave",
  value: "SECONDS",
  help: "How long viewers of the old server may take to finish after an upgrade; 30",
  check: (value) => /^\d{1,5}$/.test(value) ? value : undefined,
  expected: "seconds from 0 to 99999",
};
const PID: Flag = {
  name: "--pid",
  value: "N",
  help: "Which guardian, where several run",
  check: (value) => /^\d{1,9}$/.test(value) ? value : undefined,
  expected: "the number of a process",
};
const PRINT: Flag = { name: "--print", value: "", help: "Print what would be written, and write nothing" };
const UNIT_CONFIG: Flag = {
  name: "--config",
  value: "PATH",
  help: "Configuration of the service, in place of /etc/fogcast",
};
const URL_FLAG: Flag = {
  name: "--url",
  value: "URL",
  help: "What to ask, in place of the API or the HTTP port of the configuration",
  check: (value) => URL.canParse(value) ? value : undefined,
  expected: "a URL",
};

const LEGACY: Flag = { name: "--legacy-login", value: "", help: "Keep what the MD5 login needs too" };
const TOKEN: Flag = {
  name: "--token",
  value: "",
  help: "Make and print a bearer token, in place of a password",
};

interface CommandEntry {
  readonly name: string;
  /** What an argument without a flag is called in the help; left out where there is none. */
  readonly argument?: string;
  readonly help: string;
  readonly flags: readonly Flag[];
  readonly needsConfig: boolean;
}

const COMMANDS: readonly CommandEntry[] = [
  {
    name: "serve",
    help: "Run the server",
    flags: [CONFIG, ...OVERRIDES, TAP, NO_GUARDIAN, STATE, LEAVE],
    needsConfig: true,
  },
  {
    name: "demo",
    help: "Run the server with a camera of its own",
    flags: [...OVERRIDES, TAP, NO_GUARDIAN],
    needsConfig: false,
  },
  { name: "check", help: "Check a configuration and say what is wrong", flags: [CONFIG], needsConfig: true },
  {
    name: "config show",
    help: "Print the merged configuration, each value with its origin",
    flags: [CONFIG, ...OVERRIDES],
    needsConfig: true,
  },
  {
    name: "config schema",
    help: "Print the JSON Schema of the configuration, for editors",
    flags: [],
    needsConfig: false,
  },
  {
    name: "config split",
    help: "Turn a configuration file into a folder, one file a section",
    flags: [CONFIG, TO],
    needsConfig: true,
  },
  {
    name: "account add",
    argument: "NAME",
    help: "Add an account of the API; its password is read from the standard input",
    flags: [CONFIG, LEGACY, TOKEN],
    needsConfig: true,
  },
  {
    name: "upgrade",
    argument: "PATH",
    help: "Swap the running server for another program without dropping anyone",
    flags: [PID, STATE],
    needsConfig: false,
  },
  {
    name: "crashes",
    argument: "NAME",
    help: "List the reports of servers that died, or show one (`last` for the newest)",
    flags: [STATE],
    needsConfig: false,
  },
  {
    name: "install",
    help: "Set up a systemd service and an example configuration",
    flags: [PRINT, UNIT_CONFIG],
    needsConfig: false,
  },
  {
    name: "healthcheck",
    help: "Exit code 0 when the server of a configuration serves, else 1; for containers",
    flags: [CONFIG, URL_FLAG],
    needsConfig: false,
  },
  ...([["vitals", "the server and its machine"], ["stream", "one stream"], [
    "streams",
    "all streams",
  ]] as const)
    .map(([which, what]): CommandEntry => ({
      name: `dashboard ${which}`,
      help: `Print a Grafana dashboard of ${what}`,
      flags: [],
      needsConfig: false,
    })),
];

/**
 * Reads the command line, the program's name left out. `fogcast COMMAND --help` describes one command. A mistake gives
 * `usage`, with a hint at what was probably meant.
 */
export function parseArgs(args: readonly string[]): Command {
  const words: string[] = [];
  for (const arg of args) {
    if (arg.startsWith("-") || words.length === 2) break;
    words.push(arg);
  }
  const two = COMMANDS.find((c) => c.name === words.join(" "));
  const entry = two ?? COMMANDS.find((c) => c.name === words[0]);
  const flags = args.slice(entry === undefined ? words.length : entry.name.split(" ").length);
  if (words[0] === "help" || flags.some((f) => f === "--help" || f === "-h")) {
    const about = words[0] === "help" ? COMMANDS.find((c) => c.name === args.slice(1).join(" ")) : entry;
    return { name: "help", text: about === undefined ? printHelp() : printCommandHelp(about) };
  }
  if (entry === undefined) {
    if (words[0] === "version" || flags[0] === "--version" || flags[0] === "-V") return { name: "version" };
    return usage(describeUnknown(words, flags), "fogcast --help lists the commands");
  }
  return parseFlags(entry, flags);
}

function describeUnknown(words: readonly string[], flags: readonly string[]): string {
  if (words.length === 0) {
    return flags[0] === undefined ? "no command given" : `expected a command before ${flags[0]}`;
  }
  const group = COMMANDS.filter((c) => c.name.startsWith(`${words[0]} `)).map((c) => c.name);
  if (group.length > 0) {
    const given = words[1] === undefined ? "" : `unknown command ${words.join(" ")}: `;
    return `${given}expected ${group.join(" or ")}`;
  }
  const names = [
    ...COMMANDS.map((c) => c.name),
    ...COMMANDS.map((c) => c.name.split(" ")[0] as string),
    "help",
  ];
  return `unknown command ${words[0]}${didYouMean(words[0] as string, names)}`;
}

function parseFlags(entry: CommandEntry, args: readonly string[]): Command {
  const hint = `fogcast ${entry.name} --help describes the command`;
  const given = new Map<string, string>();
  let argument: string | undefined;
  const overrides: Override[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const equals = arg.startsWith("--") ? arg.indexOf("=") : -1;
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const flag = entry.flags.find((f) => f.name === name);
    if (
      flag === undefined && entry.argument !== undefined && !name.startsWith("-") && argument === undefined
    ) {
      argument = arg;
      continue;
    }
    if (flag === undefined) {
      const word = name.startsWith("-") ? "option" : "argument";
      return usage(`unknown ${word} ${name}${didYouMean(name, entry.flags.map((f) => f.name))}`, hint);
    }
    if (given.has(name)) return usage(`${name} is given twice`, hint);
    let value = equals < 0 ? "" : arg.slice(equals + 1);
    if (flag.value === "" && equals >= 0) return usage(`${name} takes no value`, hint);
    if (flag.value !== "" && equals < 0) {
      value = args[++i] ?? "";
      if (value.startsWith("--")) return usage(`${name} needs a value: ${name} ${flag.value}`, hint);
    }
    if (flag.value !== "" && value === "") return usage(`${name} needs a value: ${name} ${flag.value}`, hint);
    given.set(name, value);
    const checked = flag.check === undefined ? value : flag.check(value);
    if (checked === undefined) {
      return usage(`${name}: expected ${flag.expected}, got ${JSON.stringify(value)}`, hint);
    }
    if (flag.key !== undefined) overrides.push({ path: flag.key, value: checked, from: name });
  }
  const config = given.get(CONFIG.name);
  if (entry.needsConfig && config === undefined) {
    return usage(`fogcast ${entry.name} needs --config PATH`, hint);
  }
  if (entry.flags.includes(TO)) {
    const to = given.get(TO.name);
    if (to === undefined) return usage(`fogcast ${entry.name} needs --to FOLDER`, hint);
    return { name: "config split", config: config ?? "", to };
  }
  if (entry.name === "account add") {
    if (argument === undefined) return usage("fogcast account add needs the NAME of the account", hint);
    const [legacyLogin, token] = [given.has(LEGACY.name), given.has(TOKEN.name)];
    return { name: "account add", config: config ?? "", account: argument, legacyLogin, token };
  }
  const other = makeOtherCommand(entry.name, argument, given);
  if (other !== undefined) return other;
  return makeCommand(entry.name, config ?? "", {
    overrides,
    tap: given.get(TAP.name),
    guardian: !given.has(NO_GUARDIAN.name),
    state: given.get(STATE.name),
    leaveSeconds: Number(given.get(LEAVE.name) ?? 30),
  });
}

/** Commands beside the server. */
function makeOtherCommand(
  name: string,
  argument: string | undefined,
  given: ReadonlyMap<string, string>,
): Command | undefined {
  const state = given.get(STATE.name);
  switch (name) {
    case "upgrade": {
      const pid = given.get(PID.name);
      return { name, state, path: argument, pid: pid === undefined ? undefined : Number(pid) };
    }
    case "crashes":
      return { name, state, which: argument };
    case "install":
      return { name, print: given.has(PRINT.name), config: given.get(UNIT_CONFIG.name) ?? "/etc/fogcast" };
    case "healthcheck":
      return { name, url: given.get(URL_FLAG.name), config: given.get(CONFIG.name) };
    case "dashboard vitals":
    case "dashboard stream":
    case "dashboard streams":
      return { name };
    default:
      return undefined;
  }
}

function makeCommand(name: string, config: string, flags: ServeFlags): Command {
  switch (name) {
    case "serve":
      return { name, config, ...flags };
    case "demo":
      return { name, ...flags };
    case "check":
      return { name, config };
    case "config show":
      return { name, config, overrides: flags.overrides };
    case "config schema":
      return { name };
    default:
      throw new Error(`Command ${name} has no result`);
  }
}

function usage(what: string, hint: string): Command {
  return { name: "usage", message: `fogcast: ${what}\n${hint}\n` };
}

function printHelp(): string {
  const rows = COMMANDS.map((c): [string, string] => [c.name, c.help]);
  return `Streaming media server: any input, any output, no re-encoding, one frame later

Usage: fogcast COMMAND [OPTIONS]

${printRows(rows)}

  ${"--help".padEnd(WIDTH)}  This text; after a command, its options
  ${"--version".padEnd(WIDTH)}  Version of the program

Exit codes: 0 success, 1 failure, 2 wrong usage or configuration
`;
}

function printCommandHelp(entry: CommandEntry): string {
  const argument = entry.argument === undefined ? "" : ` [${entry.argument}]`;
  const required = argument + (entry.needsConfig ? " --config PATH" : "");
  const options = entry.flags.length > (entry.needsConfig ? 1 : 0) ? " [OPTIONS]" : "";
  const rows = entry.flags.map((f): [string, string] => [`${f.name} ${f.value}`.trim(), f.help]);
  return `${entry.help}\n\nUsage: fogcast ${entry.name}${required}${options}\n${
    rows.length === 0 ? "" : `\n${printRows(rows)}\n`
  }`;
}

/** Width of the column of names. */
const WIDTH = 17;

function printRows(rows: readonly [string, string][]): string {
  return rows.map(([name, help]) => `  ${name.padEnd(WIDTH)}  ${help}`).join("\n");
}
