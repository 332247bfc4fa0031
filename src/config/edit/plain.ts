import { CONFIG_DEPTH_MAX, CONFIG_NODES_MAX, type ConfigTree } from "../tree.ts";

/** What YAML and JSON can say. Mappings hold no empty values: a key without a value counts as nothing. */
export type Plain = string | number | boolean | readonly Plain[] | PlainMap;
export interface PlainMap {
  readonly [key: string]: Plain;
}

export function isPlainMap(value: unknown): value is PlainMap {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value under `key`; undefined where there is none. */
export function plainField(value: Plain | undefined, key: string): Plain | undefined {
  return isPlainMap(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** A given value as plain data, empty values left out; undefined for nothing at all. Throws for what is no plain data. */
export function plainValue(given: unknown): Plain | undefined {
  let left = CONFIG_NODES_MAX;
  const read = (value: unknown, depth: number): Plain | undefined => {
    if (depth > CONFIG_DEPTH_MAX) throw new Error(`nested deeper than ${CONFIG_DEPTH_MAX} levels`);
    if (--left < 0) throw new Error(`more than ${CONFIG_NODES_MAX} values`);
    if (value === undefined || value === null) return undefined;
    if (typeof value === "string" || typeof value === "boolean") return value;
    if (typeof value === "number") {
      if (!Number.isFinite(value)) throw new Error(`expected a number, got ${value}`);
      return value;
    }
    if (Array.isArray(value)) {
      return value.map((item) => read(item, depth + 1)).filter((item) => item !== undefined);
    }
    if (typeof value !== "object") throw new Error(`expected plain data, got a ${typeof value}`);
    const entries = Object.entries(value).map(([key, item]) => [key, read(item, depth + 1)] as const);
    return Object.fromEntries(entries.filter(([, item]) => item !== undefined)) as PlainMap;
  };
  return read(given, 0);
}

/** What a tree says; `!file path` stands as it was written. */
export function plainTree(tree: ConfigTree | undefined): Plain | undefined {
  if (tree === undefined) return undefined;
  if (tree.kind === "list") return tree.items.map((item) => plainTree(item) ?? "");
  if (tree.kind === "scalar") return tree.tag === "file" ? `!file ${tree.text}` : tree.value ?? undefined;
  const entries = [...tree.entries].map(([key, { value }]) => [key, plainTree(value)] as const);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined)) as PlainMap;
}

/** Equality of what they say: the order of keys does not matter, and an empty mapping is as good as none. */
export function samePlain(a: Plain | undefined, b: Plain | undefined): boolean {
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b);
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => samePlain(item, b[i]));
  }
  if (!isPlainMap(a) || !isPlainMap(b)) return Object.is(a, b);
  return [...new Set([...Object.keys(a), ...Object.keys(b)])]
    .every((key) => samePlain(plainField(a, key), plainField(b, key)));
}

function isNothing(value: Plain | undefined): boolean {
  return value === undefined || (isPlainMap(value) && Object.values(value).every(isNothing));
}

/** `value` at the end of `path`, in mappings of one key each. */
export function nestPlain(path: readonly string[], value: Plain): Plain {
  return path.reduceRight<Plain>((inner, key) => Object.fromEntries([[key, inner]]) as PlainMap, value);
}

/** `root` with `value` at `path`; without what is there for undefined. */
export function withPlain(
  root: Plain | undefined,
  path: readonly string[],
  value: Plain | undefined,
): Plain | undefined {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const inner = withPlain(plainField(root, key), rest, value);
  const others = isPlainMap(root) ? Object.entries(root).filter(([name]) => name !== key) : [];
  const entries = inner === undefined ? others : [...others, [key, inner] as const];
  return Object.fromEntries(entries) as PlainMap;
}
