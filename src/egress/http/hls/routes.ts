import type { Hono } from "hono";
import { parseStreamName } from "../../../media/stream_name.ts";
import { parseDirectives } from "../../../wire/protocol/hls/delivery_directives.ts";
import { refuse, refuseForNow } from "../answers.ts";
import { isRefusal, type Refusal, type Visit } from "../../door.ts";
import type { HttpBindings } from "../bindings.ts";
import { parseFileAddress, queryParameter } from "./address.ts";
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
 * number, two of them joined by `_` (muxed), or `video`, `audio`, `muxed`. Gives back a short way to the same answers
 * for plain GET requests of a rendition's files; undefined where the router has to look.
 */
export function addHlsRoutes(
  app: Hono<HttpBindings>,
  followers: Followers,
  context: HlsContext,
  visitors: Visitors,
): (request: Request, info: { readonly remote: string }) => Response | Promise<Response> | undefined {
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
    info: { readonly remote: string },
    answer: (follower: Follower) => Response | Promise<Response>,
  ): Response | Promise<Response> => {
    const stream = name === undefined ? undefined : parseStreamName(name);
    if (stream === undefined) return NO_STREAM();
    const got = followers.get(
      stream,
      (): Visit => ({ remote: info.remote, url: request.url, protocol: "HLS" }),
    );
    return got instanceof Promise
      ? got.then((opened) =>
        isRefusal(opened) ? refused(opened) : counted(stream, request, info.remote, opened, answer)
      )
      : counted(stream, request, info.remote, got, answer);
  };

  const playlist = (
    name: string | undefined,
    key: string,
    query: (name: string) => string | undefined,
    request: Request,
    info: { readonly remote: string },
  ) => {
    const directives = parseDirectives(query);
    if (typeof directives === "string") return refuse(400, directives);
    return withStream(
      name,
      request,
      info,
      (follower) => answerMediaPlaylist(context, follower, key, request, directives),
    );
  };
  const media = (
    name: string | undefined,
    key: string,
    file: string,
    request: Request,
    info: { readonly remote: string },
  ) => {
    const wanted = parseMediaName(file);
    if (wanted === undefined) return NO_FILE();
    return withStream(name, request, info, (follower) => {
      if ("init" in wanted) return answerInit(context, follower, key, request, wanted.init);
      return answerMedia(context, follower, key, request, wanted);
    });
  };

  app.get("/hls/:name/index.m3u8", (c) => {
    const muxed = c.req.query("muxed");
    if (muxed !== undefined && muxed !== "0" && muxed !== "1") return refuse(400, "muxed: expected 0 or 1");
    const request = c.req.raw;
    return withStream(
      c.req.param("name"),
      request,
      c.env,
      (follower) => answerMultivariant(context, follower, request, muxed === "1"),
    );
  });
  app.get("/hls/:name/:rendition/index.m3u8", (c) => {
    const { name, rendition } = c.req.param();
    return playlist(name, rendition, (key) => c.req.query(key), c.req.raw, c.env);
  });
  app.get("/hls/:name/:rendition/:file", (c) => {
    const { name, rendition, file } = c.req.param();
    return media(name, rendition, file, c.req.raw, c.env);
  });

  return (request, info) => {
    const address = request.method === "GET" ? parseFileAddress(request.url) : undefined;
    if (address === undefined) return undefined;
    const { name, rendition, file, query } = address;
    return file === "index.m3u8"
      ? playlist(name, rendition, (key) => queryParameter(query, key), request, info)
      : media(name, rendition, file, request, info);
  };
}

function refused({ status, reason, retryAfterSeconds }: Refusal): Response {
  return status === 503 ? refuseForNow(reason, retryAfterSeconds) : refuse(status, reason);
}
