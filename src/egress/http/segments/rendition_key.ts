/** How media lies in segments and parts. */
export type ContainerName = "mp4" | "ts";

/** What a rendition's name in an address means. */
export interface RenditionKey {
  readonly container: ContainerName;
  /** Numbers of its tracks, or the first track of each of these kinds. */
  readonly tracks: readonly number[] | readonly ("video" | "audio")[];
}

/** Most tracks of one rendition. */
const TRACKS_MAX = 4;

/**
 * Reads the name of a rendition: `0` is a track in fragmented MP4, `0-1` two in one file; `0.ts` is a track in MPEG-TS,
 * `0_1` several of them, as the reference product has it. `video`, `audio` and `muxed` are the first of a kind, and with
 * `.ts` the same in MPEG-TS.
 */
export function parseRenditionKey(text: string): RenditionKey | undefined {
  const named = /^(video|audio|muxed)(\.ts)?$/.exec(text);
  if (named !== null) {
    const [, name, ts] = named;
    const container = ts === undefined ? "mp4" : "ts";
    return { container, tracks: name === "muxed" ? ["video", "audio"] : [name as "video" | "audio"] };
  }
  const numbers = /^([0-9]{1,4}(?:([-_])[0-9]{1,4}(?:\2[0-9]{1,4})*)?)(\.ts)?$/.exec(text);
  if (numbers === null) return undefined;
  const [, list = "", joint, suffix] = numbers;
  if (joint !== undefined && suffix !== undefined) return undefined;
  const tracks = list.split(/[-_]/).map(Number);
  if (tracks.length > TRACKS_MAX || new Set(tracks).size !== tracks.length) return undefined;
  return { container: joint === "_" || suffix !== undefined ? "ts" : "mp4", tracks };
}

/** The one name under which a rendition is listed. */
export function printRenditionKey(container: ContainerName, tracks: readonly number[]): string {
  if (tracks.length === 1) return `${tracks[0]}${container === "ts" ? ".ts" : ""}`;
  return tracks.join(container === "ts" ? "_" : "-");
}
