import type { Context, Hono } from "hono";
import { parseStreamName } from "../../../media/stream_name.ts";
import type { ReadAsset, Visit } from "../../door.ts";
import { answerWhole, type BodyHeaders, bodyHeaders, refuse, refuseForNow } from "../answers.ts";
import type { HttpBindings } from "../bindings.ts";
import { isCallback } from "../callback_name.ts";
import { publicAddress, type PublicSettings } from "../public_address.ts";
import { InfoDesk, type InfoServices } from "./info_desk.ts";
import { InfoSocket } from "./info_socket.ts";
import {
  CLIENT_ACCESS_POLICY,
  CROSS_DOMAIN,
  printEmbedScript,
  printInfoScript,
  printWatchPage,
} from "./pages.ts";
import type { InfoQuestion } from "./stream_info.ts";

export interface InfoRoutes extends InfoServices {
  readonly assets: ReadAsset;
  readonly publicSettings: PublicSettings;
}

const SCRIPT = bodyHeaders("text/javascript; charset=utf-8", "no-cache");
const JSON_BODY = bodyHeaders("application/json; charset=utf-8", "no-store");
const INFO_SCRIPT = bodyHeaders("text/javascript; charset=utf-8", "no-store");
const PAGE = bodyHeaders("text/html; charset=utf-8", "no-cache");
const XML = bodyHeaders("text/xml; charset=utf-8", "max-age=86400");
/** Sockets at a time in one worker. */
const SOCKETS_MAX = 20_000;
const NO_STREAM = "There is no such stream";

type At = Context<HttpBindings>;

/** The sockets that are told of changes. */
export interface InfoSockets {
  /** Closes all, with a code of RFC 6455, 7.4. */
  close(code: number, reason: string): void;
  /** Another server has a stream now: its sockets say nothing more. */
  hold(stream: string): void;
}

/**
 * What pages and players ask about a stream: `/json_NAME.js` (also as a WebSocket), `/info_NAME.js`, `/embed_NAME.js`,
 * `/NAME.html`; and the files that plugins of old want.
 */
export function addInfoRoutes(app: Hono<HttpBindings>, services: InfoRoutes): InfoSockets {
  const { assets, clock, publicSettings } = services;
  const desk = new InfoDesk(services);
  const open = new Set<InfoSocket>();

  const visitOf = (c: At): Visit => ({ remote: c.env.remote, url: c.req.url, protocol: "INFO" });
  const questionOf = (c: At): InfoQuestion => ({
    base: publicAddress(c.req.raw, c.env, publicSettings).base,
    withNone: isSet(c.req.query("inclzero")),
    dataEverywhere: isSet(c.req.query("metaeverywhere")),
    get noStreamText() {
      return publicSettings.noStreamText ?? "";
    },
    // As they are when a socket is told of a change.
    get ports() {
      return publicSettings.ports ?? {};
    },
  });

  app.get("/:file{(?:json|info)_[^/]+\\.js}", async (c) => {
    const file = c.req.param("file");
    const name = parseStreamName(file.slice("json_".length, -".js".length));
    if (name === undefined) return refuse(404, NO_STREAM);
    if (c.req.header("upgrade")?.toLowerCase() === "websocket") {
      if (open.size >= SOCKETS_MAX) return refuseForNow("Too many sockets are open");
      const ended = () => void open.delete(socket);
      const socket: InfoSocket = new InfoSocket(name, desk, clock, visitOf(c), questionOf(c), ended);
      open.add(socket);
      const answer = c.env.upgrade(socket);
      if (answer === undefined) open.delete(socket);
      return answer ?? refuse(400, "This cannot become a WebSocket");
    }
    const info = (await desk.stand(name, () => visitOf(c))).print(questionOf(c));
    if (file.startsWith("info_")) return answerText(c, printInfoScript(name, info), INFO_SCRIPT);
    const callback = c.req.query("callback") ?? c.req.query("jsonp");
    if (callback === undefined) return answerText(c, JSON.stringify(info), JSON_BODY);
    if (!isCallback(callback)) return refuse(400, "callback: expected the name of a function");
    return answerText(c, `${callback}(${JSON.stringify(info).replaceAll("<", "\\u003c")});\n`, INFO_SCRIPT);
  });

  app.get("/:file{embed_[^/]+\\.js}", (c) => {
    const name = parseStreamName(c.req.param("file").slice("embed_".length, -".js".length));
    return name === undefined ? refuse(404, NO_STREAM) : answerText(c, printEmbedScript(name), SCRIPT);
  });

  app.get("/:file{[^/]+\\.html}", async (c, next) => {
    const file = c.req.param("file");
    // Pages that are there are no streams.
    if (assets(file) !== undefined) return await next();
    const name = parseStreamName(file.slice(0, -".html".length));
    const template = assets("watch.html");
    if (name === undefined || template === undefined) return await next();
    return answerText(c, printWatchPage(new TextDecoder().decode(template), name), PAGE);
  });

  app.get("/crossdomain.xml", (c) => answerText(c, CROSS_DOMAIN, XML));
  app.get("/clientaccesspolicy.xml", (c) => answerText(c, CLIENT_ACCESS_POLICY, XML));
  app.get("/favicon.ico", (c) => {
    const icon = assets("favicon.ico") ?? assets("favicon.svg");
    if (icon === undefined) return refuse(404, "There is nothing here");
    const type = assets("favicon.ico") === undefined ? "image/svg+xml" : "image/x-icon";
    return answerWhole(c.req.method === "HEAD", icon.slice(), bodyHeaders(type, "max-age=86400"));
  });

  return {
    close(code, reason) {
      for (const socket of open) socket.leave(code, reason);
    },
    hold(stream) {
      for (const socket of open) if (socket.stream === stream) socket.hold();
    },
  };
}

function answerText(c: At, text: string, headers: BodyHeaders): Response {
  return answerWhole(c.req.method === "HEAD", new TextEncoder().encode(text), headers);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== "" && value !== "0";
}
