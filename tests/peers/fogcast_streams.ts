import { readFileSync } from "node:fs";
import { readPlaylist } from "../wire/protocol/hls/read_playlist.ts";
import { answered, answeredText } from "./answered.ts";
import { type RunningFogcast, until } from "./fogcast.ts";

/** A stream as `/streams.json` lists it. */
export interface ListedStream {
  readonly name: string;
  readonly state: string;
  readonly reason: string;
  readonly tracks: readonly { readonly codec: string; readonly label: string }[];
}

/** Lines of a configuration's section `streams`; each stream with its source and further options. */
export function streamsYaml(streams: Readonly<Record<string, Readonly<Record<string, string>>>>): string {
  const lines = ["streams:"];
  for (const [name, options] of Object.entries(streams)) {
    lines.push(`  ${name}:`);
    for (const [key, value] of Object.entries(options)) lines.push(`    ${key}: ${value}`);
  }
  return `${lines.join("\n")}\n`;
}

/** What the server says of one stream now. */
export async function listed(fogcast: RunningFogcast, name: string): Promise<ListedStream | undefined> {
  const answer = await answered(`${fogcast.url}/streams.json`);
  return (await answer.json() as ListedStream[]).find((s) => s.name === name);
}

/** Waits until a stream is in a state, for at most `ms`. */
export function untilState(fogcast: RunningFogcast, name: string, state: string, ms = 15_000) {
  return until(ms, `${name} ${state}`, async () => {
    const found = await listed(fogcast, name);
    if (found?.state === state) return found;
    throw new Error(`${found?.state}, ${found?.reason}`);
  });
}

/** What the multivariant playlist says: CODECS of each variant, and its media playlists as absolute addresses. */
export async function variantsOf(fogcast: RunningFogcast, name: string) {
  const address = `${fogcast.url}/hls/${name}/index.m3u8`;
  const playlists = readPlaylist(await answeredText(address)).playlists ?? [];
  return playlists.map(({ uri, attributes }) => ({
    codecs: String(attributes["CODECS"]),
    url: new URL(uri, address).href,
  }));
}

/** Waits until the only variant has these CODECS: a busy encoder may be seconds later with one track than with another. */
export async function untilCodecs(fogcast: RunningFogcast, name: string, wanted: RegExp): Promise<void> {
  await until(30_000, `CODECS of ${name}: ${wanted}`, async () => {
    const found = (await variantsOf(fogcast, name)).map((v) => v.codecs);
    if (found.length !== 1 || !wanted.test(found[0] ?? "")) throw new Error(`they are ${found.join("; ")}`);
    return true;
  });
}

/** Number of the segment that a media playlist ends before; waits for the first one as players do. */
export async function nextSegmentOf(url: string): Promise<number> {
  const { mediaSequence, segments } = readPlaylist(await answeredText(url));
  return mediaSequence + segments.length;
}

/** A segment that a playlist's viewers may ask for, and that is not begun. */
export function segmentAhead(playlist: string): number {
  const [, msn, part] = /#EXT-X-PRELOAD-HINT:TYPE=PART,URI="(\d+)\.(\d+)\./.exec(playlist) ?? [];
  if (msn === undefined) throw new Error(`no preload hint in\n${playlist}`);
  // near the end of a segment the hint is the next one's first part; further ahead nobody may ask
  return Number(msn) + (part === "0" ? 0 : 1);
}

/** Resident memory of a running process, bytes. */
export function residentBytes(pid: number): number {
  const text = readFileSync(`/proc/${pid}/status`, "utf8");
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(text)?.[1] ?? NaN) * 1024;
}
