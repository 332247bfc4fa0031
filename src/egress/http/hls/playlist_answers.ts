import { advancePartLimit, type DeliveryDirectives } from "../../../wire/protocol/hls/delivery_directives.ts";
import { answerWhole, fixedHeaders, refuse, refuseForNow, takesGzip } from "../answers.ts";
import { CompressibleBody } from "../gzip.ts";
import {
  firstSegment,
  hasSegment,
  heldUntil,
  isFull,
  notReady,
  type SegmentContext,
  withRendition,
} from "../segments/context.ts";
import type { Follower } from "../segments/follower.ts";
import type { Rendition } from "../segments/rendition.ts";
import { type MasterForm, printMultivariant } from "./multivariant.ts";
import { type PlaylistForm, playlistOf } from "./rendition_playlist.ts";

const PLAYLIST = "application/vnd.apple.mpegurl";
const GZIP = { vary: "Accept-Encoding", "content-encoding": "gzip" };
const PLAIN = { vary: "Accept-Encoding" };

/** Header sets by caching, made once. */
const HEADERS = new Map<string, { readonly plain: Headers; readonly gzip: Headers }>();

function headersFor(cacheControl: string): { readonly plain: Headers; readonly gzip: Headers } {
  let made = HEADERS.get(cacheControl);
  if (made === undefined) {
    made = {
      plain: fixedHeaders(PLAYLIST, cacheControl, PLAIN),
      gzip: fixedHeaders(PLAYLIST, cacheControl, GZIP),
    };
    HEADERS.set(cacheControl, made);
  }
  return made;
}

/** The multivariant playlist, as soon as all tracks are there. 406 when none of them can go out as HLS. */
export async function answerMultivariant(
  context: SegmentContext,
  follower: Follower,
  request: Request,
  form: MasterForm,
): Promise<Response> {
  const refused = await notReady(context, follower);
  if (refused !== undefined) return refused;
  const printed = printMultivariant(follower, form);
  if ("unplayable" in printed) {
    // A player takes 406 for final.
    const why = `Nothing of this stream can go out as HLS${
      printed.pending ? " yet" : ""
    }: ${printed.unplayable}`;
    return printed.pending ? refuseForNow(why) : refuse(406, why);
  }
  return await answerText(request, new CompressibleBody(printed.text), "no-cache");
}

/** A media playlist: now, or as soon as it holds what the directives ask for (RFC 8216bis, 6.2.5.2). */
export function answerMediaPlaylist(
  context: SegmentContext,
  follower: Follower,
  key: string,
  request: Request,
  directives: DeliveryDirectives,
  form: PlaylistForm,
): Response | Promise<Response> {
  const { msn, part } = directives;
  const answer = (rendition: Rendition): Response | Promise<Response> => {
    if (msn === undefined) return answerNow(follower, rendition, request, directives, form);
    const beyond = tooFar(rendition, msn, part);
    if (beyond !== undefined) return refuse(400, beyond);
    if (rendition.has(msn, part)) return answerNow(follower, rendition, request, directives, form);
    if (isFull(context, follower)) return refuseForNow("Too many requests are waiting for this stream");
    return rendition.playlistWaits.hold(msn, part, heldUntil(context, rendition)).then((verdict) =>
      verdict === "ready"
        ? answerNow(follower, rendition, request, directives, form)
        : refuseForNow("The playlist did not come this far in time")
    );
  };
  return withRendition(
    context,
    follower,
    key,
    (rendition) =>
      hasSegment(rendition)
        ? answer(rendition)
        : firstSegment(context, follower, rendition).then(() => answer(rendition)),
  );
}

function answerNow(
  follower: Follower,
  rendition: Rendition,
  request: Request,
  { msn, skip }: DeliveryDirectives,
  form: PlaylistForm,
): Response | Promise<Response> {
  const usable = form.lowLatency ? rendition.segments.length > 0 : hasSegment(rendition);
  if (!usable) return refuseForNow(follower.offline);
  const target = rendition.targetSeconds;
  return answerText(
    request,
    playlistOf(rendition).text(follower.like(rendition), skip, form),
    // By its query a blocking request is the same for all viewers: RFC 8216bis, B.1 caches it for six target durations.
    msn === undefined ? `max-age=${Math.max(1, Math.floor(target / 2))}` : `max-age=${target * 6}`,
  );
}

/** RFC 8216bis, 6.2.5.2: at most two segments, or so many parts, beyond the playlist's end. */
function tooFar(rendition: Rendition, msn: number, part: number | undefined): string | undefined {
  const last = rendition.newestClosed;
  if (msn > last + 2) return `_HLS_msn: ${msn} is more than two segments after ${last}`;
  if (part === undefined) return undefined;
  const newest = rendition.newest;
  const have = newest?.msn === msn ? newest.part : -1;
  if (msn <= last || part <= have + advancePartLimit(rendition.partTargetSeconds)) return undefined;
  return `_HLS_part: ${part} is too far after ${have}`;
}

/** The text, in gzip form for those who take it. */
function answerText(
  request: Request,
  body: CompressibleBody,
  cacheControl: string,
): Response | Promise<Response> {
  const headers = headersFor(cacheControl);
  const head = request.method === "HEAD";
  if (!takesGzip(request)) return answerWhole(head, body.plain, headers.plain);
  const { ready } = body;
  if (ready !== undefined) return answerWhole(head, ready, headers.gzip);
  return body.gzipped().then((zipped) => answerWhole(head, zipped, headers.gzip));
}
