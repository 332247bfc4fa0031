import type { OptionDescriptor, OptionType } from "./option.ts";
import { printOption } from "./option_value.ts";

/** The part of JSON Schema (draft 2020-12) that sections need. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly examples?: readonly unknown[];
  readonly writeOnly?: boolean;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: boolean | JsonSchema;
  readonly required?: readonly string[];
  readonly anyOf?: readonly JsonSchema[];
}

const DURATION_SCHEMA: JsonSchema = {
  anyOf: [{ type: "number", minimum: 0 }, {
    type: "string",
    pattern: "^[0-9]+(\\.[0-9]+)?\\s*(ms|s|m|min|h|d)?$",
  }],
};

/** Values may always refer to the environment instead. */
const REFERENCE: JsonSchema = { type: "string", pattern: "\\$\\{.+\\}" };

/** Schema of one option. */
export function optionSchema(option: OptionDescriptor): JsonSchema {
  const shown = option.default !== undefined && option.type.kind === "duration"
    ? printOption(option.type, option.default)
    : option.default;
  return {
    ...typeSchema(option.type),
    description: option.help,
    ...(shown === undefined ? {} : { default: shown }),
  };
}

function typeSchema(type: OptionType): JsonSchema {
  switch (type.kind) {
    case "boolean":
      return { anyOf: [{ type: "boolean" }, REFERENCE] };
    case "integer":
    case "number":
      return { anyOf: [{ type: type.kind, minimum: type.min, maximum: type.max }, REFERENCE] };
    case "duration":
      return { anyOf: [...DURATION_SCHEMA.anyOf ?? [], REFERENCE] };
    case "choice":
      return { anyOf: [{ type: "string", enum: type.values }, REFERENCE] };
    case "text":
      return { type: "string", maxLength: type.maxLength };
    case "secret":
      return { type: "string", maxLength: type.maxLength, writeOnly: true };
  }
}

/** Schema of a mapping of options; `more` adds keys that are no plain options. */
export function optionsSchema(
  help: string,
  options: readonly OptionDescriptor[],
  more: Readonly<Record<string, JsonSchema>> = {},
): JsonSchema {
  const properties: Record<string, JsonSchema> = { ...more };
  for (const option of options) {
    const before = properties[option.name];
    const schema = optionSchema(option);
    properties[option.name] = before === undefined ? schema : { anyOf: [before, schema] };
  }
  return { type: ["object", "null"], description: help, properties, additionalProperties: false };
}

/** The keys that a schema knows below `path`, for suggestions and for environment variables. */
export function keysOf(schema: JsonSchema, path: readonly string[]): string[] {
  let at: JsonSchema | undefined = schema;
  for (const name of path) {
    if (at === undefined) return [];
    const more: boolean | JsonSchema | undefined = at.additionalProperties;
    at = at.properties !== undefined && Object.hasOwn(at.properties, name)
      ? at.properties[name]
      : (typeof more === "object" ? more : undefined);
  }
  return Object.keys(at?.properties ?? {});
}
