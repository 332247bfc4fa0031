import type { Hono } from "hono";
import type { Clock } from "../../../base/clock.ts";
import { parseStreamName } from "../../../media/stream_name.ts";
import { isRefusal } from "../../door.ts";
import type { LiveStreams } from "../../live/live_streams.ts";
import { refuse, refuseForNow } from "../answers.ts";
import type { HttpBindings } from "../bindings.ts";
import { refuseStream, refuseVisitor } from "../turned_away.ts";
import type { Visitors } from "../visitors.ts";
import type { ConnectUpstream } from "./bridge.ts";
import { JSON_SOCKET } from "./json_packager.ts";
import { MP4_SOCKET } from "./mp4_packager.ts";
import type { SocketFormat } from "./packager.ts";
import { RAW_SOCKET } from "./raw_packager.ts";
import { SocketSession } from "./session.ts";
import { TrackSets } from "./track_sets.ts";

const FORMATS: Readonly<Record<string, SocketFormat>> = {
  mp4: MP4_SOCKET,
  h264: RAW_SOCKET,
  h265: RAW_SOCKET,
  json: JSON_SOCKET,
};
/** Sockets at a time in one worker. */
const SOCKETS_MAX = 20_000;
/** When who found no room may come again. */
const FULL_SECONDS = 5;

export interface SocketRoutes {
  /** Closes all sockets, with a code of RFC 6455, 7.4. */
  close(code: number, reason: string): void;
  /** Another server has a stream now: its sockets go on there, through those that are open here. */
  passOn(stream: string, connect: ConnectUpstream): void;
}

export interface SocketServices {
  readonly live: LiveStreams;
  readonly visitors: Visitors;
  readonly clock: Clock;
}

/**
 * `/NAME.mp4`, `/NAME.h264`, `/NAME.h265` and `/NAME.json` as WebSockets. Requests that ask for none go on to the next
 * route of that address.
 */
export function addSocketRoutes(
  app: Hono<HttpBindings>,
  services: SocketServices,
): SocketRoutes {
  const { live, visitors, clock } = services;
  const sets = new TrackSets(clock);
  const open = new Set<SocketSession>();
  const setOf: typeof sets.get = (stream, format, views) => sets.get(stream, format, views);
  app.get("/:file{[^/]+\\.(?:mp4|h264|h265|json)}", async (c, next) => {
    if (c.req.header("upgrade")?.toLowerCase() !== "websocket") return await next();
    if (open.size >= SOCKETS_MAX) return refuseForNow("Too many sockets are open", FULL_SECONDS);
    const file = c.req.param("file");
    const dot = file.lastIndexOf(".");
    const format = FORMATS[file.slice(dot + 1)] as SocketFormat;
    const name = parseStreamName(file.slice(0, dot));
    if (name === undefined) return refuse(404, "There is no such stream");
    const request = c.req.raw, { remote } = c.env;
    const stream = await live.open(name, { remote, url: request.url, protocol: format.protocol });
    if (isRefusal(stream)) return refuseStream(stream);
    const visitor = visitors.visit(name, format.protocol, request, remote);
    if (visitor === undefined) return refuseVisitor(visitors);
    const session = new SocketSession(
      stream,
      format,
      visitor,
      {
        clock,
        setOf,
        opened: () => open.add(session),
        closed: () => open.delete(session),
      },
      { address: addressOf(request.url), remote },
      (key) => c.req.query(key),
    );
    return c.env.upgrade(session) ?? refuse(400, "This cannot become a WebSocket");
  });
  return {
    close(code, reason) {
      for (const session of open) session.leave(code, reason);
    },
    passOn(stream, connect) {
      for (const session of open) if (session.stream === stream) session.passOn(connect);
    },
  };
}

/** Path and query. */
function addressOf(url: string): string {
  return url.replace(/^[a-z]+:\/\/[^/]*/i, "");
}
