import type { MonoMillis } from "../../../base/units.ts";
import { playable } from "./playable.ts";
import type { Follower } from "./follower.ts";
import type { Rendition } from "./rendition.ts";

/**
 * Whether the multivariant playlist can be printed: every track that was announced has a part, or one has had one for
 * `tracksMillis` while others are silent. A stream of tracks that HLS cannot carry is ready as soon as it has media.
 */
export function isReady(follower: Follower, now: MonoMillis, tracksMillis: number): boolean {
  let silent = 0;
  let firstAt = Infinity;
  for (const view of follower.tracks) {
    // Data never goes out, and a track of an earlier session is gone.
    if (view.kind === "data" || view.session !== follower.stream.session) continue;
    const track = view.track()?.track;
    if (track !== undefined && playable(track) === undefined) {
      if (view.head > 0) firstAt = Math.min(firstAt, firstPartAt(follower, view.id) ?? now);
      continue;
    }
    const rendition = follower.find(String(view.id));
    if (rendition?.newest === undefined) silent++;
    else firstAt = Math.min(firstAt, firstPartAt(follower, view.id) ?? now);
  }
  if (firstAt === Infinity) return false;
  return silent === 0 || now - firstAt >= tracksMillis;
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
