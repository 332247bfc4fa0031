import type { Clock } from "../../../base/clock.ts";
import type { MonoMillis } from "../../../base/units.ts";
import { refuse, refuseForNow } from "../answers.ts";
import { type Follower, later } from "./follower.ts";
import { hasMedia, isReady } from "./readiness.ts";
import type { Rendition } from "./rendition.ts";
import type { HlsSettings } from "./settings.ts";

/** What all answers from segments share. */
export interface SegmentContext {
  readonly clock: Clock;
  readonly settings: HlsSettings;
  /** Whether segments are offered in parts to those who do not say. */
  lowLatency(): boolean;
}

/**
 * Answers from the rendition of that name: at once when it has media, else when its first part has come. Answers why
 * there is none when it does not come.
 */
export function withRendition(
  context: SegmentContext,
  follower: Follower,
  key: string,
  answer: (rendition: Rendition) => Response | Promise<Response>,
): Response | Promise<Response> {
  const now = context.clock.mono();
  const there = want(follower, key, now);
  if (there !== undefined && hasMedia(there)) return answer(there);
  return waitForRendition(context, follower, key, there).then((found) =>
    found instanceof Response ? found : answer(found)
  );
}

async function waitForRendition(
  context: SegmentContext,
  follower: Follower,
  key: string,
  there: Rendition | undefined,
): Promise<Rendition | Response> {
  const now = context.clock.mono();
  if (there === undefined && follower.cannot(key)) return refuse(404, "There is no such track here");
  if (isFull(context, follower)) return refuseForNow("Too many requests are waiting for this stream");
  // A stream that has media already will not get a further track much later.
  const others = there === undefined && [...follower.singles()].some(hasMedia);
  const patience = others ? context.settings.tracksMillis : context.settings.firstPartMillis;
  const met = await follower.until(() => hasMedia(want(follower, key, now)), later(now, patience));
  const found = follower.find(key);
  if (met && found !== undefined) return found;
  if (found === undefined && [...follower.singles()].some(hasMedia)) {
    return refuse(404, "There is no such track");
  }
  return refuseForNow(follower.offline);
}

/**
 * Waits until a manifest can be printed: all tracks are there, or one has had media for a while. Answers why there is
 * none; undefined when there is. Marks all tracks as wanted.
 */
export async function notReady(context: SegmentContext, follower: Follower): Promise<Response | undefined> {
  const { tracksMillis, firstPartMillis } = context.settings;
  const now = context.clock.mono();
  const ready = () => isReady(follower, context.clock.mono(), tracksMillis);
  if (!ready()) {
    if (isFull(context, follower)) return refuseForNow("Too many requests are waiting for this stream");
    if (!await follower.until(ready, later(now, firstPartMillis))) {
      return refuseForNow(follower.offline);
    }
  }
  for (const rendition of follower.singles()) rendition.wantedAt = now;
  return undefined;
}

/** True when the playlist has so many complete segments. */
export function hasSegment(rendition: Rendition, count = 1): boolean {
  return rendition.segments[count - 1]?.closed === true;
}

/**
 * Waits for the first complete segments: hls.js, ffmpeg and GStreamer take a playlist that has only parts for an error.
 * Gives up waiting, not the answer, when that takes longer than a first part may.
 */
export async function firstSegment(
  context: SegmentContext,
  follower: Follower,
  rendition: Rendition,
  count = 1,
): Promise<void> {
  if (isFull(context, follower)) return;
  await follower.until(
    () => hasSegment(rendition, count),
    later(context.clock.mono(), context.settings.firstPartMillis),
  );
}

/** As {@link firstSegment}, for all tracks at the same time. */
export async function firstSegments(context: SegmentContext, follower: Follower, count = 1): Promise<void> {
  await Promise.all([...follower.singles()].map((each) => firstSegment(context, follower, each, count)));
}

/** The rendition, marked as wanted so that its parts are muxed as they come. */
function want(follower: Follower, key: string, now: MonoMillis): Rendition | undefined {
  const found = follower.find(key);
  if (found !== undefined) found.wantedAt = now;
  return found;
}

/** True when the stream already holds as many requests as it may. */
export function isFull(context: SegmentContext, follower: Follower): boolean {
  return follower.held >= context.settings.heldMax;
}

/** Requests are held for three target durations at most, RFC 8216bis, 6.2.5.2. */
export function heldUntil(context: SegmentContext, rendition: Rendition): MonoMillis {
  return later(context.clock.mono(), rendition.targetSeconds * 3000);
}
