import { Hono } from "hono";
import { ApiFailure } from "./api_failure.ts";
import type { ApiState } from "./api_state.ts";
import { BODY_MAX, parseBoundedJson } from "./bounded_json.ts";
import type { Caller, Command, RestRoute } from "./command.ts";
import { printOpenApi } from "./openapi.ts";
import { readBody } from "./read_body.ts";
import { failureOf, refuseLost, withTimeout } from "./run_commands.ts";

/** What the router hands on beside the request: who calls, null until it logged in. */
interface Bindings {
  readonly Bindings: { readonly caller: Caller | undefined; readonly anonymous: Caller };
}

/** Routes that are no commands. */
const MORE: readonly RestRoute[] = [
  { method: "get", path: "/v1/openapi.json", help: "This description", open: true, run: () => undefined },
  {
    method: "get",
    path: "/v1/events",
    help: "Server-sent events: log, stream, session",
    run: () => undefined,
  },
];

export interface RestFace {
  /** Answers a request below `/v1`. `caller` is undefined for one who is not logged in. Never rejects. */
  answer(request: Request, caller: Caller | undefined, anonymous: Caller): Promise<Response>;
}

/** The table of commands as `/v1`. `events` answers `GET /v1/events`. */
export function makeRestFace(
  api: ApiState,
  commands: readonly Command[],
  events: (signal: AbortSignal) => Response,
): RestFace {
  const app = new Hono<Bindings>();
  app.get("/v1/openapi.json", () => json(200, printOpenApi(commands, api.ports.version, MORE)));
  app.get("/v1/events", (c) => {
    if (c.env.caller === undefined) throw new ApiFailure(401, "log in first");
    return events(c.req.raw.signal);
  });
  const allowed = new Map<string, string[]>();
  const routes = commands.flatMap((command) => (command.rest ?? []).map((route) => ({ command, route })));
  for (const { command, route } of routes) {
    const pattern = route.path.replace(/\{(\w+)\}/g, ":$1");
    allowed.set(pattern, [...allowed.get(pattern) ?? [], route.method.toUpperCase()]);
    app.on(route.method.toUpperCase(), pattern, async (c) => {
      const caller = c.env.caller ?? (route.open === true ? c.env.anonymous : undefined);
      if (caller === undefined) throw new ApiFailure(401, "log in first");
      const body = route.body === undefined ? undefined : await readJson(c.req.raw);
      const query = new URL(c.req.url).searchParams;
      refuseLost(api, command);
      const answer = await withTimeout(
        api,
        Promise.resolve(
          route.run(api, { path: c.req.param() as Record<string, string>, query, body }, caller),
        ),
      );
      return json(route.status ?? 200, answer);
    });
  }
  for (const [pattern, methods] of allowed) {
    app.all(pattern, () => {
      const refused = json(405, { error: `expected ${methods.join(", ")}` });
      refused.headers.set("allow", methods.join(", "));
      return refused;
    });
  }
  app.notFound(() => json(404, { error: "there is nothing here" }));
  app.onError((failure) => printFailure(failureOf(api, "REST", failure)));
  return {
    answer: async (request, caller, anonymous) => await app.fetch(request, { caller, anonymous }),
  };
}

async function readJson(request: Request): Promise<unknown> {
  const kind = (request.headers.get("content-type") ?? "application/json").split(";")[0]?.trim()
    .toLowerCase();
  if (kind !== "application/json") throw new ApiFailure(415, `expected application/json, got ${kind}`);
  return parseBoundedJson(await readBody(request, BODY_MAX));
}

/** A refusal with its status, and the headers that belong to it. */
export function printFailure(failure: ApiFailure): Response {
  const answer = json(failure.status, failure.fields);
  if (failure.status === 401) answer.headers.append("www-authenticate", 'Bearer realm="fogcast"');
  if (failure.status === 429 || failure.status === 503) answer.headers.set("retry-after", "5");
  return answer;
}

export function json(status: number, value: unknown): Response {
  const headers = {
    "content-type": "application/json",
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
  };
  return status === 204
    ? new Response(null, { status, headers: { "cache-control": "no-store" } })
    : new Response(JSON.stringify(value ?? {}), { status, headers });
}
