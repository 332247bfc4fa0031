import type { ConfigTree, MapEntry } from "./tree.ts";

/**
 * Lays `over` on `under`: mappings are joined key by key, anything else replaces what was there. A key without a value
 * (`http:`) replaces nothing.
 */
export function mergeTrees(under: ConfigTree | undefined, over: ConfigTree): ConfigTree {
  if (under === undefined) return over;
  if (over.kind === "scalar" && over.value === null) return under;
  if (under.kind !== "map" || over.kind !== "map") return over;
  const entries = new Map<string, MapEntry>(under.entries);
  for (const [name, entry] of over.entries) {
    const before = entries.get(name);
    entries.set(
      name,
      before === undefined ? entry : {
        origin: entry.value.kind === "map" ? before.origin : entry.origin,
        value: mergeTrees(before.value, entry.value),
      },
    );
  }
  return { kind: "map", origin: under.origin, entries };
}

/** A mapping that holds only `value`, at the end of `path`. */
export function wrapTree(path: readonly string[], value: ConfigTree): ConfigTree {
  let tree = value;
  for (let i = path.length - 1; i >= 0; i--) {
    const entries = new Map([[path[i] as string, { origin: value.origin, value: tree }]]);
    tree = { kind: "map", origin: value.origin, entries };
  }
  return tree;
}
