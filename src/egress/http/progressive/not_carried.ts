import { CODECS } from "../../../media/codec.ts";
import type { SelectableTrack } from "../../../media/select/selectable_track.ts";
import { playable } from "../segments/playable.ts";
import { chooseTracks, PROGRESSIVE_OUTPUTS, type ProgressiveOutput } from "./outputs.ts";

/** One line for a viewer who asked for what the stream does not have: what it has, and who would carry that. */
export function notCarried(
  stream: string,
  output: ProgressiveOutput,
  tracks: readonly SelectableTrack[],
  why: string,
): string {
  const has = tracks.map(({ id, track }) => `${CODECS[track.codec].label} (track ${id})`).join(", ");
  const carriers = PROGRESSIVE_OUTPUTS
    .filter((other) => other !== output && typeof chooseTracks(other, tracks, {}) !== "string")
    .map(({ extensions: [extension] }) => `${stream}.${extension}`);
  if (tracks.some(({ track }) => playable(track) !== undefined)) {
    carriers.push(`hls/${stream}/index.m3u8`);
  }
  return `Cannot give ${stream} as ${output.name}: ${why}. It has ${has === "" ? "no tracks" : has}.` +
    (carriers.length === 0 ? "" : ` These carry it: ${carriers.join(" ")}`);
}
