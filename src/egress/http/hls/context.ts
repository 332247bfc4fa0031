import type { Clock } from "../../../base/clock.ts";
import type { MonoMillis } from "../../../base/units.ts";
import { refuse, refuseForNow } from "../answers.ts";
import { type Followed, type Follower, later } from "./follower.ts";
import { hasMedia } from "./readiness.ts";
import type { HlsSettings } from "./settings.ts";

/** What the answers of HLS share. */
export interface HlsContext {
  readonly clock: Clock;
  readonly settings: HlsSettings;
}

/** The rendition of that name once it has media; waits for its first part. Otherwise why there is none. */
export async function findRendition(
  context: HlsContext,
  follower: Follower,
  key: string,
): Promise<Followed | Response> {
  const now = context.clock.mono();
  const there = follower.find(key);
  if (there !== undefined) there.rendition.wantedAt = now;
  if (there !== undefined && hasMedia(there.rendition)) return there;
  if (isFull(context, follower)) return refuseForNow("Too many requests are waiting for this stream");
  // A stream that has media already will not get the track within moments.
  const patience = [...follower.singles()].some(hasMedia) && there === undefined
    ? context.settings.tracksMillis
    : context.settings.firstPartMillis;
  const met = await follower.until(() => {
    const found = follower.find(key);
    if (found !== undefined) found.rendition.wantedAt = now;
    return hasMedia(found?.rendition);
  }, later(now, patience));
  const found = follower.find(key);
  if (met && found !== undefined) return found;
  if ([...follower.singles()].some(hasMedia) && found === undefined) {
    return refuse(404, "There is no such track");
  }
  return refuseForNow("The stream is offline");
}

/** True when the stream already holds as many requests as it may. */
export function isFull(context: HlsContext, follower: Follower): boolean {
  return follower.held >= context.settings.heldMax;
}

/** Requests are held for three target durations at most, RFC 8216bis, 6.2.5.2. */
export function heldUntil(context: HlsContext, followed: Followed): MonoMillis {
  return later(context.clock.mono(), followed.playlist.targetSeconds * 3000);
}
