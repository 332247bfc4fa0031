import type { Override } from "../config/overlay.ts";
import { didYouMean } from "../config/suggest.ts";
import type { Command } from "./commands/command.ts";
import type { CommandEntry } from "./commands/entry.ts";
import { CONFIG } from "./commands/flags.ts";
import { COMMANDS } from "./commands/table.ts";

export type { Command, ServeFlags } from "./commands/command.ts";

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
  const made = entry.make({ config: config ?? "", argument, flags: given, overrides });
  return typeof made === "string" ? usage(`fogcast ${entry.name} ${made}`, hint) : made;
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
