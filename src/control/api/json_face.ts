import type { Accounts } from "./accounts.ts";
import { ApiFailure } from "./api_failure.ts";
import type { ApiState } from "./api_state.ts";
import { BODY_MAX, parseBoundedJson } from "./bounded_json.ts";
import type { Caller } from "./command.ts";
import { login } from "./login.ts";
import { isObject, type JsonObject } from "./params.ts";
import { readBody } from "./read_body.ts";
import { json } from "./rest_face.ts";
import { runCommands } from "./run_commands.ts";

const CALLBACK = /^[A-Za-z_$][\w$.]{0,99}$/;

/** Who asks, before the object of commands is read. */
export interface JsonCaller extends Omit<Caller, "account"> {
  /** By the header `Authorization`; undefined without one. */
  readonly account: string | undefined;
}

/**
 * The reference product's API: an object of commands by POST body, form field or `?command=`, an object of answers back.
 * Undefined where the request has no commands and asks for a page: any path but `/api` and `/api2`. Throws `ApiFailure`.
 */
export async function answerJson(
  api: ApiState,
  accounts: Accounts,
  request: Request,
  url: URL,
  caller: JsonCaller,
): Promise<Response | undefined> {
  const isApi = /^\/api2?\/?$/.test(url.pathname);
  const commands = await readCommands(request, url);
  if (commands === undefined && !isApi) return undefined;
  const given = commands ?? {};
  const minimal = url.pathname.startsWith("/api2") || isYes(given["minimal"]);
  const { answer, account } = await login(accounts, caller, given["authorize"]);
  const isOut = account === undefined || Object.hasOwn(given, "logout");
  const answers = account === undefined
    ? {}
    : await runCommands(api, given, { ...caller, account }, minimal || isOut);
  const authorize = isOut && account !== undefined && !caller.local
    ? { status: "CHALL", local: false, challenge: accounts.challenge(caller.remote) }
    : answer;
  return print({ LTS: 1, authorize, ...answers }, url);
}

function isYes(value: unknown): boolean {
  return value === true || value === 1 || value === "1" || value === "true";
}

/** Undefined where there are none. */
async function readCommands(request: Request, url: URL): Promise<JsonObject | undefined> {
  const inUrl = url.searchParams.get("command");
  if (inUrl !== null) return objectIn(inUrl);
  if (request.method === "GET" || request.method === "HEAD") return undefined;
  const kind = (request.headers.get("content-type") ?? "").split(";")[0]?.trim().toLowerCase();
  const body = await readBody(request, BODY_MAX);
  if (kind === "multipart/form-data") return objectIn(await multipartCommand(request, body));
  const start = body.trimStart();
  if (start.startsWith("{")) return objectIn(body);
  const field = new URLSearchParams(body).get("command");
  if (field !== null) return objectIn(field);
  if (start === "") return undefined;
  throw new ApiFailure(400, "expected an object of commands");
}

/** The field `command` of a form, as PHP's curl sends an array. */
async function multipartCommand(request: Request, body: string): Promise<string> {
  const headers = { "content-type": request.headers.get("content-type") ?? "" };
  try {
    const field = (await new Response(body, { headers }).formData()).get("command");
    if (typeof field === "string") return field;
  } catch (failure) {
    throw new ApiFailure(
      400,
      `no valid form: ${failure instanceof Error ? failure.message : String(failure)}`,
    );
  }
  throw new ApiFailure(400, "expected the form field command");
}

function objectIn(text: string): JsonObject {
  const commands = parseBoundedJson(text);
  if (!isObject(commands)) {
    throw new ApiFailure(400, "expected an object of commands", { expected: "an object" });
  }
  return commands;
}

/** JSON, or JSONP where a callback is named. */
function print(answer: unknown, url: URL): Response {
  const callback = url.searchParams.get("callback") ?? url.searchParams.get("jsonp");
  if (callback === null) return json(200, answer);
  if (!CALLBACK.test(callback)) throw new ApiFailure(400, "callback: expected a name of a function");
  // JSON may hold two line ends that old scripts may not
  const text = JSON.stringify(answer).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
  return new Response(`/**/${callback}(${text});`, {
    headers: {
      "content-type": "text/javascript; charset=utf-8",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
    },
  });
}
