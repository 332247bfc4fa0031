import type { StreamConfig } from "./sections/streams.ts";
import type { Config } from "./sections/table.ts";

/** What differs between two configurations: what must be restarted, and nothing else. */
export interface ConfigChange {
  /** Names of changed sections, `streams` and the sources' defaults left out: their effect is in the streams. */
  readonly sections: readonly string[];
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Keys of the configuration that differ, by the stream's name. */
  readonly changed: ReadonlyMap<string, readonly string[]>;
}

/**
 * Compares what was decided, not what was written: moving a stream to another file changes nothing, and a new default
 * of `hls` or `rtsp` changes exactly the streams that inherit it.
 */
export function diffConfigs(before: Config, after: Config): ConfigChange {
  const sections = (Object.keys(after) as (keyof Config)[])
    .filter((name) => name !== "streams" && name !== "sources" && !sameValue(before[name], after[name]));
  const changed = new Map<string, readonly string[]>();
  for (const [name, stream] of after.streams) {
    const old = before.streams.get(name);
    if (old === undefined) continue;
    const keys = (Object.keys(stream) as (keyof StreamConfig)[])
      .filter((field) => !sameValue(old[field], stream[field]))
      .flatMap((field) => keysOf(field, old, stream));
    if (keys.length > 0) changed.set(name, keys);
  }
  return {
    sections,
    added: [...after.streams.keys()].filter((name) => !before.streams.has(name)),
    removed: [...before.streams.keys()].filter((name) => !after.streams.has(name)),
    changed,
  };
}

/** As what is written in the configuration a field of a stream is known. */
function keysOf(field: keyof StreamConfig, before: StreamConfig, after: StreamConfig): string[] {
  switch (field) {
    case "values": {
      const names = new Set([...Object.keys(before.values), ...Object.keys(after.values)]);
      return [...names].filter((name) => before.values[name] !== after.values[name]);
    }
    // the source says it
    case "sourceKind":
      return [];
    default:
      return [field.replace(/Millis$/, "")];
  }
}

/** Deep equality of plain data; the order of keys does not matter. */
function sameValue(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  if (Array.isArray(a) !== Array.isArray(b)) return false;
  if (a instanceof Map && b instanceof Map) {
    return sameValue(Object.fromEntries(a), Object.fromEntries(b));
  }
  const left = a as Readonly<Record<string, unknown>>;
  const right = b as Readonly<Record<string, unknown>>;
  const keys = Object.keys(left);
  return keys.length === Object.keys(right).length &&
    keys.every((key) => Object.hasOwn(right, key) && sameValue(left[key], right[key]));
}
