import { readdirSync, readFileSync } from "node:fs";
import { readSource } from "../architecture/source_text.ts";
import type { FuzzTarget } from "./target.ts";

const TOP = new URL("../../", import.meta.url).pathname;

/** A decoder found in the sources, by its declaration. */
export interface FoundDecoder {
  readonly name: string;
  readonly source: string;
  readonly input: "bytes" | "text";
  readonly throws: readonly string[];
}

const FUNCTION =
  /^export function ((?:decode|describe|parse|split|remove|unpack)[A-Z]\w*)\s*(?:<[^>]*>)?\(([^)]*)\)/gm;
const BYTES = /^\s*\w+\s*:\s*Uint8Array\s*$/;
const TEXT = /^\s*\w+\s*:\s*string\s*$/;

/**
 * Decoders in a source file that take bytes or a text alone (further parameters have defaults). What each may throw is
 * read from the comment above it: "throws {@link Truncated}" allows that class.
 */
export function findDecoders(source: string, text: string): FoundDecoder[] {
  const found: FoundDecoder[] = [];
  const { code } = readSource(text);
  for (const match of code.matchAll(FUNCTION)) {
    const [first, ...others] = splitParameters(match[2] as string);
    if (first === undefined || !others.every((p) => p.includes("=") || p.includes("?:"))) continue;
    const input = BYTES.test(first) ? "bytes" : TEXT.test(first) ? "text" : undefined;
    if (input === undefined) continue;
    const doc = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(text.slice(0, match.index))?.[1] ?? "";
    found.push({ name: match[1] as string, source, input, throws: readThrows(doc) });
  }
  return found;
}

/** Classes named after "Throws" in a comment: `Throws Truncated or {@link RangeError}`. */
export function readThrows(comment: string): string[] {
  const sentences = comment.replaceAll(/\n\s*\*/g, " ").matchAll(/\b[Tt]hrows\s([^.]*)/g);
  return [...sentences].flatMap((
    s,
  ) => [...(s[1] as string).matchAll(/\b(?:[A-Z]\w*Error|Truncated|[A-Z]\w+)\b/g)])
    .map((m) => m[0]).filter((name) => name !== "Never");
}

function splitParameters(text: string): string[] {
  return text.split(/,(?![^{<]*[}>])/).filter((p) => p.trim() !== "");
}

/** Targets for every decoder of `wire/` that can be called with bytes or a text alone. */
export async function discoverTargets(): Promise<FuzzTarget[]> {
  const targets: FuzzTarget[] = [];
  const decoder = new TextDecoder();
  for (const { path, text } of wireSources()) {
    const decoders = findDecoders(path, text);
    if (decoders.length === 0) continue;
    const module: Record<string, unknown> = await import(TOP + path);
    for (const { name, source, input, throws } of decoders) {
      const decode = module[name];
      if (typeof decode !== "function") throw new Error(`${source} does not export ${name}`);
      const run = input === "bytes"
        ? (bytes: Uint8Array): unknown => decode(bytes)
        : (bytes: Uint8Array): unknown => decode(decoder.decode(bytes));
      const file = source.slice("src/wire/".length, -".ts".length).replaceAll("/", ".");
      targets.push({ name: `${file}.${name}`, source, throws, run });
    }
  }
  return targets;
}

/** Every source file of `wire/`. */
export function wireSources(): { path: string; text: string }[] {
  return readdirSync(`${TOP}src/wire`, { recursive: true }).map(String).filter((n) => n.endsWith(".ts"))
    .sort()
    .map((name) => ({ path: `src/wire/${name}`, text: readFileSync(`${TOP}src/wire/${name}`, "utf8") }));
}
