import type { ConfigNode } from "../node.ts";
import type { OptionValue, SourceDescriptor } from "../option.ts";
import { optionsSchema } from "../schema.ts";
import type { Section, SectionContext } from "../section.ts";

/** Values of a source's options, by name; an option without a value is not in it. */
export type SourceValues = Readonly<Record<string, OptionValue>>;

/**
 * The section that bears a source's name (`rtsp`): defaults for the options of every stream with such a source. It
 * exists for each source that has options.
 */
export function sourceSection(source: SourceDescriptor): Section<SourceValues> {
  const help = `Defaults for every stream from ${source.name}`;
  return {
    name: source.name,
    help,
    options: source.options,
    parse(node: ConfigNode, context: SectionContext): SourceValues {
      node.allow(source.options.map((o) => o.name));
      const values: Record<string, OptionValue> = {};
      for (const option of source.options) {
        const value: OptionValue | undefined = node.option(option);
        const name = `${source.name}.${option.name}`;
        context.inherit.set(name, { value, origin: node.field(option.name).present ? name : "default" });
        if (value !== undefined) values[option.name] = value;
      }
      return values;
    },
    schema: () => optionsSchema(help, source.options),
  };
}
