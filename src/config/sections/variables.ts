import { maskUrl } from "../../base/mask_url.ts";
import type { ConfigNode } from "../node.ts";
import type { OptionDescriptor } from "../option.ts";
import { printText } from "../option_value.ts";
import { optionSchema, optionsSchema } from "../schema.ts";
import type { Section } from "../section.ts";

/** Longest value of a variable, in bytes of UTF-8. */
export const VARIABLE_MAX = 127;

/** A variable for targets of pushes: `$name`. */
export interface VariableConfig {
  /** What it stands for until its target has answered, or for ever where it has none. */
  readonly value: string;
  /** A URL or a command whose answer it stands for; empty: none. May hold credentials: show it through `maskUrl`. */
  readonly target: string;
  /** The target is asked again after so long; 0: once. */
  readonly intervalMillis: number;
  /** How long the target may take to answer. */
  readonly waitMillis: number;
}

const VALUE = {
  name: "value",
  type: { kind: "text", maxLength: VARIABLE_MAX },
  default: "",
  help: "What it stands for, until the target has answered where it has one",
} as const satisfies OptionDescriptor;
const TARGET = {
  name: "target",
  type: { kind: "text", maxLength: 4096 },
  default: "",
  help: "A URL or a command, which no shell reads, whose answer it stands for",
} as const satisfies OptionDescriptor;
const INTERVAL = {
  name: "interval",
  type: { kind: "duration", min: 0, max: 7 * 86_400_000 },
  default: 0,
  help: "The target is asked again after so long; 0 once",
} as const satisfies OptionDescriptor;
const WAIT = {
  name: "wait",
  type: { kind: "duration", min: 100, max: 60_000 },
  default: 5000,
  help: "How long the target may take to answer",
} as const satisfies OptionDescriptor;
const OPTIONS = [VALUE, TARGET, INTERVAL, WAIT] as const;
const LEAST_INTERVAL = 1000;
const NAME = /^[A-Za-z][A-Za-z0-9]{0,63}$/;

export const VARIABLES_SECTION: Section<ReadonlyMap<string, VariableConfig>> = {
  name: "variables",
  help: "Variables for targets of pushes, by name",
  options: [],
  parse(node: ConfigNode): ReadonlyMap<string, VariableConfig> {
    const variables = new Map<string, VariableConfig>();
    for (const [name, variable] of node.fields()) {
      if (!NAME.test(name)) {
        variable.refuse(
          `expected a name of a letter and at most 63 letters and digits, got ${JSON.stringify(name)}`,
        );
      }
      const config = parseVariable(variable);
      if (config !== undefined) variables.set(name, config);
    }
    return variables;
  },
  schema: () => ({
    type: ["object", "null"],
    description: VARIABLES_SECTION.help,
    propertyNames: { pattern: NAME.source },
    additionalProperties: { anyOf: [optionSchema(VALUE), optionsSchema("One variable", OPTIONS)] },
  }),
};

/** A value alone, or a mapping. */
function parseVariable(node: ConfigNode): VariableConfig | undefined {
  if (node.tree?.kind === "scalar") {
    const value = node.tree.text;
    if (new TextEncoder().encode(value).length > VARIABLE_MAX) {
      node.fail(`a text of at most ${VARIABLE_MAX} bytes`, "a longer one");
      return undefined;
    }
    node.decide(printText(value));
    return { value, target: "", intervalMillis: 0, waitMillis: WAIT.default };
  }
  if (node.tree?.kind !== "map") {
    node.fail("a text, or a mapping with the keys value and target");
    return undefined;
  }
  node.allow(OPTIONS.map((o) => o.name));
  const intervalMillis = node.option(INTERVAL);
  if (intervalMillis > 0 && intervalMillis < LEAST_INTERVAL) {
    node.field(INTERVAL.name).fail("0, or at least 1s", `${intervalMillis}ms`);
  }
  const value = node.option(VALUE), target = parseTarget(node.field(TARGET.name));
  return { value, target, intervalMillis, waitMillis: node.option(WAIT) };
}

function parseTarget(node: ConfigNode): string {
  const { tree } = node;
  const target = tree?.kind === "scalar" ? tree.text.trim() : "";
  if (tree !== undefined && (target === "" || target.length > TARGET.type.maxLength)) {
    node.fail(`a URL or a command of at most ${TARGET.type.maxLength} characters`);
  }
  node.decide(printText(maskUrl(target)));
  return target;
}
