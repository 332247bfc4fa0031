import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type Scalar,
  type YAMLError,
} from "yaml";
import { ConfigError, type ConfigReport } from "./config_error.ts";
import { printPath } from "./key_path.ts";
import { blankJsonComments } from "./json_comments.ts";
import {
  CONFIG_ALIASES_MAX,
  CONFIG_DEPTH_MAX,
  CONFIG_FILE_MAX,
  CONFIG_NODES_MAX,
  type ConfigTree,
  type MapEntry,
  type Origin,
  type ScalarTree,
} from "./tree.ts";

/** A file that was read: its tree for reading, its document (comments and order included) for saving. */
export interface ConfigDocument {
  readonly path: string;
  readonly document: Document;
  /** Undefined when the file could not be understood; the report says why. */
  readonly tree: ConfigTree | undefined;
}

/** After the first few, syntax errors are mostly consequences of the ones before. */
const SYNTAX_ERRORS_MAX = 5;
const TOO_DEEP = `nested deeper than ${CONFIG_DEPTH_MAX} levels`;
const FILE_TAG = { tag: "!file", resolve: (text: string) => text };

/**
 * Reads YAML 1.2 (or JSON with comments, for names ending in `.json` or `.jsonc`). Everything wrong goes to `report`
 * with its line; a file of comments only is an empty mapping, but a file without any text is refused: it is what a
 * full disk leaves behind, and would silently drop every setting. `keys` is the path of the file's top for errors.
 */
export function readConfigDocument(
  path: string,
  text: string,
  report: ConfigReport,
  keys: readonly string[] = [],
): ConfigDocument {
  const lines = new LineCounter();
  const reader = new TreeReader(path, lines, report);
  const refused = (what: string): ConfigDocument => {
    report.error(new ConfigError({ file: path, line: 1, column: 1 }, "", what));
    return { path, document: parseDocument(""), tree: undefined };
  };
  if (text.length > CONFIG_FILE_MAX) return refused(`file is longer than ${CONFIG_FILE_MAX} bytes`);
  if (text.trim() === "") return refused("file is empty; write {} for one without settings");
  if (isBracketBomb(text)) return refused(TOO_DEEP);
  const document = parseConfigText(path, text, lines);
  const problems = [...document.errors, ...document.warnings];
  for (const problem of problems.slice(0, SYNTAX_ERRORS_MAX)) {
    report.error(new ConfigError(reader.originAt(problem.pos[0]), "", describeProblem(problem)));
  }
  if (problems.length > 0) return { path, document, tree: undefined };
  return { path, document, tree: reader.read(document, keys) };
}

/** Whether a file of this name is JSON with comments, not YAML. */
export function isJsonPath(path: string): boolean {
  return path.endsWith(".json") || path.endsWith(".jsonc");
}

/** The document of a file, its errors in it, unchecked. Ranges of its nodes are positions in `text`. */
export function parseConfigText(path: string, text: string, lineCounter = new LineCounter()): Document {
  return parseDocument(isJsonPath(path) ? blankJsonComments(text) : text, {
    lineCounter,
    prettyErrors: false,
    uniqueKeys: false, // checked here: the library compares every key with every other one
    stringKeys: true,
    customTags: [FILE_TAG],
    logLevel: "error",
  });
}

function describeProblem({ code, message }: YAMLError): string {
  if (code === "MULTIPLE_DOCS") return "expected one document, got a second one after ---";
  if (message.startsWith("Maximum call stack")) return TOO_DEEP;
  const end = message.indexOf("\n");
  return end < 0 ? message : message.slice(0, end);
}

/** A cheap guess, before the parser spends seconds on four million brackets. Far above what any real file has. */
function isBracketBomb(text: string): boolean {
  let open = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === 0x5b || c === 0x7b) open++;
    else if (c === 0x5d || c === 0x7d) open--;
    if (open > 10_000) return true;
  }
  return false;
}

class TreeReader {
  readonly #path: string;
  readonly #lines: LineCounter;
  readonly #report: ConfigReport;
  #nodes = 0;
  #aliases = 0;
  #stopped = false;

  constructor(path: string, lines: LineCounter, report: ConfigReport) {
    this.#path = path;
    this.#lines = lines;
    this.#report = report;
  }

  originAt(offset: number): Origin {
    const { line, col } = this.#lines.linePos(offset);
    return { file: this.#path, line: Math.max(1, line), column: Math.max(1, col) };
  }

  read(document: Document, keys: readonly string[]): ConfigTree | undefined {
    const tree = this.#node(document.contents, this.originAt(0), document, keys, 0);
    return this.#stopped ? undefined : tree;
  }

  #stop(origin: Origin, what: string): ConfigTree {
    if (!this.#stopped) this.#report.error(new ConfigError(origin, "", what));
    this.#stopped = true;
    return scalar(origin, null);
  }

  #node(
    node: unknown,
    parent: Origin,
    document: Document,
    keys: readonly string[],
    depth: number,
  ): ConfigTree {
    const range = (node as { range?: readonly number[] | null } | null)?.range;
    const origin = range ? this.originAt(range[0] as number) : parent;
    if (this.#stopped) return scalar(origin, null);
    if (++this.#nodes > CONFIG_NODES_MAX) return this.#stop(origin, `more than ${CONFIG_NODES_MAX} values`);
    if (depth > CONFIG_DEPTH_MAX) return this.#stop(origin, TOO_DEEP);
    if (node === null) {
      return depth === 0 ? { kind: "map", origin, entries: new Map() } : scalar(origin, null);
    }
    if (isAlias(node)) {
      if (++this.#aliases > CONFIG_ALIASES_MAX) {
        return this.#stop(origin, `more than ${CONFIG_ALIASES_MAX} aliases`);
      }
      const target = node.resolve(document);
      if (target === undefined) return this.#stop(origin, `unknown alias *${node.source}`);
      return this.#node(target, origin, document, keys, depth + 1);
    }
    if (isMap(node)) {
      return { kind: "map", origin, entries: this.#entries(node.items, origin, document, keys, depth) };
    }
    if (isSeq(node)) {
      return {
        kind: "list",
        origin,
        items: node.items.map((item) => this.#node(item, origin, document, keys, depth + 1)),
      };
    }
    if (isScalar(node)) return this.#scalar(node, origin);
    return this.#stop(origin, "expected a mapping, a list or a value");
  }

  #entries(
    items: readonly { key: unknown; value: unknown }[],
    parent: Origin,
    document: Document,
    keys: readonly string[],
    depth: number,
  ): Map<string, MapEntry> {
    const entries = new Map<string, MapEntry>();
    const merged: ConfigTree[] = [];
    for (const { key, value } of items) {
      const range = isScalar(key) ? key.range : undefined;
      const origin = range ? this.originAt(range[0]) : parent;
      if (!isScalar(key)) {
        this.#stop(origin, "expected a name as key");
        break;
      }
      const name = String(key.value);
      const path = [...keys, name];
      const tree = this.#node(value ?? null, origin, document, path, depth + 1);
      if (name === "<<") merged.push(...(tree.kind === "list" ? tree.items : [tree]));
      else if (entries.has(name)) {
        this.#report.error(new ConfigError(origin, printPath(path), "key is given twice in one mapping"));
      } else entries.set(name, { origin, value: tree });
      if (this.#stopped) break;
    }
    for (const tree of merged) {
      if (tree.kind !== "map") {
        this.#report.error(new ConfigError(tree.origin, printPath(keys), "expected a mapping after <<"));
        continue;
      }
      for (const [name, entry] of tree.entries) if (!entries.has(name)) entries.set(name, entry);
    }
    return entries;
  }

  #scalar(node: Scalar, origin: Origin): ScalarTree {
    const value = node.value;
    const text = node.source ?? String(value);
    if (node.tag === "!file") return { ...scalar(origin, text), tag: "file" };
    if (typeof value === "number" || typeof value === "boolean") return { ...scalar(origin, value), text };
    return scalar(origin, value === null ? null : String(value));
  }
}

function scalar(origin: Origin, value: ScalarTree["value"]): ScalarTree {
  return {
    kind: "scalar",
    origin,
    value,
    text: value === null ? "" : String(value),
    tag: "none",
    loose: false,
    hidden: false,
  };
}
