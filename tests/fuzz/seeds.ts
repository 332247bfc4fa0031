import { existsSync, readdirSync, readFileSync } from "node:fs";

const TOP = new URL("../../", import.meta.url).pathname;
/** Most seeds of one target, and the longest. */
const SEEDS_MAX = 400;
const SEED_MAX = 8 * 1024;
const HEX = /^(?:[0-9a-fA-F]{2}[\s:]*){4,}$/;
const encoder = new TextEncoder();

/**
 * Seeds from the tests that mirror a source file: for `src/wire/codec/h264/sps.ts` those in `tests/wire/codec/h264/`, else
 * of the nearest folder above that has some. Case files (`*_cases.ts`) are imported, and every byte array and text in
 * them taken; from other files the hexadecimal texts, byte lists and texts are taken as they stand there.
 */
export async function seedsFor(source: string): Promise<Uint8Array[]> {
  const words = source.replace(/\.ts$/, "").split("/").slice(-2);
  let folder = source.replace(/^src\//, "tests/").replace(/\/[^/]*$/, "");
  while (folder.includes("/")) {
    const files = await seedsIn(folder);
    // Files that are about the same thing first, case tables before the rest: there is room for so many only.
    const rank = (name: string) =>
      (words.some((w) => name.includes(w)) ? 0 : 2) + (name.endsWith("_cases.ts") ? 0 : 1);
    const sorted = [...files].sort((a, b) => rank(a.name) - rank(b.name));
    const seeds = sorted.flatMap((f) => f.seeds).slice(0, SEEDS_MAX);
    if (seeds.length > 0) return seeds;
    folder = folder.slice(0, folder.lastIndexOf("/"));
  }
  return [];
}

interface SeedFile {
  readonly name: string;
  readonly seeds: readonly Uint8Array[];
}

const known = new Map<string, Promise<SeedFile[]>>();

function seedsIn(folder: string): Promise<SeedFile[]> {
  let seeds = known.get(folder);
  if (seeds === undefined) {
    seeds = collect(folder);
    known.set(folder, seeds);
  }
  return seeds;
}

async function collect(folder: string): Promise<SeedFile[]> {
  if (!existsSync(TOP + folder)) return [];
  const files: SeedFile[] = [];
  for (const name of readdirSync(TOP + folder, { recursive: true }).map(String).sort()) {
    const seeds = new Map<string, Uint8Array>();
    const take = (bytes: Uint8Array) => {
      if (bytes.length >= 1 && bytes.length <= SEED_MAX) seeds.set(bytes.join(), Uint8Array.from(bytes));
    };
    const path = `${TOP}${folder}/${name}`;
    if (name.endsWith("_cases.ts")) {
      const cases: Record<string, unknown> = await import(path);
      walk(cases, take, new Set());
    }
    if (name.endsWith(".ts")) harvest(readFileSync(path, "utf8"), take);
    files.push({ name, seeds: [...seeds.values()] });
  }
  return files;
}

/** Every byte array and text in a value, however deep. */
function walk(value: unknown, take: (bytes: Uint8Array) => void, seen: Set<unknown>): void {
  if (typeof value === "string") takeText(value, take);
  if (typeof value !== "object" || value === null || seen.has(value)) return;
  seen.add(value);
  if (value instanceof Uint8Array) take(value);
  else if (value instanceof Map) { for (const inner of value.values()) walk(inner, take, seen); }
  else for (const inner of Object.values(value)) walk(inner, take, seen);
}

/** Byte lists and texts as they stand in a source file. */
export function harvest(text: string, take: (bytes: Uint8Array) => void): void {
  for (const match of text.matchAll(/[[(]((?:\s*(?:0x[0-9a-fA-F]{1,2}|\d{1,3})\s*,?){4,})[\])]/g)) {
    const numbers = (match[1] as string).split(",").map((n) => n.trim()).filter((n) => n !== "").map(Number);
    if (numbers.every((n) => n >= 0 && n <= 255)) take(Uint8Array.from(numbers));
  }
  for (const match of text.matchAll(/"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\$]|\\.)*)`/g)) {
    const raw = match[1] ?? match[2] ?? "";
    takeText(raw.replaceAll("\\r", "\r").replaceAll("\\n", "\n").replaceAll('\\"', '"'), take);
  }
}

function takeText(text: string, take: (bytes: Uint8Array) => void): void {
  if (text.length < 4) return;
  take(encoder.encode(text));
  if (!HEX.test(text)) return;
  const digits = text.replaceAll(/[\s:]/g, "");
  take(
    Uint8Array.from({ length: digits.length / 2 }, (_, i) => parseInt(digits.slice(i * 2, i * 2 + 2), 16)),
  );
}
