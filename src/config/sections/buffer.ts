import type { ConfigNode } from "../node.ts";
import type { OptionDescriptor } from "../option.ts";
import { optionsSchema } from "../schema.ts";
import type { Section } from "../section.ts";

const MEBIBYTE = 1024 * 1024;

/** Shared memory that streams are kept in. */
export interface BufferConfig {
  /** Bytes reserved for one track; only what is used is taken from the machine. */
  readonly maxBytesPerTrack: number;
  /** Bytes for the buffers of all streams; 0: a quarter of the machine's memory, or of the container's limit. */
  readonly totalBytes: number;
}

const MAX_MEGABYTES_PER_TRACK = {
  name: "maxMegabytesPerTrack",
  type: { kind: "integer", min: 1, max: 1024 },
  default: 64,
  help: "Most memory for one track, in MiB; a window that does not fit gets shorter",
} as const satisfies OptionDescriptor;

const TOTAL_MEGABYTES = {
  name: "totalMegabytes",
  type: { kind: "integer", min: 0, max: 1_048_576 },
  default: 0,
  help: "Memory for the buffers of all streams, in MiB; 0 takes a quarter of the machine's or container's",
} as const satisfies OptionDescriptor;

const OPTIONS = [MAX_MEGABYTES_PER_TRACK, TOTAL_MEGABYTES] as const;

export const BUFFER_SECTION: Section<BufferConfig> = {
  name: "buffer",
  help: "Memory that streams are kept in",
  options: OPTIONS,
  parse(node: ConfigNode): BufferConfig {
    node.allow(OPTIONS.map((o) => o.name));
    return {
      maxBytesPerTrack: node.option(MAX_MEGABYTES_PER_TRACK) * MEBIBYTE,
      totalBytes: node.option(TOTAL_MEGABYTES) * MEBIBYTE,
    };
  },
  schema: () => optionsSchema(BUFFER_SECTION.help, OPTIONS),
};
