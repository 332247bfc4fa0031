import { maskUrl } from "../../base/mask_url.ts";
import { baseOf, parseStreamName } from "../../media/stream_name.ts";
import { parseTag } from "../../media/stream_tag.ts";
import type { ConfigNode } from "../node.ts";
import type { OptionDescriptor } from "../option.ts";
import { printText } from "../option_value.ts";
import { isRuleOperator, type PushRule, RULE_OPERATORS } from "../push_rule.ts";
import { parsePushTarget } from "../push_target.ts";
import { optionSchema, optionsSchema } from "../schema.ts";
import type { Section, SectionContext } from "../section.ts";

/** A push that starts by itself whenever its stream runs and its conditions hold. */
export interface AutoPush {
  readonly name: string;
  /** A stream's name, `base+` for all wildcard streams of a base, or `#tag` for all of that tag. */
  readonly stream: string;
  /** As written, variables and parameters in it; holds credentials, so show it only through `maskUrl`. */
  readonly target: string;
  /** Unix seconds; 0: at once. */
  readonly scheduleTime: number;
  /** Unix seconds; 0: never. */
  readonly completeTime: number;
  readonly startRule: PushRule | undefined;
  readonly endRule: PushRule | undefined;
  /** Streams for which it does not start. */
  readonly inhibit: readonly string[];
}

export interface PushConfig {
  /** A push that was lost starts again after so long; 0: not again. */
  readonly waitMillis: number;
  /** Most pushes that start in one second; 0: any. */
  readonly maxSpeed: number;
  readonly auto: ReadonlyMap<string, AutoPush>;
}

const WAIT = {
  name: "wait",
  type: { kind: "duration", min: 0, max: 3_600_000 },
  default: 3000,
  help: "A push that was lost starts again after so long, and later each further time; 0 never",
} as const satisfies OptionDescriptor;
const MAX_SPEED = {
  name: "maxSpeed",
  type: { kind: "integer", min: 0, max: 10_000 },
  default: 0,
  help: "Most pushes that start in one second; 0 any number",
} as const satisfies OptionDescriptor;
const OPTIONS = [WAIT, MAX_SPEED] as const;

const STREAM = {
  name: "stream",
  type: { kind: "text", maxLength: 200 },
  default: undefined,
  help: "Name of the stream that is sent; base+ for all wildcard streams of a base, #tag for all of that tag",
} as const satisfies OptionDescriptor;
const TARGET = {
  name: "target",
  type: { kind: "text", maxLength: 4096 },
  default: undefined,
  help: "Where to, with variables such as $stream, and parameters after a ?",
} as const satisfies OptionDescriptor;
const SCHEDULE_TIME = {
  name: "scheduleTime",
  type: { kind: "integer", min: 0, max: 2 ** 40 },
  default: 0,
  help: "Start not before this time, Unix seconds; without completeTime it starts once",
} as const satisfies OptionDescriptor;
const COMPLETE_TIME = {
  name: "completeTime",
  type: { kind: "integer", min: 0, max: 2 ** 40 },
  default: 0,
  help: "Stop at this time, Unix seconds",
} as const satisfies OptionDescriptor;
const AUTO_OPTIONS = [STREAM, TARGET, SCHEDULE_TIME, COMPLETE_TIME] as const;
const RULES = ["startRule", "endRule"] as const;
const RULE_HELP = "A condition: [variable, operator, value]";
const INHIBIT = "inhibit";
const AUTO = "auto";

export const PUSH_SECTION: Section<PushConfig> = {
  name: "push",
  help: "What streams send by themselves",
  options: OPTIONS,
  parse(node: ConfigNode, context: SectionContext): PushConfig {
    node.allow([...OPTIONS.map((o) => o.name), AUTO]);
    const auto = new Map<string, AutoPush>();
    for (const [name, push] of node.field(AUTO).fields()) {
      const parsed = parseAuto(name, push, context);
      if (parsed !== undefined) auto.set(name, parsed);
    }
    return { waitMillis: node.option(WAIT), maxSpeed: node.option(MAX_SPEED), auto };
  },
  schema(context) {
    const rule = { type: "array", description: RULE_HELP } as const;
    const examples = (context.pushes ?? []).map((p) => p.example);
    const push = optionsSchema("One push", AUTO_OPTIONS, {
      target: { ...optionSchema(TARGET), examples },
      startRule: rule,
      endRule: rule,
      inhibit: {
        type: "array",
        description: "Streams for which it does not start",
        items: { type: "string" },
      },
    });
    return optionsSchema(PUSH_SECTION.help, OPTIONS, {
      auto: {
        type: ["object", "null"],
        description: "Pushes by name, each started whenever its stream runs",
        additionalProperties: { ...push, type: "object", required: [STREAM.name, TARGET.name] },
      },
    });
  },
};

function parseAuto(name: string, node: ConfigNode, context: SectionContext): AutoPush | undefined {
  if (node.tree?.kind !== "map") {
    node.fail("a mapping with the keys stream and target");
    return undefined;
  }
  node.allow([...AUTO_OPTIONS.map((o) => o.name), ...RULES, INHIBIT]);
  const stream = parseStreamPattern(node.field(STREAM.name));
  const target = parseTarget(node.field(TARGET.name), context);
  const scheduleTime = node.option(SCHEDULE_TIME);
  const completeTime = node.option(COMPLETE_TIME);
  if (completeTime > 0 && completeTime <= scheduleTime) {
    node.field(COMPLETE_TIME.name).refuse(
      `expected a time after scheduleTime (${scheduleTime}), got ${completeTime}`,
    );
  }
  const startRule = parseRule(node.field("startRule"));
  const endRule = parseRule(node.field("endRule"));
  const inhibit = node.field(INHIBIT).items().flatMap((item) => parseStreamPattern(item) ?? []);
  if (stream === undefined || target === undefined) return undefined;
  return { name, stream, target, scheduleTime, completeTime, startRule, endRule, inhibit };
}

/** A stream's name, `base+`, or `#tag`. */
function parseStreamPattern(node: ConfigNode): string | undefined {
  const text = node.tree?.kind === "scalar" ? node.tree.text : undefined;
  const name = text === undefined ? undefined : parsePushedStream(text);
  if (name === undefined) {
    node.fail("the name of a stream, base+ for its wildcard streams, or #tag");
    return undefined;
  }
  node.decide(printText(name));
  return name;
}

function parseTarget(node: ConfigNode, context: SectionContext): string | undefined {
  if (node.tree?.kind !== "scalar") {
    node.fail("the target of a push");
    return undefined;
  }
  const target = node.tree.text.trim();
  const parsed = context.pushes === undefined ? undefined : parsePushTarget(target, context.pushes);
  if (typeof parsed === "string") {
    node.refuse(`${parsed}, got ${JSON.stringify(maskUrl(target).slice(0, 200))}`);
    return undefined;
  }
  node.decide(printText(maskUrl(target)));
  return target;
}

function parseRule(node: ConfigNode): PushRule | undefined {
  const tree = node.tree;
  if (tree === undefined) return undefined;
  const texts = tree.kind === "list" ? tree.items.map((i) => i.kind === "scalar" ? i.text : undefined) : [];
  const [variable, operator, value] = texts;
  const number = Number(operator);
  if (variable === undefined || texts.length < 2 || texts.length > 3 || !isRuleOperator(number)) {
    const operators = Object.entries(RULE_OPERATORS).map(([n, what]) => `${n} ${what}`).join(", ");
    node.fail(`[variable, operator, value] with an operator of ${operators}`);
    return undefined;
  }
  node.decide(JSON.stringify(texts));
  return { variable, operator: number, value: value ?? "" };
}

/** What a push is of, in its normal form: a stream's name, `base+`, or `#tag`. */
export function parsePushedStream(text: string): string | undefined {
  if (!text.startsWith("#")) return parseStreamName(text);
  const tag = parseTag(text.slice(1));
  return tag === undefined ? undefined : `#${tag}`;
}

/**
 * Whether `pattern` of a push means the stream: its name, `base+` for all wildcard streams, or `#` and one of its tags.
 */
export function isPushedStream(pattern: string, stream: string, tags: readonly string[]): boolean {
  if (pattern.startsWith("#")) return tags.includes(pattern.slice(1));
  return pattern === stream ||
    (pattern.endsWith("+") && stream.startsWith(pattern) && baseOf(stream) !== stream);
}
