import { baseOf, parseStreamName, STREAM_NAME_MAX } from "../../media/stream_name.ts";
import { parseTag, TAG_MAX } from "../../media/stream_tag.ts";
import { maskUrl } from "../../base/mask_url.ts";
import type { ConfigNode } from "../node.ts";
import type { OptionDescriptor, OptionValue, SourceDescriptor } from "../option.ts";
import { printText } from "../option_value.ts";
import { type JsonSchema, optionSchema, optionsSchema } from "../schema.ts";
import type { Section, SectionContext } from "../section.ts";
import { parseSegmentConfig, SEGMENT_OPTIONS, type SegmentConfig } from "./hls.ts";
import type { SourceValues } from "./source_defaults.ts";

/** One stream, everything decided: defaults of `hls` and of the source's section are in it. */
export interface StreamConfig extends SegmentConfig {
  readonly name: string;
  /** Where it comes from; holds the credentials, so show it only through `maskUrl`. */
  readonly source: string;
  /** Name of the descriptor whose pattern the source matches. */
  readonly sourceKind: string;
  /** Runs without viewers too. */
  readonly alwaysOn: boolean;
  /** How long an on-demand source goes on after its last viewer. */
  readonly idleMillis: number;
  /** What RTSP players must show; undefined: the server's accounts alone say who may play. */
  readonly rtspPassword: string | undefined;
  /** By which pushes and whoever asks the API know what kind of stream it is. */
  readonly tags: readonly string[];
  /** The source's own options. */
  readonly values: SourceValues;
}

const SOURCE = {
  name: "source",
  type: { kind: "text", maxLength: 4096 },
  default: undefined,
  help: "Where the stream comes from",
} as const satisfies OptionDescriptor;
const ALWAYS_ON = {
  name: "alwaysOn",
  type: { kind: "boolean" },
  default: false,
  help: "Run without viewers too, not only while someone watches",
} as const satisfies OptionDescriptor;
const IDLE = {
  name: "idle",
  type: { kind: "duration", min: 0, max: 86_400_000 },
  default: 30_000,
  help: "How long an on-demand source goes on after its last viewer; a second at the least",
} as const satisfies OptionDescriptor;
const RTSP_PASSWORD = {
  name: "rtspPassword",
  type: { kind: "secret", maxLength: 256 },
  default: undefined,
  help: "What RTSP players must give as password, with any user name; viewers over HTTP are not asked",
} as const satisfies OptionDescriptor;

/** Options of every stream, whatever its source. */
export const STREAM_OPTIONS = [SOURCE, ALWAYS_ON, IDLE, RTSP_PASSWORD, ...SEGMENT_OPTIONS] as const;
const TAGS = "tags";
const COMMON = [...STREAM_OPTIONS.map((o): string => o.name), TAGS];

export const STREAMS_SECTION: Section<ReadonlyMap<string, StreamConfig>> = {
  name: "streams",
  help: "Streams by name",
  options: STREAM_OPTIONS,
  parse(node: ConfigNode, context: SectionContext): ReadonlyMap<string, StreamConfig> {
    const streams = new Map<string, StreamConfig>();
    for (const [name, stream] of node.fields()) {
      if (!isPlainName(name)) {
        const hint = suggestName(name);
        stream.refuse(
          `expected a stream name of at most ${STREAM_NAME_MAX} of a-z, 0-9, _, . and -, got ${
            JSON.stringify(name)
          }${hint}`,
        );
      }
      const config = parseStream(name, stream, context);
      if (config !== undefined) streams.set(name, config);
    }
    return streams;
  },
  schema: (context: SectionContext) => ({
    type: ["object", "null"],
    description: STREAMS_SECTION.help,
    propertyNames: { pattern: "^[a-z0-9_.-]{1,100}$" } satisfies JsonSchema,
    additionalProperties: streamSchema(context.sources),
  }),
};

/** A name as the configuration has it: already normal, and without the `+` that viewers add to. */
function isPlainName(name: string): boolean {
  return parseStreamName(name) === name && baseOf(name) === name;
}

function suggestName(name: string): string {
  const plain = name.trim().toLowerCase().replaceAll(/[^a-z0-9_.-]+/g, "-");
  return isPlainName(plain) ? `, for example ${plain}` : "";
}

function parseStream(name: string, node: ConfigNode, context: SectionContext): StreamConfig | undefined {
  if (node.tree?.kind === "scalar" || node.tree?.kind === "list") {
    node.fail("a mapping with the key source");
    return undefined;
  }
  const source = parseSource(node, context.sources);
  // Without a known source, options of every source pass: the source's error is the one to read.
  const own = source === undefined ? context.sources.flatMap((s) => s.options) : source.descriptor.options;
  node.allow([...COMMON, ...own.map((o) => o.name)]);
  const values: Record<string, OptionValue> = {};
  for (const option of source === undefined ? [] : own) {
    const inherited = context.inherit.get(`${source?.descriptor.name}.${option.name}`);
    const value: OptionValue | undefined = node.option(option, inherited);
    if (value !== undefined) values[option.name] = value;
  }
  const common = {
    alwaysOn: node.option(ALWAYS_ON),
    idleMillis: node.option(IDLE),
    rtspPassword: parsePassword(node),
    tags: [...new Set(node.field(TAGS).items().flatMap((item) => parseTagOf(item) ?? []))],
    ...parseSegmentConfig(node, context),
  };
  if (source === undefined) return undefined;
  return { name, source: source.url, sourceKind: source.descriptor.name, ...common, values };
}

function parseTagOf(node: ConfigNode): string | undefined {
  const tag = node.tree?.kind === "scalar" ? parseTag(node.tree.text) : undefined;
  if (tag === undefined) node.fail(`a tag of at most ${TAG_MAX} letters, digits, _, ., : and -`);
  else node.decide(printText(tag));
  return tag;
}

/** An empty one, of a variable that is not set for one, would let everybody in. */
function parsePassword(node: ConfigNode): string | undefined {
  const password = node.option(RTSP_PASSWORD);
  if (password === "") node.field(RTSP_PASSWORD.name).fail("a password", "an empty one");
  return password;
}

function parseSource(
  node: ConfigNode,
  sources: readonly SourceDescriptor[],
): { url: string; descriptor: SourceDescriptor } | undefined {
  const field = node.field(SOURCE.name);
  // without the examples' passwords: messages are masked, and *** is no example
  const known = sources.map((s) => `${s.name} (${withoutPassword(s.example)})`).join(", ");
  if (field.tree?.kind !== "scalar") {
    field.fail(`the URL of a source: ${known}`);
    return undefined;
  }
  const url = field.tree.text.trim();
  const descriptor = sources.find((s) => url.search(s.pattern) >= 0);
  if (descriptor === undefined || url.length > SOURCE.type.maxLength) {
    field.fail(`the URL of a source: ${known}`);
    return undefined;
  }
  const wrong = descriptor.refuse?.(url);
  if (wrong !== undefined) {
    field.fail(wrong);
    return undefined;
  }
  field.decide(printText(maskUrl(url)));
  return { url, descriptor };
}

/** `rtsp://user:pass@host/` and `push://host@password`, each without what is behind its address or before it. */
function withoutPassword(example: string): string {
  return example.replace(/\/\/[^/@]*@/, "//").replace(/@[^@]*$/, "");
}

function streamSchema(sources: readonly SourceDescriptor[]): JsonSchema {
  const source: JsonSchema = { ...optionSchema(SOURCE), examples: sources.map((s) => s.example) };
  const options = [...STREAM_OPTIONS.filter((o) => o !== SOURCE), ...sources.flatMap((s) => s.options)];
  const schema = optionsSchema("One stream", options, {
    source,
    tags: {
      type: "array",
      description: "Kinds of streams, such as recorded; a push of #recorded sends every stream of that kind",
      items: { type: "string", maxLength: TAG_MAX },
    },
  });
  return { ...schema, type: "object", required: [SOURCE.name] };
}
