import type { PushDescriptor, SourceDescriptor } from "./option.ts";
import type { JsonSchema } from "./schema.ts";
import { sectionsFor } from "./sections/table.ts";

/** JSON Schema of a whole configuration file, so that editors complete and check keys. */
export function configSchema(
  sources: readonly SourceDescriptor[],
  pushes: readonly PushDescriptor[] = [],
): JsonSchema {
  const sections = sectionsFor(sources);
  const context = { sources, pushes, inherit: new Map() };
  const path: JsonSchema = {
    type: "string",
    description: "Path of the section's file, relative to this one",
  };
  const include: JsonSchema = {
    type: "object",
    description: "Files that hold sections",
    properties: Object.fromEntries(
      sections.map((s) => [s.name, { anyOf: [path, { type: "array", items: path }] }]),
    ),
    additionalProperties: false,
  };
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    title: "fogcast configuration",
    type: "object",
    properties: { ...Object.fromEntries(sections.map((s) => [s.name, s.schema(context)])), include },
    additionalProperties: false,
  };
}
