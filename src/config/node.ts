import { MASK } from "../base/mask_url.ts";
import { ConfigError, type ConfigReport } from "./config_error.ts";
import { printPath } from "./key_path.ts";
import type { OptionDescriptor, OptionValue } from "./option.ts";
import { describeFound, describeType, parseOption, printOption } from "./option_value.ts";
import { didYouMean } from "./suggest.ts";
import { type ConfigTree, looseScalar, type Origin, printOrigin } from "./tree.ts";

/** The TypeScript type of an option's value, for descriptors declared `as const satisfies …`. */
export type ValueOf<D extends OptionDescriptor> =
  | KindValue<D["type"]>
  | (D["default"] extends undefined ? undefined : never);

type KindValue<T extends OptionDescriptor["type"]> = T extends { kind: "boolean" } ? boolean
  : T extends { kind: "integer" | "number" | "duration" } ? number
  : T extends { kind: "choice"; values: readonly (infer V)[] } ? V
  : T extends { kind: "text" | "secret" } ? string
  : OptionValue;

/** Where a value comes from that its own node does not give: a default of the section or of the program. */
export interface Inherited {
  readonly value: OptionValue | undefined;
  readonly origin: string;
}

/**
 * One place in the configuration, there or not. Nothing throws: what is wrong is reported with file, line and path,
 * and the default stands in, so that one load finds every error.
 */
export class ConfigNode {
  /** Keys from the top, such as `["streams", "cam1", "transport"]`. */
  readonly path: readonly string[];
  /** Undefined where nothing is written; a key without a value counts as nothing. */
  readonly tree: ConfigTree | undefined;
  /** Where it stands, or where the mapping stands that lacks it. */
  readonly origin: Origin;
  readonly report: ConfigReport;

  constructor(
    path: readonly string[],
    tree: ConfigTree | undefined,
    origin: Origin,
    report: ConfigReport,
  ) {
    this.path = path;
    this.tree = tree?.kind === "scalar" && tree.value === null && tree.tag === "none" ? undefined : tree;
    this.origin = origin;
    this.report = report;
  }

  get present(): boolean {
    return this.tree !== undefined;
  }

  /** Given by the environment or the command line, not by a file. */
  get fromOutside(): boolean {
    return this.present && this.origin.line === 0;
  }

  /** The file that the value stands in, for paths relative to it. */
  get file(): string {
    return (this.tree?.origin ?? this.origin).file;
  }

  /** Reports `expected X, got Y`; `found` describes what is there unless given. */
  fail(expected: string, found = describeFound(this.tree)): void {
    const what = `expected ${expected}, got ${found}`;
    this.report.error(
      new ConfigError(this.tree?.origin ?? this.origin, printPath(this.path), what, expected, found),
    );
  }

  /** Reports something wrong that is not a matter of a value's type. */
  refuse(what: string): void {
    this.report.error(new ConfigError(this.tree?.origin ?? this.origin, printPath(this.path), what));
  }

  /** Notes what was decided here, for `config show`. `shown` must hold no secret. */
  decide(shown: string, origin = this.present ? printOrigin(this.origin) : "default"): void {
    const hidden = this.tree?.kind === "scalar" && this.tree.hidden;
    this.report.decided.push({ path: this.path, shown: hidden ? MASK : shown, origin });
  }

  /** The node under `name`; absent when this is no mapping. */
  field(name: string): ConfigNode {
    const entry = this.tree?.kind === "map" ? this.tree.entries.get(name) : undefined;
    return new ConfigNode([...this.path, name], entry?.value, entry?.origin ?? this.origin, this.report);
  }

  /** Every key with its node; reports when something other than a mapping is here. */
  fields(): [string, ConfigNode][] {
    if (this.tree === undefined) return [];
    if (this.tree.kind !== "map") {
      this.fail("a mapping");
      return [];
    }
    return [...this.tree.entries.keys()].map((name) => [name, this.field(name)]);
  }

  /** Refuses every key that is not in `known`; reports when something other than a mapping is here. */
  allow(known: readonly string[]): void {
    for (const [name, node] of this.fields()) {
      if (known.includes(name)) continue;
      const hint = didYouMean(name, known) || `, known are ${known.join(", ")}`;
      this.report.error(new ConfigError(node.origin, printPath(node.path), `unknown key${hint}`));
    }
  }

  /** Items of a list; a single value counts as a list of one, and `a,b` from outside a file as two. */
  items(): ConfigNode[] {
    const tree = this.tree;
    if (tree === undefined) return [];
    if (tree.kind === "list") return tree.items.map((item, i) => this.#item(i, item));
    if (tree.kind === "scalar" && tree.loose && tree.text.includes(",")) {
      return tree.text.split(",").map((part, i) =>
        this.#item(i, {
          ...looseScalar(part.trim(), tree.origin.file),
          origin: tree.origin,
          hidden: tree.hidden,
        })
      );
    }
    return [this];
  }

  #item(i: number, item: ConfigTree): ConfigNode {
    return new ConfigNode([...this.path, `[${i}]`], item, item.origin, this.report);
  }

  /** The value of one option under this node, checked and noted. `inherited` replaces the descriptor's default. */
  option<const D extends OptionDescriptor>(
    option: D,
    inherited: Inherited = { value: option.default, origin: "default" },
  ): ValueOf<D> {
    const node = this.field(option.name);
    let value = inherited.value;
    if (node.tree === undefined) {
      if (value !== undefined) node.decide(printOption(option.type, value), inherited.origin);
    } else {
      const given = node.tree.kind === "scalar" ? parseOption(option.type, node.tree) : undefined;
      if (given === undefined) {
        node.fail(describeType(option.type), describeFound(node.tree, option.type.kind === "secret"));
      } else {
        value = given;
        node.decide(printOption(option.type, value));
      }
    }
    return value as ValueOf<D>;
  }
}
