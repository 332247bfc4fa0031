import type { Hono } from "hono";
import { parseStreamName } from "../../../media/stream_name.ts";
import { parseDirectives } from "../../../wire/protocol/hls/delivery_directives.ts";
import { refuse, refuseForNow } from "../answers.ts";
import { isRefusal, type Refusal, type Visit } from "../door.ts";
import type { HttpBindings } from "../bindings.ts";
import { answerInit, answerMedia, parseMediaName } from "./media_answers.ts";
import { answerMediaPlaylist, answerMultivariant } from "./playlist_answers.ts";
import type { Follower } from "./follower.ts";
import type { Followers } from "./followers.ts";
import type { HlsContext } from "./context.ts";
import type { Visitors } from "../visitors.ts";

/** When who found no room may come again. */
const FULL_SECONDS = 5;
const NO_STREAM = () => refuse(404, "There is no such stream");
const NO_FILE = () => refuse(404, "There is nothing here");

/**
 * `/hls/NAME/index.m3u8`, `/hls/NAME/RENDITION/index.m3u8` and `/hls/NAME/RENDITION/FILE`. A rendition is a track
 * number, two of them joined by `_` (muxed), or `video`, `audio`, `muxed`.
 */
export function addHlsRoutes(
  app: Hono<HttpBindings>,
  followers: Followers,
  context: HlsContext,
  visitors: Visitors,
): void {
  const counted = (
    stream: string,
    request: Request,
    remote: string,
    follower: Follower,
    answer: (follower: Follower) => Response | Promise<Response>,
  ): Response | Promise<Response> => {
    const visitor = visitors.visit(stream, "HLS", request, remote);
    if (visitor === undefined) {
      const full = visitors.noRoom;
      return full === undefined ? refuse(403, "This session was stopped") : refuseForNow(full, FULL_SECONDS);
    }
    const answered = answer(follower);
    return answered instanceof Promise ? answered.then((a) => visitor.count(a)) : visitor.count(answered);
  };
  // Not async: while the stream is followed, which is nearly always, an answer costs no promise.
  const withStream = (
    name: string | undefined,
    request: Request,
    remote: () => string,
    answer: (follower: Follower) => Response | Promise<Response>,
  ): Response | Promise<Response> => {
    const stream = name === undefined ? undefined : parseStreamName(name);
    if (stream === undefined) return NO_STREAM();
    const got = followers.get(stream, (): Visit => ({ remote: remote(), url: request.url, protocol: "HLS" }));
    return got instanceof Promise
      ? got.then((opened) =>
        isRefusal(opened) ? refused(opened) : counted(stream, request, remote(), opened, answer)
      )
      : counted(stream, request, remote(), got, answer);
  };

  app.get("/hls/:name/index.m3u8", (c) => {
    const muxed = c.req.query("muxed");
    if (muxed !== undefined && muxed !== "0" && muxed !== "1") return refuse(400, "muxed: expected 0 or 1");
    const request = c.req.raw;
    return withStream(
      c.req.param("name"),
      request,
      () => c.env.remote,
      (follower) => answerMultivariant(context, follower, request, muxed === "1"),
    );
  });

  app.get("/hls/:name/:rendition/index.m3u8", (c) => {
    const directives = parseDirectives((key) => c.req.query(key));
    if (typeof directives === "string") return refuse(400, directives);
    const request = c.req.raw;
    const key = c.req.param("rendition");
    return withStream(
      c.req.param("name"),
      request,
      () => c.env.remote,
      (follower) => answerMediaPlaylist(context, follower, key, request, directives),
    );
  });

  app.get("/hls/:name/:rendition/:file", (c) => {
    const wanted = parseMediaName(c.req.param("file"));
    if (wanted === undefined) return NO_FILE();
    const rendition = c.req.param("rendition");
    const request = c.req.raw;
    return withStream(c.req.param("name"), request, () => c.env.remote, (follower) => {
      if ("init" in wanted) return answerInit(context, follower, rendition, request, wanted.init);
      return answerMedia(context, follower, rendition, request, wanted);
    });
  });
}

function refused({ status, reason, retryAfterSeconds }: Refusal): Response {
  return status === 503 ? refuseForNow(reason, retryAfterSeconds) : refuse(status, reason);
}
