import { CODECS } from "../../../media/codec.ts";
import type { SelectableTrack } from "../../../media/select/selectable_track.ts";
import { type Selection, selectTracks } from "../../../media/select/selection.ts";
import type { Track, VideoTrack } from "../../../media/track.ts";
import { addRates, type BitRate, measureBitRate } from "./bit_rate.ts";
import type { Follower } from "./follower.ts";
import { CARRIES, playable } from "./playable.ts";
import type { Rendition } from "./rendition.ts";
import type { ContainerName } from "./rendition_key.ts";

/** A track that manifests can list now. */
export interface Listed {
  readonly id: number;
  /** As it goes out. */
  readonly track: Track;
  readonly rate: BitRate;
  /** Segments of it begin with key frames, as far as is known. */
  readonly independent: boolean;
}

/** The tracks that a manifest lists, and why others are not in it. */
export interface Listing {
  readonly listed: readonly Listed[];
  readonly left: readonly string[];
  /** Some of what was left out has only not come yet. */
  readonly pending: boolean;
}

/** Segments that are looked at for key frames at their starts. */
const LOOKED_AT = 4;

/**
 * The tracks of a stream that have media and that the container and the selection take. Video whose key frames are not
 * where segments begin is left out where there is other video: players could not change over to it. Sound that is
 * nothing but silence by now is listed with `silent` only.
 */
export function listTracks(
  follower: Follower,
  container: ContainerName,
  selection: Selection,
  silent = false,
): Listing {
  const left: string[] = [];
  const there: Listed[] = [];
  const id3: BitRate[] = [];
  const { oldestSegment, newestSegment, leading } = follower.stream;
  let pending = false;
  for (const view of follower.tracks) {
    const track = view.track()?.track;
    if (track === undefined || view.session !== follower.stream.session) continue;
    if (container === "mp4" && track.codec === "id3") {
      id3.push(measureBitRate(view, oldestSegment, newestSegment, container));
      continue;
    }
    const name = `track ${view.id}, ${CODECS[track.codec].label}, is left out`;
    if (!CARRIES[container](track)) {
      left.push(`${name}: ${container === "ts" ? "MPEG-TS" : "HLS"} has no form for it`);
      continue;
    }
    const rendition = track.kind === "data" ? undefined : follower.find(String(view.id));
    const media = rendition?.newest !== undefined;
    if (track.kind !== "data" && !(media && (silent || rendition.fromSource))) {
      left.push(`${name}: ${media ? "it has fallen silent" : "nothing of it has come yet"}`);
      pending = true;
      continue;
    }
    const rate = measureBitRate(view, oldestSegment, newestSegment, container);
    const output = container === "ts" ? track : playable(track) as Track;
    const independent = rendition === undefined || view.id === leading ||
      beginsWithKeys(rendition);
    there.push({ id: view.id, track: output, rate, independent });
  }
  // It goes along with what is like the leading track: see Rendition.
  const lead = there.find((l) => l.id === leading)?.track.kind;
  const all = there.map((l) => l.track.kind === lead ? { ...l, rate: id3.reduce(addRates, l.rate) } : l);
  const selected = new Set(
    selectTracks(all.map(selectable), selection, {
      playable: () => true,
      kinds: ["video", "audio", "meta"],
      several: true,
    }).map((t) => t.id),
  );
  const chosen = all.filter((l) => selected.has(l.id));
  const whole = chosen.some((l) => l.track.kind === "video" && l.independent);
  const listed: Listed[] = [];
  for (const l of chosen) {
    if (l.independent || !whole) listed.push(l);
    else {
      const { label } = CODECS[l.track.codec];
      left.push(`track ${l.id}, ${label}, is left out: its key frames are not where segments begin`);
    }
  }
  return { listed, left, pending };
}

function selectable({ id, track, rate }: Listed): SelectableTrack {
  return { id, track, bitRate: rate.average };
}

function beginsWithKeys({ segments }: Rendition): boolean {
  return segments.slice(-LOOKED_AT).every(({ parts: [first] }) =>
    first === undefined || first.gap || first.independent
  );
}

/** Frames per second: what the parameter sets say, else what comes: to the tenth, as cameras are not exact. */
export function frameRateOf(video: VideoTrack, rate: BitRate): number | undefined {
  if (video.frameRate > 0) return video.frameRate;
  return rate.frameRate > 0 ? Math.round(rate.frameRate * 10) / 10 : undefined;
}
