import { ConfigError, ConfigReport, type DecidedValue } from "./config_error.ts";
import { expandTree } from "./expand.ts";
import type { ConfigFiles } from "./files.ts";
import { findConfigFiles, type FoundFile } from "./find.ts";
import { mergeTrees, wrapTree } from "./merge.ts";
import { ConfigNode } from "./node.ts";
import type { PushDescriptor, SourceDescriptor } from "./option.ts";
import { overlayEnvironment, overlayOverrides, type Override } from "./overlay.ts";
import { folderOf, resolvePath } from "./paths.ts";
import type { JsonSchema } from "./schema.ts";
import type { Section, SectionContext } from "./section.ts";
import type { SourceValues } from "./sections/source_defaults.ts";
import { type Config, sectionsFor } from "./sections/table.ts";
import { CONFIG_FILE_MAX, type ConfigTree, type MapTree } from "./tree.ts";
import { type ConfigDocument, readConfigDocument } from "./yaml_document.ts";

/** What to load. */
export interface LoadRequest {
  /** A file, or a folder of files; undefined: defaults, environment and overrides alone. */
  readonly path: string | undefined;
  readonly sources: readonly SourceDescriptor[];
  /** Undefined: targets of pushes are not looked at. */
  readonly pushes?: readonly PushDescriptor[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Values from the command line; they win over everything. */
  readonly overrides?: readonly Override[];
}

/** A file that took part. */
export interface LoadedFile extends ConfigDocument {
  /** The main file, not a section's own. */
  readonly main: boolean;
  /** As it was read. */
  readonly text: string;
  /** Sections that have a value in it. */
  readonly sections: readonly string[];
  /** Where its top stands in the configuration: nowhere deeper, or in the one section that the file holds. */
  readonly top: readonly string[];
  /** `tree` with `${ENV}` and `!file` written out. */
  readonly expanded: ConfigTree | undefined;
}

export interface LoadedConfig {
  /** Undefined when there are errors: a faulty configuration is refused whole. */
  readonly config: Config | undefined;
  readonly errors: readonly ConfigError[];
  /** Errors beyond the limit, counted only. */
  readonly unsaidErrors: number;
  readonly warnings: readonly ConfigError[];
  /** Every value with its origin, secrets masked. */
  readonly decided: readonly DecidedValue[];
  /** In the order in which they were laid on one another. */
  readonly files: readonly LoadedFile[];
}

const NOWHERE = { file: "", line: 0, column: 0 };
const EMPTY: MapTree = { kind: "map", origin: NOWHERE, entries: new Map() };
/** Key of the main file that names the files of sections. */
const INCLUDE = "include";

/**
 * Loads the configuration: main file, included files, section files, environment, overrides, each laid on the ones
 * before. Never rejects for what files say: every error is in the answer.
 */
export async function loadConfig(files: ConfigFiles, request: LoadRequest): Promise<LoadedConfig> {
  const report = new ConfigReport();
  const sections = sectionsFor(request.sources);
  const loader = new Loader(files, request, sections.map((s) => s.name), report);
  const merged = await loader.merge();
  const schema: JsonSchema = {
    properties: Object.fromEntries(
      sections.map((s) => [s.name, s.schema(contextOf(request))]),
    ),
  };
  let tree = overlayEnvironment(merged, request.environment, schema, report);
  tree = overlayOverrides(tree, request.overrides ?? []);
  const config = parseSections(tree, sections, request, report);
  return {
    config: report.errors.length === 0 ? config : undefined,
    errors: report.errors,
    unsaidErrors: report.unsaid,
    warnings: report.warnings,
    decided: report.decided,
    files: loader.loaded,
  };
}

function parseSections(
  tree: ConfigTree,
  sections: readonly Section<unknown>[],
  request: LoadRequest,
  report: ConfigReport,
): Config {
  const root = new ConfigNode([], tree, tree.origin, report);
  root.allow(sections.map((s) => s.name));
  const context = contextOf(request);
  const parsed: Record<string, unknown> = {};
  for (const section of sections) parsed[section.name] = section.parse(root.field(section.name), context);
  const defaults: Record<string, SourceValues> = {};
  for (const { name } of request.sources) {
    defaults[name] = (parsed[name] ?? {}) as SourceValues;
    delete parsed[name];
  }
  // The table's keys are the sections' names, which a test checks; each parser answers its own type.
  return { ...parsed, sources: defaults } as unknown as Config;
}

function contextOf({ sources, pushes }: LoadRequest): SectionContext {
  return { sources, pushes, inherit: new Map() };
}

class Loader {
  readonly loaded: LoadedFile[] = [];
  readonly #files: ConfigFiles;
  readonly #request: LoadRequest;
  readonly #sections: readonly string[];
  readonly #report: ConfigReport;
  #merged: ConfigTree = EMPTY;

  constructor(files: ConfigFiles, request: LoadRequest, sections: readonly string[], report: ConfigReport) {
    this.#files = files;
    this.#request = request;
    this.#sections = sections;
    this.#report = report;
  }

  async merge(): Promise<MapTree> {
    const { path } = this.#request;
    if (path !== undefined) {
      const found = await findConfigFiles(path, this.#sections, this.#files, this.#report);
      const included: FoundFile[] = [];
      for (const file of found.filter((f) => f.section === undefined)) {
        included.push(...await this.#layMain(file));
      }
      const named = new Set(included.map((f) => f.path));
      const lying = found.filter((f) => f.section !== undefined && !named.has(f.path));
      for (const file of [...included, ...lying]) await this.#laySection(file, file.section as string);
    }
    return this.#merged.kind === "map" ? this.#merged : EMPTY;
  }

  /** Lays the main file without its `include`, and answers what that names. */
  async #layMain(file: FoundFile): Promise<FoundFile[]> {
    const tree = await this.#read(file);
    if (tree === undefined) return [];
    const entries = new Map(tree.entries);
    entries.delete(INCLUDE);
    this.#merged = mergeTrees(this.#merged, { ...tree, entries });
    return this.#included(new ConfigNode([], tree, tree.origin, this.#report).field(INCLUDE));
  }

  #included(node: ConfigNode): FoundFile[] {
    node.allow(this.#sections);
    const found: FoundFile[] = [];
    for (const [section, value] of node.fields()) {
      for (const item of value.items()) {
        if (item.tree?.kind === "scalar") {
          const named = { origin: item.tree.origin, key: `${INCLUDE}.${section}` };
          found.push({ path: resolvePath(folderOf(item.file), item.tree.text), section, named });
        } else item.fail("the path of a file");
      }
    }
    return found;
  }

  /** Lays a file of one section. Its keys may stand at the top, or under the section's name as in a main file. */
  async #laySection(file: FoundFile, section: string): Promise<void> {
    const tree = await this.#read(file);
    if (tree === undefined) return;
    this.#merged = mergeTrees(this.#merged, isUnderName(tree, section) ? tree : wrapTree([section], tree));
  }

  async #read({ path, section, named }: FoundFile): Promise<MapTree | undefined> {
    const keys = section === undefined ? [] : [section];
    let text: string;
    try {
      text = await this.#files.read(path, CONFIG_FILE_MAX);
    } catch (failure) {
      const why = failure instanceof Error ? failure.message : String(failure);
      this.#report.error(
        named === undefined
          ? new ConfigError({ ...NOWHERE, file: path }, "", `cannot be read: ${why}`)
          : new ConfigError(named.origin, named.key, `cannot read ${path}: ${why}`),
      );
      return undefined;
    }
    const document = readConfigDocument(path, text, this.#report, keys);
    let tree = document.tree;
    if (tree !== undefined) {
      const outside = {
        environment: this.#request.environment,
        read: (file: string, maxBytes: number) => this.#files.read(file, maxBytes),
      };
      tree = await expandTree(tree, outside, this.#report, keys);
    }
    const sections = section !== undefined
      ? [section]
      : (tree?.kind === "map" ? [...tree.entries.keys()].filter((name) => name !== INCLUDE) : []);
    const top = section === undefined || isUnderName(tree, section) ? [] : [section];
    this.loaded.push({ ...document, main: section === undefined, text, sections, top, expanded: tree });
    if (tree === undefined || tree.kind === "map") return tree;
    new ConfigNode([], tree, tree.origin, this.#report).fail(
      section === undefined ? "a mapping of sections such as streams" : `a mapping: the keys of ${section}`,
    );
    return undefined;
  }
}

/** Whether a section's file has its keys under the section's name. */
function isUnderName(tree: ConfigTree | undefined, section: string): boolean {
  return tree?.kind === "map" && tree.entries.size === 1 && tree.entries.get(section)?.value.kind === "map";
}
