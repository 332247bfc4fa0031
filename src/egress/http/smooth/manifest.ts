import type { Selection } from "../../../media/select/selection.ts";
import type { FragmentTime } from "../../../wire/protocol/smooth/live_boxes.ts";
import {
  printSmoothManifest,
  type QualityLevel,
  type StreamIndex,
} from "../../../wire/protocol/smooth/manifest.ts";
import type { Follower } from "../segments/follower.ts";
import { type Listed, listTracks } from "../segments/listing.ts";
import type { Rendition } from "../segments/rendition.ts";
import type { RenditionSegment } from "../segments/rendition_segment.ts";
import { inSmooth, qualityOf } from "./quality.ts";

/** Fragments that each fragment tells of: the newest complete one is told of, not listed. */
export const LOOK_AHEAD = 1;

/** Text of the manifest, or why there is none. `pending`: some of it has only not come yet. */
export type Manifest = { readonly text: string } | { readonly unplayable: string; readonly pending: boolean };

interface Level {
  readonly listed: Listed;
  readonly quality: QualityLevel;
  readonly rendition: Rendition;
}

/** Prints the manifest of what the stream has now, `limit` fragments at most (0: all). */
export function printManifest(follower: Follower, selection: Selection, limit: number): Manifest {
  const { listed, left, pending } = listTracks(follower, "mp4", selection);
  const levels: Level[] = [];
  const others: string[] = [];
  for (const l of listed) {
    const { id, track, rate } = l;
    const rendition = follower.find(String(id));
    const quality = inSmooth(track) ? qualityOf(id, track, rate.average) : undefined;
    if (rendition !== undefined && quality !== undefined) levels.push({ listed: l, quality, rendition });
    else others.push(`track ${id} is left out: Smooth Streaming has no form for it`);
  }
  if (levels.length === 0) {
    return { unplayable: [...left, ...others].join("; ") || "no such tracks", pending };
  }
  const streams = [...Map.groupBy(levels, streamKey).values()].map((members, n) => stream(members, n, limit));
  const windowSeconds = Math.max(
    ...levels.map(({ rendition }) => rendition.segments.reduce((sum, { seconds }) => sum + seconds, 0)),
  );
  return { text: printSmoothManifest({ lookAhead: LOOK_AHEAD, windowSeconds, streams }) };
}

function streamKey({ listed: { track } }: Level): string {
  return track.kind === "video" ? "video" : `audio ${track.language}`;
}

/** Qualities of one stream have the same times: those of the first. */
function stream(members: readonly Level[], n: number, limit: number): StreamIndex {
  const { listed: { track }, rendition } = members[0] as Level;
  const known = track.language !== "" && track.language !== "und";
  const times = fragmentTimes(rendition.segments);
  const type = track.kind === "video" ? "video" : "audio";
  return {
    type,
    name: n === 0 || type === "audio" && n === 1 ? type : `${type}${n}`,
    language: known ? track.language : undefined,
    timescale: track.timescale,
    levels: members.map((m) => m.quality),
    fragments: limit > 0 ? times.slice(-limit) : times,
  };
}

/** Complete segments since the newest break, less those that are told of by the ones before. */
function fragmentTimes(segments: readonly RenditionSegment[]): FragmentTime[] {
  const whole = segments.filter((s) => s.closed);
  const broken = whole.findLastIndex((s, n) =>
    n > 0 && s.facts.runMicros !== (whole[n - 1] as RenditionSegment).facts.runMicros
  );
  const times: FragmentTime[] = [];
  for (const segment of whole.slice(Math.max(0, broken), -LOOK_AHEAD)) {
    if (segment.times !== undefined && !segment.gap) times.push(segment.times);
  }
  return times;
}
