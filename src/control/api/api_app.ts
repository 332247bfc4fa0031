import { Accounts } from "./accounts.ts";
import { ApiFailure } from "./api_failure.ts";
import type { ApiPorts } from "./api_ports.ts";
import { ApiState } from "./api_state.ts";
import { isTrustedLocal } from "./caller.ts";
import type { Caller } from "./command.ts";
import { COMMANDS } from "./command_table.ts";
import { EventFeed } from "./event_feed.ts";
import { answerJson } from "./json_face.ts";
import { headerLogin } from "./login.ts";
import { makeRestFace, printFailure, type RestFace } from "./rest_face.ts";
import { failureOf } from "./run_commands.ts";
import { serveEvents } from "./sse_face.ts";
import type { WebInfo } from "./web_ports.ts";
import { SocketFace } from "./ws_face.ts";

/** Longest address that is looked at; a command may stand in it. */
const URL_MAX = 64 * 1024;

const PAGE =
  "<!doctype html><title>fogcast</title><p>The API of fogcast: <a href=/v1/openapi.json>openapi.json</a>\n";

/** The API's answers, whatever it listens on. */
export class ApiApp {
  readonly state: ApiState;
  readonly accounts: Accounts;
  readonly feed: EventFeed;
  readonly #rest: RestFace;

  constructor(ports: ApiPorts) {
    this.state = new ApiState(ports);
    this.accounts = new Accounts(this.state);
    this.feed = new EventFeed(this.state);
    this.#rest = makeRestFace(this.state, COMMANDS, (signal) => serveEvents(this.state, this.feed, signal));
  }

  /** Answers one request; every failure is an answer too. */
  async answer(request: Request, info: WebInfo): Promise<Response> {
    let answer: Response;
    try {
      const { calls } = this.state;
      answer = await (calls.take(info.remote) ? this.#route(request, info) : calls.refuse());
    } catch (failure) {
      answer = printFailure(failureOf(this.state, "API", failure));
    }
    // no cookies are ever looked at, so pages elsewhere may ask; a trusted local caller is none of them
    if (request.headers.has("origin")) answer.headers.set("access-control-allow-origin", "*");
    return answer;
  }

  close(): void {
    this.feed.close();
  }

  async #route(request: Request, info: WebInfo): Promise<Response> {
    if (request.url.length > URL_MAX) throw new ApiFailure(414, "the address is too long");
    const url = new URL(request.url);
    if (request.method === "OPTIONS") return preflight();
    const open = this.#openMetrics(url.pathname);
    if (open !== undefined) return open;
    const { remote } = info;
    const local = isTrustedLocal(remote, request.headers);
    const host = request.headers.get("host") ?? "";
    const anonymous: Caller = { local, account: "", remote, host };
    const account = await headerLogin(this.accounts, remote, request.headers.get("authorization"));
    const isRest = url.pathname.startsWith("/v1/") || url.pathname === "/metrics";
    if (account === null && !local) return this.#wrongHeader(request, remote);
    const known = account ?? (local ? "" : undefined);
    if (url.pathname === "/metrics") return this.#metrics(known !== undefined);
    if (isRest) {
      return this.#rest.answer(
        request,
        known === undefined ? undefined : { ...anonymous, account: known },
        anonymous,
      );
    }
    const caller = { local, remote, host, account: account ?? undefined };
    if (url.pathname === "/ws") {
      const face = new SocketFace(
        this.state,
        this.accounts,
        this.feed,
        { ...caller, account: known },
        url.searchParams,
      );
      const upgraded = info.upgrade?.(face);
      if (upgraded === undefined) throw new ApiFailure(426, "expected a WebSocket");
      return upgraded;
    }
    return await answerJson(this.state, this.accounts, request, url, caller) ??
      new Response(PAGE, { headers: { "content-type": "text/html; charset=utf-8" } });
  }

  #openMetrics(path: string): Response | undefined {
    const passphrase = this.state.ports.metricsPassphrase();
    if (passphrase === undefined || passphrase === "") return undefined;
    if (path === `/${passphrase}`) return this.#metrics(true);
    if (path !== `/${passphrase}.json`) return undefined;
    return Response.json(this.state.ports.referenceMetrics(), { headers: { "cache-control": "no-store" } });
  }

  #metrics(allowed: boolean): Response {
    if (!allowed) throw new ApiFailure(401, "log in first");
    const text = this.state.ports.metrics();
    if (text === undefined) throw new ApiFailure(404, "metrics are off");
    return new Response(text, { headers: { "content-type": "text/plain; version=0.0.4; charset=utf-8" } });
  }

  /** As the reference product: 403 with the challenge for its own scheme, 401 for the others. */
  #wrongHeader(request: Request, remote: string): Response {
    const isJson = /^json\b/i.test(request.headers.get("authorization") ?? "");
    const answer = printFailure(new ApiFailure(isJson ? 403 : 401, "wrong name, password or token"));
    if (isJson) {
      const challenge = JSON.stringify({ challenge: this.accounts.challenge(remote) });
      answer.headers.set("www-authenticate", `json ${challenge}`);
    }
    return answer;
  }
}

function preflight(): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": "*",
      "access-control-allow-methods": "GET, POST, PUT, PATCH, DELETE",
      "access-control-allow-headers": "authorization, content-type",
      "access-control-max-age": "86400",
    },
  });
}
