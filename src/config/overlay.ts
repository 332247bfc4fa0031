import { ConfigError, type ConfigReport } from "./config_error.ts";
import { mergeTrees, wrapTree } from "./merge.ts";
import { type JsonSchema, keysOf } from "./schema.ts";
import { didYouMean, plainKey } from "./suggest.ts";
import { type ConfigTree, looseScalar, type MapTree } from "./tree.ts";

/** A value from the command line, laid on everything else. */
export interface Override {
  /** Keys from the top, such as `["http", "port"]`. */
  readonly path: readonly string[];
  readonly value: string;
  /** What to call it in errors and in `config show`, such as `--port`. */
  readonly from: string;
}

const PREFIX = "FOGCAST_";
const SEPARATOR = "__";

/**
 * Lays `FOGCAST_<SECTION>__<KEY>` variables on `tree`, in order of name. Case and `_` within a key count for nothing:
 * `FOGCAST_BUFFER__MAX_MEGABYTES_PER_TRACK` is `buffer.maxMegabytesPerTrack`, and
 * `FOGCAST_STREAMS__FRONT_DOOR__SOURCE` is the source of `front-door` where that stream is configured. Variables
 * without `__` are not ours to judge; those that look like a slip get a warning.
 */
export function overlayEnvironment(
  tree: MapTree,
  environment: Readonly<Record<string, string | undefined>>,
  schema: JsonSchema,
  report: ConfigReport,
): ConfigTree {
  let merged: ConfigTree = tree;
  for (const variable of Object.keys(environment).sort()) {
    const value = environment[variable];
    if (value === undefined || !variable.startsWith(PREFIX)) continue;
    if (!variable.includes(SEPARATOR)) {
      const meant = meantVariable(variable.slice(PREFIX.length).split("_"), keysOf(schema, []));
      if (meant !== undefined) {
        const what = `not read: two underscores divide section and key, as in ${meant}`;
        report.warn(new ConfigError({ file: variable, line: 0, column: 0 }, "", what));
      }
      continue;
    }
    const path = resolveKeys(variable.slice(PREFIX.length).split(SEPARATOR), merged, schema);
    if (typeof path === "string") {
      report.error(new ConfigError({ file: variable, line: 0, column: 0 }, "", path));
    } else merged = mergeTrees(merged, wrapTree(path, looseScalar(value, variable)));
  }
  return merged;
}

/** Lays command line values on `tree`. They replace `http.listen` and the like whole. */
export function overlayOverrides(tree: ConfigTree, overrides: readonly Override[]): ConfigTree {
  let merged = tree;
  for (const { path, value, from } of overrides) {
    merged = mergeTrees(merged, wrapTree(path, looseScalar(value, from)));
  }
  return merged;
}

/** How a variable should be written that begins with the words of a section; undefined where it begins with none. */
function meantVariable(words: readonly string[], sections: readonly string[]): string | undefined {
  for (let count = words.length; count > 0; count--) {
    const section = words.slice(0, count).join("_");
    if (!sections.some((known) => plainKey(known) === plainKey(section))) continue;
    return `${PREFIX}${section}${SEPARATOR}${words.slice(count).join("_") || "KEY"}`;
  }
  return undefined;
}

/** The keys that the words of a variable mean, or what is wrong. */
function resolveKeys(words: readonly string[], tree: ConfigTree, schema: JsonSchema): string[] | string {
  const path: string[] = [];
  let at: ConfigTree | undefined = tree;
  for (const word of words) {
    if (word === "") return "expected a key between the underscores";
    const written: string[] = at?.kind === "map" ? [...at.entries.keys()] : [];
    const known = keysOf(schema, path);
    const sought = plainKey(word);
    const key: string | undefined = [...written, ...known].find((k) => plainKey(k) === sought);
    if (key === undefined && known.length > 0) {
      return `unknown ${path.length === 0 ? "section" : "key"}${
        didYouMean(word, known) || `, known are ${known.join(", ")}`
      }`;
    }
    path.push(key ?? word.toLowerCase());
    at = at?.kind === "map" ? at.entries.get(path[path.length - 1] as string)?.value : undefined;
  }
  return path;
}
