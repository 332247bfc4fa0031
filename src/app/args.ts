import type { Override } from "../config/overlay.ts";
import { didYouMean } from "../config/suggest.ts";

/** What the command line asks for. */
export type Command =
  | { readonly name: "serve"; readonly config: string } & ServeFlags
  | { readonly name: "demo" } & ServeFlags
  | { readonly name: "check"; readonly config: string }
  | { readonly name: "config show"; readonly config: string; readonly overrides: readonly Override[] }
  | { readonly name: "config schema" }
  | { readonly name: "version" }
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
const TAP: Flag = { name: "--tap", value: "DIR", help: "Write everything received to DIR, as test vectors" };
const NO_GUARDIAN: Flag = {
  name: "--no-guardian",
  value: "",
  help: "No supervising process, for containers",
};

interface CommandEntry {
  readonly name: string;
  readonly help: string;
  readonly flags: readonly Flag[];
  readonly needsConfig: boolean;
}

const COMMANDS: readonly CommandEntry[] = [
  {
    name: "serve",
    help: "Run the server",
    flags: [CONFIG, ...OVERRIDES, TAP, NO_GUARDIAN],
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
  const overrides: Override[] = [];
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] as string;
    const equals = arg.startsWith("--") ? arg.indexOf("=") : -1;
    const name = equals < 0 ? arg : arg.slice(0, equals);
    const flag = entry.flags.find((f) => f.name === name);
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
  return makeCommand(entry.name, config ?? "", {
    overrides,
    tap: given.get(TAP.name),
    guardian: !given.has(NO_GUARDIAN.name),
  });
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
  const required = entry.needsConfig ? " --config PATH" : "";
  const options = entry.flags.length > (entry.needsConfig ? 1 : 0) ? " [OPTIONS]" : "";
  const rows = entry.flags.map((f): [string, string] => [`${f.name} ${f.value}`.trim(), f.help]);
  return `${entry.help}\n\nUsage: fogcast ${entry.name}${required}${options}\n${
    rows.length === 0 ? "" : `\n${printRows(rows)}\n`
  }`;
}

/** Width of the column of names. */
const WIDTH = 16;

function printRows(rows: readonly [string, string][]): string {
  return rows.map(([name, help]) => `  ${name.padEnd(WIDTH)}  ${help}`).join("\n");
}
