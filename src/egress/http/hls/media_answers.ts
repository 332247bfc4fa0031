import { advancePartLimit } from "../../../wire/protocol/hls/delivery_directives.ts";
import { answerBytes, type BodyHeaders, bodyHeaders, IMMUTABLE, refuse, refuseForNow } from "../answers.ts";
import { heldUntil, type HlsContext, isFull, withRendition } from "./context.ts";
import { versionsIn } from "./init_section.ts";
import type { Rendition } from "./rendition.ts";
import type { Verdict } from "./waiting_room.ts";
import type { Followed, Follower } from "./follower.ts";

/** What a file name under a rendition means. */
export type MediaName =
  /** Init section for these configurations. */
  | { readonly init: string }
  | WantedMedia;

/** A segment, or its part. */
export interface WantedMedia {
  readonly msn: number;
  readonly part: number | undefined;
}

const VIDEO = bodyHeaders("video/mp4", IMMUTABLE);
const AUDIO = bodyHeaders("audio/mp4", IMMUTABLE);
/** Caches may keep a refusal as long as a whole crowd needs to ask once. */
const BRIEFLY = { "cache-control": "max-age=1" };

/** Reads `init-1.HASH.mp4`, `init-1_2.HASH.mp4`, `7.m4s` or `7.3.m4s`. */
export function parseMediaName(file: string): MediaName | undefined {
  const media = /^([0-9]{1,15})(?:\.([0-9]{1,4}))?\.m4s$/.exec(file);
  if (media === null) return versionsIn(file) === undefined ? undefined : { init: file };
  return { msn: Number(media[1]), part: media[2] === undefined ? undefined : Number(media[2]) };
}

/** An init section. */
export function answerInit(
  context: HlsContext,
  follower: Follower,
  key: string,
  request: Request,
  name: string,
): Response | Promise<Response> {
  return withRendition(context, follower, key, ({ rendition }) => {
    const bytes = rendition.init(name);
    return bytes === undefined
      ? refuse(404, "There is no such init section")
      : answerBytes(request, bytes, headersOf(rendition));
  });
}

/** A segment or a part, now or as soon as it is complete; 404 when it will never be. */
export function answerMedia(
  context: HlsContext,
  follower: Follower,
  key: string,
  request: Request,
  wanted: WantedMedia,
): Response | Promise<Response> {
  return withRendition(context, follower, key, (followed) => {
    const { rendition } = followed;
    const { msn, part } = wanted;
    const verdict = rendition.judge(msn, part);
    if (verdict !== undefined) return answerVerdict(rendition, request, wanted, verdict);
    if (!isNear(followed, msn, part)) return refuse(404, "There is nothing here yet", BRIEFLY);
    if (isFull(context, follower)) return refuseForNow("Too many requests are waiting for this stream");
    return rendition.mediaWaits.hold(msn, part, heldUntil(context, followed)).then((late) =>
      answerVerdict(rendition, request, wanted, late)
    );
  });
}

function answerVerdict(
  rendition: Rendition,
  request: Request,
  { msn, part }: WantedMedia,
  verdict: Verdict,
): Response {
  if (verdict === "never") return refuse(404, "The segment ended before this part", BRIEFLY);
  if (verdict !== "ready") return refuseForNow("It was not complete in time");
  const bytes = rendition.media(msn, part);
  return bytes === undefined
    ? refuse(404, "It is gone", BRIEFLY)
    : answerBytes(request, bytes, headersOf(rendition));
}

/** True for what a playlist may have hinted at: the open segment, its next parts, the first part of the next. */
function isNear(followed: Followed, msn: number, part: number | undefined): boolean {
  const { rendition, playlist } = followed;
  const open = rendition.newestClosed + 1;
  if (msn !== open) return msn === open + 1 && part === 0;
  if (part === undefined) return true;
  const newest = rendition.newest;
  const have = newest?.msn === msn ? newest.part : -1;
  return part <= have + advancePartLimit(playlist.partTargetSeconds);
}

function headersOf(rendition: Rendition): BodyHeaders {
  return rendition.tracks.every((track) => track.kind === "audio") ? AUDIO : VIDEO;
}
