import type { ConfigNode, Inherited } from "./node.ts";
import type { OptionDescriptor, PushDescriptor, SourceDescriptor } from "./option.ts";
import type { JsonSchema } from "./schema.ts";

/** What sections may need to know of the rest of the program and of the sections before them. */
export interface SectionContext {
  readonly sources: readonly SourceDescriptor[];
  /** Undefined: targets of pushes are not looked at. */
  readonly pushes?: readonly PushDescriptor[] | undefined;
  /** Decided values of sections read before, by `section.option`: what streams inherit. */
  readonly inherit: Map<string, Inherited>;
}

/**
 * One section of the configuration. It owns its type, its defaults and its parser; the loader knows nothing of its
 * inside. To add one: write the file, name it in `table.ts`.
 */
export interface Section<T> {
  readonly name: string;
  /** One line, no full stop. */
  readonly help: string;
  /** Plain options of the section, for the documentation and the command line's help. */
  readonly options: readonly OptionDescriptor[];
  /** Reads the section, there or not. Reports what is wrong to the node and answers defaults in its place. */
  parse(node: ConfigNode, context: SectionContext): T;
  schema(context: SectionContext): JsonSchema;
}

/** What a section's `parse` answers. */
export type ParsedBy<S> = S extends Section<infer T> ? T : never;
