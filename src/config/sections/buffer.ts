import type { ConfigNode } from "../node.ts";
import type { OptionDescriptor } from "../option.ts";
import { optionsSchema } from "../schema.ts";
import type { Section } from "../section.ts";

/** Shared memory that streams are kept in. */
export interface BufferConfig {
  /** Bytes reserved for one track; only what is used is taken from the machine. */
  readonly maxBytesPerTrack: number;
}

const MAX_MEGABYTES_PER_TRACK = {
  name: "maxMegabytesPerTrack",
  type: { kind: "integer", min: 1, max: 1024 },
  default: 64,
  help: "Most memory for one track, in MiB; a window that does not fit gets shorter",
} as const satisfies OptionDescriptor;

const OPTIONS = [MAX_MEGABYTES_PER_TRACK] as const;

export const BUFFER_SECTION: Section<BufferConfig> = {
  name: "buffer",
  help: "Memory that streams are kept in",
  options: OPTIONS,
  parse(node: ConfigNode): BufferConfig {
    node.allow(OPTIONS.map((o) => o.name));
    return { maxBytesPerTrack: node.option(MAX_MEGABYTES_PER_TRACK) * 1024 * 1024 };
  },
  schema: () => optionsSchema(BUFFER_SECTION.help, OPTIONS),
};
