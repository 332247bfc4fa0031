import type { OutputDescriptor, OutputSource } from "../../../config/option.ts";
import type { Codec } from "../../../media/codec.ts";
import { codecOfName } from "./codec_names.ts";
import type { TrackInfo } from "./track_info.ts";

/** An address at which a stream can be had, as players of the reference product read it. */
export interface SourceInfo {
  readonly type: string;
  readonly hrn: string;
  /** From the server's own address on. */
  readonly relurl: string;
  readonly priority: number;
  /** Kinds of tracks that it carries at once, and all tracks that it could carry. */
  readonly simul_tracks: number;
  readonly total_matches: number;
  readonly url: string;
}

export interface SourceQuestion {
  /** Name of the stream. */
  readonly name: string;
  /** The server's address as the client sees it, without a slash at the end. */
  readonly base: string;
  readonly tracks: readonly TrackInfo[];
  /** List those too that carry nothing of the stream. */
  readonly withNone: boolean;
  /** Take it that every output carries data tracks. */
  readonly dataEverywhere: boolean;
  /** Ports of schemes that have one of their own; what has none is left out. */
  readonly ports: Readonly<Record<string, number | undefined>>;
}

/** Every source of a stream, the ones that carry most first. */
export function listSources(outputs: readonly OutputDescriptor[], question: SourceQuestion): SourceInfo[] {
  const found: SourceInfo[] = [];
  for (const output of outputs) {
    for (const source of output.sources ?? []) {
      const info = describeSource(source, source.codecs ?? output.codecs, question);
      if (info !== undefined && (question.withNone || info.simul_tracks > 0)) found.push(info);
    }
  }
  return found.sort((a, b) =>
    b.simul_tracks - a.simul_tracks || b.priority - a.priority || b.total_matches - a.total_matches ||
    (a.url < b.url ? -1 : a.url > b.url ? 1 : 0)
  );
}

function describeSource(
  { type, name: hrn, path, priority, scheme = "http" }: OutputSource,
  codecs: readonly Codec[],
  { name, base, tracks, dataEverywhere, ports }: SourceQuestion,
): SourceInfo | undefined {
  const relurl = path.replace("NAME", encodeURIComponent(name));
  const root = rootOf(base, scheme, ports[scheme]);
  if (root === undefined) return undefined;
  const matches = tracks.filter((track) => {
    const codec = codecOfName(track.codec);
    if (track.type === "meta" && dataEverywhere) return true;
    return codec === undefined ? codecs.includes(track.codec as Codec) : codecs.includes(codec);
  });
  // Subtitles are shown beside the rest; other data is one kind.
  const kinds = new Set(matches.map(({ type, codec }) => (type === "meta" && isText(codec) ? "text" : type)));
  return {
    type,
    hrn,
    relurl,
    priority,
    simul_tracks: kinds.size,
    total_matches: matches.length,
    url: `${root}/${relurl}`,
  };
}

function isText(codec: string): boolean {
  return /^(subtitle|dvbsub|teletext)$/.test(codec);
}

function rootOf(base: string, scheme: string, port: number | undefined): string | undefined {
  if (scheme === "http") return base;
  if (scheme === "ws") return base.replace(/^http/, "ws");
  if (port === undefined) return undefined;
  const host = /^\w+:\/\/(\[[^\]]*\]|[^/:]+)/.exec(base)?.[1] ?? "localhost";
  return `${scheme}://${host}:${port}`;
}
