import { Hono } from "hono";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { Tally } from "../../base/tally.ts";
import type { RequestInfo } from "../../host/http_server.ts";
import { WEBSOCKET_GOING_AWAY, WEBSOCKET_RESTARTS } from "../../host/websocket.ts";
import { answerWhole, bodyHeaders, preflight, refuse, refuseMethod } from "./answers.ts";
import type { HttpBindings } from "./bindings.ts";
import type { ReadAsset, StreamDoor, StreamListEntry } from "../door.ts";
import { LiveStreams } from "../live/live_streams.ts";
import { Followers } from "./segments/followers.ts";
import type { PartLatency } from "./segments/part_latency.ts";
import { addDashRoutes } from "./dash/routes.ts";
import { addHlsRoutes } from "./hls/routes.ts";
import { addMediaRoutes } from "./segments/media_routes.ts";
import { HLS_DEFAULTS, type HlsSettings } from "./segments/settings.ts";
import { addSmoothRoutes } from "./smooth/routes.ts";
import { StreamVisits } from "./segments/stream_visits.ts";
import { ClientInfo, PUBLIC_DEFAULTS, type PublicSettings } from "./public_address.ts";
import { OUTPUT_DESCRIPTORS } from "../descriptors.ts";
import { addInfoRoutes } from "./info/routes.ts";
import { addStillRoutes } from "./stills/routes.ts";
import type { ConnectUpstream } from "./mp4_socket/bridge.ts";
import { addSocketRoutes } from "./mp4_socket/routes.ts";
import { Progressive } from "./progressive/progressive.ts";
import { addSdpRoute } from "./session_description.ts";
import { withoutPublicPath } from "./public_path.ts";
import { StaticFiles } from "./static_files.ts";
import { Visitors } from "./visitors.ts";

export interface HttpAppOptions {
  readonly door: StreamDoor;
  readonly assets: ReadAsset;
  readonly clock: Clock;
  readonly log: Log;
  /** Where viewers are counted; the owner reports what it counted. */
  readonly visitors?: Visitors;
  readonly latency?: PartLatency;
  /** Whose word counts on who the clients are; may change while it runs. */
  readonly publicSettings?: PublicSettings;
  /** Whether segments are offered in parts where a viewer does not ask otherwise; may change while it runs. */
  lowLatency?(): boolean;
  readonly settings?: { readonly hls?: Partial<HlsSettings> };
  /** Every configured stream. */
  list(): Promise<readonly StreamListEntry[]>;
  /** The SDP text of the session that a stream sends by itself; undefined where there is none. */
  describe?(stream: string): Promise<string | undefined>;
}

/** Longest address that is looked at. */
const URL_MAX = 4096;

export interface HttpApp {
  (request: Request, info: RequestInfo): Response | Promise<Response>;
  /** Lets go of all streams and closes what is open; requests that are held are answered 503. */
  close(): void;
  /**
   * Another server goes on with a stream, or with all: ends its endless answers, whose players ask again and are passed
   * on. Its sockets go on through `connect`; with the last stream all are closed, and their players find the other server.
   */
  leaveSockets(stream?: string, connect?: ConnectUpstream): void;
}

/** The web server's answers: the page, the list of streams, every output. Throws nothing; every failure is an answer. */
export function makeHttpApp(options: HttpAppOptions): HttpApp {
  const { clock, log } = options;
  const settings = { ...HLS_DEFAULTS, ...options.settings?.hls };
  const tally = new Tally((line) => log.warn(line));
  const latency = options.latency === undefined ? {} : { latency: options.latency };
  const followers = new Followers(options.door, { clock, log, tally, settings, ...latency });
  const visitors = options.visitors ?? new Visitors(clock);
  const live = new LiveStreams(options.door, { clock, log });
  const files = new StaticFiles(options.assets);
  const app = new Hono<HttpBindings>();
  const fail = (error: unknown): Response => {
    log.error(error instanceof Error ? error.stack ?? error.message : String(error));
    return refuse(500, "Something went wrong in the server");
  };
  app.onError(fail);
  app.notFound(() => refuse(404, "There is nothing here"));
  app.options("*", () => preflight());
  const publicSettings = options.publicSettings ?? PUBLIC_DEFAULTS;
  addStillRoutes(app, { live, visitors, clock });
  const sockets = addSocketRoutes(app, { live, visitors, clock });
  const infoSockets = addInfoRoutes(app, {
    live,
    clock,
    list: () => options.list(),
    outputs: OUTPUT_DESCRIPTORS,
    assets: options.assets,
    publicSettings,
  });
  const progressive = new Progressive({ live, visitors, clock, tally });
  const closeSockets = (code: number, reason: string) => {
    sockets.close(code, reason);
    infoSockets.close(code, reason);
    progressive.end();
  };
  const leaveSockets = (stream?: string, connect?: ConnectUpstream) => {
    if (stream === undefined) return closeSockets(WEBSOCKET_RESTARTS, "the server begins anew");
    if (connect !== undefined) sockets.passOn(stream, connect);
    infoSockets.hold(stream);
    progressive.end(stream);
  };
  const segments = {
    app,
    context: { clock, settings, lowLatency: options.lowLatency ?? (() => true) },
    visits: new StreamVisits(followers, visitors),
  };
  addDashRoutes(segments);
  addSmoothRoutes(segments);
  const answerFile = addMediaRoutes(segments, addHlsRoutes(segments));
  app.get("/streams.json", async (c) => {
    const text = JSON.stringify(await options.list());
    const headers = bodyHeaders("application/json", "no-cache");
    return answerWhole(c.req.method === "HEAD", new TextEncoder().encode(text), headers);
  });
  addSdpRoute(app, (stream) => options.describe?.(stream) ?? Promise.resolve(undefined));
  app.get("/:file", async (c, next) => await progressive.answer(c.req.raw, c.env) ?? await next());
  app.get("*", (c) => files.answer(c.req.raw, decodePath(c.req.path), c.req.query("v")));
  app.all("*", (c) => refuseMethod(c.req.method));

  let flushing: (() => void) | undefined;
  const flush = () => {
    tally.flush();
    flushing = clock.after(1000, flush);
  };
  flush();
  const answer = (asked: Request, connection: RequestInfo) => {
    if (asked.url.length > URL_MAX) return refuse(414, "The address is too long");
    const info = new ClientInfo(asked, connection, publicSettings);
    try {
      const request = withoutPublicPath(asked, info, publicSettings) ?? asked;
      if (request instanceof Response) return request;
      const file = answerFile(request, info);
      if (file === undefined) return app.fetch(request, info);
      return file instanceof Promise ? file.catch(fail) : file;
    } catch (error) {
      return fail(error);
    }
  };
  return Object.assign(answer, {
    leaveSockets,
    close() {
      flushing?.();
      // Nobody goes on: who looked for a successor would look in vain.
      closeSockets(WEBSOCKET_GOING_AWAY, "the server ends");
      followers.close();
      live.close();
    },
  });
}

/** A path with escapes undone; one that cannot be is left as it is and finds nothing. */
function decodePath(path: string): string {
  return path.includes("%")
    ? path.replace(/%([0-7][0-9a-f])/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
    : path;
}
