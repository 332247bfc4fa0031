import { ConfigError, type ConfigReport } from "./config_error.ts";
import { printPath } from "./key_path.ts";
import { folderOf, resolvePath } from "./paths.ts";
import type { ConfigTree, MapEntry, ScalarTree } from "./tree.ts";

/** Longest file that `!file` takes a value from, in bytes. */
export const VALUE_FILE_MAX = 64 * 1024;

/** What values may refer to from outside their file. */
export interface Outside {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Whole text of a file of at most `maxBytes`; rejects with the reason. */
  read(path: string, maxBytes: number): Promise<string>;
}

const REFERENCE = /\$\$\{|\$\{([^}]*)\}/g;
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Writes out `${NAME}`, `${NAME:-default}` (`$${` stands for a plain `${`) and `!file path` (relative to the file that says
 * it; one line break at the end is cut). Such values are hidden wherever the configuration is shown.
 */
export async function expandTree(
  tree: ConfigTree,
  outside: Outside,
  report: ConfigReport,
  path: readonly string[] = [],
): Promise<ConfigTree> {
  if (tree.kind === "scalar") {
    return tree.tag === "file"
      ? await readValue(tree, outside, report, path)
      : expandText(tree, outside, report, path);
  }
  if (tree.kind === "list") {
    const items: ConfigTree[] = [];
    for (const item of tree.items) items.push(await expandTree(item, outside, report, path));
    return { ...tree, items };
  }
  const entries = new Map<string, MapEntry>();
  for (const [name, entry] of tree.entries) {
    entries.set(name, { ...entry, value: await expandTree(entry.value, outside, report, [...path, name]) });
  }
  return { ...tree, entries };
}

function expandText(
  tree: ScalarTree,
  outside: Outside,
  report: ConfigReport,
  path: readonly string[],
): ScalarTree {
  if (typeof tree.value !== "string" || !tree.value.includes("${")) return tree;
  let hidden = false;
  const text = tree.value.replace(REFERENCE, (whole: string, inside: string | undefined) => {
    if (inside === undefined) return "${";
    hidden = true;
    const split = inside.indexOf(":-");
    const name = split < 0 ? inside : inside.slice(0, split);
    const value = NAME.test(name) ? outside.environment[name] : undefined;
    if (value !== undefined && value !== "") return value;
    if (split >= 0) return inside.slice(split + 2);
    const what = NAME.test(name)
      ? `environment variable ${name} is not set; \${${name}:-default} gives it a default`
      : `expected the name of an environment variable between \${ and }, got "${name}"`;
    report.error(new ConfigError(tree.origin, printPath(path), what));
    return whole;
  });
  return { ...tree, value: text, text, loose: hidden, hidden };
}

async function readValue(
  tree: ScalarTree,
  outside: Outside,
  report: ConfigReport,
  key: readonly string[],
): Promise<ScalarTree> {
  const path = resolvePath(folderOf(tree.origin.file), tree.text);
  let text = "";
  try {
    text = await outside.read(path, VALUE_FILE_MAX);
  } catch (failure) {
    const why = failure instanceof Error ? failure.message : String(failure);
    report.error(new ConfigError(tree.origin, printPath(key), `cannot read value from ${path}: ${why}`));
  }
  if (text.endsWith("\n")) text = text.slice(0, text.endsWith("\r\n") ? -2 : -1);
  return { ...tree, value: text, text, tag: "none", loose: true, hidden: true };
}
