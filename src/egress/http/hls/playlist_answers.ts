import { advancePartLimit, type DeliveryDirectives } from "../../../wire/protocol/hls/delivery_directives.ts";
import { answerWhole, type BodyHeaders, bodyHeaders, refuse, refuseForNow, takesGzip } from "../answers.ts";
import { CompressibleBody } from "../gzip.ts";
import { firstSegment, hasSegment, heldUntil, type HlsContext, isFull, withRendition } from "./context.ts";
import { type Followed, type Follower, later } from "./follower.ts";
import { printMultivariant } from "./multivariant.ts";
import { isReady } from "./readiness.ts";

const PLAYLIST = "application/vnd.apple.mpegurl";
const GZIP = { vary: "Accept-Encoding", "content-encoding": "gzip" };
const PLAIN = { vary: "Accept-Encoding" };

/** Header sets by caching, made once. */
const HEADERS = new Map<string, { readonly plain: BodyHeaders; readonly gzip: BodyHeaders }>();

function headersFor(cacheControl: string): { readonly plain: BodyHeaders; readonly gzip: BodyHeaders } {
  let made = HEADERS.get(cacheControl);
  if (made === undefined) {
    made = {
      plain: bodyHeaders(PLAYLIST, cacheControl, PLAIN),
      gzip: bodyHeaders(PLAYLIST, cacheControl, GZIP),
    };
    HEADERS.set(cacheControl, made);
  }
  return made;
}

/** The multivariant playlist, as soon as all tracks are there. 406 when none of them can go out as HLS. */
export async function answerMultivariant(
  context: HlsContext,
  follower: Follower,
  request: Request,
  muxed: boolean,
): Promise<Response> {
  const { tracksMillis, firstPartMillis } = context.settings;
  const now = context.clock.mono();
  const ready = () => isReady(follower, context.clock.mono(), tracksMillis);
  if (!ready()) {
    if (isFull(context, follower)) return refuseForNow("Too many requests are waiting for this stream");
    if (!await follower.until(ready, later(now, firstPartMillis))) {
      return refuseForNow("The stream is offline");
    }
  }
  for (const rendition of follower.singles()) rendition.wantedAt = now;
  const printed = printMultivariant(follower, muxed);
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
  context: HlsContext,
  follower: Follower,
  key: string,
  request: Request,
  directives: DeliveryDirectives,
): Response | Promise<Response> {
  const { msn, part } = directives;
  const answer = (followed: Followed): Response | Promise<Response> => {
    if (msn === undefined) return answerNow(follower, followed, request, directives);
    const beyond = tooFar(followed, msn, part);
    if (beyond !== undefined) return refuse(400, beyond);
    if (followed.rendition.has(msn, part)) return answerNow(follower, followed, request, directives);
    if (isFull(context, follower)) return refuseForNow("Too many requests are waiting for this stream");
    return followed.rendition.playlistWaits.hold(msn, part, heldUntil(context, followed)).then((verdict) =>
      verdict === "ready"
        ? answerNow(follower, followed, request, directives)
        : refuseForNow("The playlist did not come this far in time")
    );
  };
  return withRendition(
    context,
    follower,
    key,
    (followed) =>
      hasSegment(followed)
        ? answer(followed)
        : firstSegment(context, follower, followed).then(() => answer(followed)),
  );
}

function answerNow(
  follower: Follower,
  { rendition, playlist }: Followed,
  request: Request,
  { msn, skip }: DeliveryDirectives,
): Response | Promise<Response> {
  if (rendition.segments.length === 0) return refuseForNow("The stream is offline");
  const target = playlist.targetSeconds;
  return answerText(
    request,
    playlist.text(follower.singles(), skip),
    // By its query a blocking request is the same for all viewers: RFC 8216bis, B.1 caches it for six target durations.
    msn === undefined ? `max-age=${Math.max(1, Math.floor(target / 2))}` : `max-age=${target * 6}`,
  );
}

/** RFC 8216bis, 6.2.5.2: at most two segments, or so many parts, beyond the playlist's end. */
function tooFar(followed: Followed, msn: number, part: number | undefined): string | undefined {
  const { rendition, playlist } = followed;
  const last = rendition.newestClosed;
  if (msn > last + 2) return `_HLS_msn: ${msn} is more than two segments after ${last}`;
  if (part === undefined) return undefined;
  const newest = rendition.newest;
  const have = newest?.msn === msn ? newest.part : -1;
  if (msn <= last || part <= have + advancePartLimit(playlist.partTargetSeconds)) return undefined;
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
