import type { MonoMillis } from "../../../base/units.ts";
import type { TrackKind } from "../../../media/codec.ts";
import { playable } from "./playable.ts";
import type { Follower } from "./follower.ts";
import type { Rendition } from "./rendition.ts";

/**
 * Whether the multivariant playlist can be printed: every track that was announced has a part, or one has had one for
 * `tracksMillis` while others are silent. A stream of tracks that HLS cannot carry is ready as soon as it has media.
 *
 * Tracks are announced with their first frame: pictures without sound, or sound without pictures, may be half of what is
 * on its way, and a player that is told of one half never plays the other. They wait as long too, though not for longer
 * than their first segment takes, which players wait for in any case.
 */
export function isReady(follower: Follower, now: MonoMillis, tracksMillis: number): boolean {
  let silent = 0;
  let firstAt = Infinity;
  let segments = 0;
  const kinds = new Set<TrackKind>();
  for (const view of follower.tracks) {
    // Data never goes out, and a track of an earlier session is gone.
    if (view.kind === "data" || view.session !== follower.stream.session) continue;
    kinds.add(view.kind);
    const track = view.track()?.track;
    const listed = track === undefined || playable(track) !== undefined;
    const there = listed ? follower.find(String(view.id))?.newest !== undefined : view.head > 0;
    if (there) {
      firstAt = Math.min(firstAt, firstPartAt(follower, view.id) ?? now);
      segments = Math.max(segments, follower.stream.newestSegment - view.oldestMsn);
    } else if (listed) silent++;
  }
  if (firstAt === Infinity) return false;
  return silent === 0 && (kinds.size > 1 || segments > 0) || now - firstAt >= tracksMillis;
}

/** When the oldest part that the buffer still has was complete. */
function firstPartAt(follower: Follower, id: number): MonoMillis | undefined {
  const view = follower.tracks.find((t) => t.id === id);
  return view?.part(view.oldestMsn, 0)?.closedAt;
}

/** Whether a media playlist can be printed. */
export function hasMedia(rendition: Rendition | undefined): rendition is Rendition {
  return rendition !== undefined && rendition.newest !== undefined;
}
