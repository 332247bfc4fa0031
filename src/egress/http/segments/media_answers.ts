import { advancePartLimit } from "../../../wire/protocol/hls/delivery_directives.ts";
import { answerBytes, fixedHeaders, IMMUTABLE, refuse, refuseForNow } from "../answers.ts";
import type { Visitor } from "../visitors.ts";
import { heldUntil, isFull, type SegmentContext, withRendition } from "./context.ts";
import { answerGrowing } from "./growing_segment.ts";
import { versionsIn } from "./init_section.ts";
import type { Rendition, SegmentTime } from "./rendition.ts";
import type { Verdict } from "./waiting_room.ts";
import type { Follower } from "./follower.ts";

/** What a file name under a rendition means. */
export type MediaName =
  /** Init section for these configurations. */
  | { readonly init: string }
  | WantedMedia;

/** A segment, or its part. */
export interface WantedMedia {
  /** Number of the segment, or undefined where only its time is known. */
  readonly msn: number | undefined;
  readonly at?: SegmentTime;
  readonly part: number | undefined;
  /** Ending of the name: `m4s` or `ts`. */
  readonly extension: string;
}

/** Header sets by content type, made once. */
const HEADERS = new Map<string, Headers>();
/** Caches may keep a refusal as long as a whole crowd needs to ask once. */
const BRIEFLY = { "cache-control": "max-age=1" };

/**
 * Reads `init-1.HASH.mp4`, `init-1_2.HASH.mp4`, `7.m4s`, `7.3.m4s`, the last two with `.ts`, `t90000.m4s` (by time) and
 * `1000_3000.ts`, as the reference product names segments: from and to, in milliseconds of stream time.
 */
export function parseMediaName(file: string): MediaName | undefined {
  const media = /^([0-9]{1,15})(?:\.([0-9]{1,4}))?\.(m4s|ts)$/.exec(file);
  if (media === null) {
    return parseTimedName(file) ?? (versionsIn(file) === undefined ? undefined : { init: file });
  }
  const [, msn, part, extension] = media;
  return {
    msn: Number(msn),
    part: part === undefined ? undefined : Number(part),
    extension: extension as string,
  };
}

function parseTimedName(file: string): WantedMedia | undefined {
  const timed = /^(t?)([0-9]{1,16})(?:_[0-9]{1,16})?\.(m4s|ts)$/.exec(file);
  if (timed === null) return undefined;
  const [, ticks, time, extension] = timed;
  const at: SegmentTime = { time: Number(time), unit: ticks === "t" ? "ticks" : "millis" };
  return { msn: undefined, at, part: undefined, extension: extension as string };
}

/** An init section. */
export function answerInit(
  context: SegmentContext,
  follower: Follower,
  key: string,
  request: Request,
  name: string,
): Response | Promise<Response> {
  return withRendition(context, follower, key, (rendition) => {
    const bytes = rendition.format.init(name);
    return bytes === undefined
      ? refuse(404, "There is no such init section")
      : answerBytes(request, bytes, headersOf(rendition));
  });
}

/** A segment or a part, now or as soon as it is complete; 404 when it will never be. */
export function answerMedia(
  context: SegmentContext,
  follower: Follower,
  key: string,
  request: Request,
  wanted: WantedMedia,
  visitor: Visitor,
): Response | Promise<Response> {
  return withRendition(context, follower, key, (rendition) => {
    const { part, extension, at } = wanted;
    if (extension !== rendition.format.extension) return refuse(404, "There is nothing here");
    const msn = wanted.msn ?? (at && rendition.segmentAt(at));
    if (msn === undefined) return refuse(404, "No segment begins then", BRIEFLY);
    const verdict = rendition.judge(msn, part);
    if (verdict !== undefined) return answerVerdict(rendition, request, msn, part, verdict);
    if (!isNear(rendition, msn, part)) return refuse(404, "There is nothing here yet", BRIEFLY);
    if (isFull(context, follower)) return refuseForNow("Too many requests are waiting for this stream");
    const until = () => heldUntil(context, rendition);
    const first = rendition.judge(msn, part ?? 0) ?? rendition.mediaWaits.hold(msn, part ?? 0, until());
    // A whole segment that is not complete is sent as it grows.
    const answer = (late: Verdict) =>
      part === undefined && late === "ready"
        ? answerGrowing(rendition, request, msn, headersOf(rendition), until, visitor)
        : answerVerdict(rendition, request, msn, part, late);
    return first instanceof Promise ? first.then(answer) : answer(first);
  });
}

function answerVerdict(
  rendition: Rendition,
  request: Request,
  msn: number,
  part: number | undefined,
  verdict: Verdict,
): Response {
  if (verdict === "never") return refuse(404, "The segment ended before this part", BRIEFLY);
  if (verdict !== "ready") return refuseForNow("It was not complete in time");
  const bytes = rendition.media(msn, part);
  return bytes === undefined
    ? refuse(404, "It is gone", BRIEFLY)
    : answerBytes(request, bytes, headersOf(rendition));
}

/** True for what a manifest may have told: the open segment, its next parts, the next one and its first part. */
function isNear(rendition: Rendition, msn: number, part: number | undefined): boolean {
  const open = rendition.newestClosed + 1;
  if (msn !== open) return msn === open + 1 && (part ?? 0) === 0;
  if (part === undefined) return true;
  const newest = rendition.newest;
  const have = newest?.msn === msn ? newest.part : -1;
  return part <= have + advancePartLimit(rendition.partTargetSeconds);
}

function headersOf({ format: { mimeType } }: Rendition): Headers {
  let headers = HEADERS.get(mimeType);
  if (headers === undefined) HEADERS.set(mimeType, headers = fixedHeaders(mimeType, IMMUTABLE));
  return headers;
}
