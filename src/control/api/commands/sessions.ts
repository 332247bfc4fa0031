import { ApiFailure, wrongValue } from "../api_failure.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { isObject, isWanted, namesOf, textOf } from "../params.ts";

/** `stop_sessions`: a stream's name, a list of them, or `{stream: protocol}`; an empty protocol means any. */
export const stopSessions: Command = {
  name: "stop_sessions",
  help: "End the sessions of streams",
  params: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }, { type: "object" }] },
  run(api, params) {
    const pairs = isObject(params)
      ? Object.entries(params).map(([stream, protocol]) => [stream, textOf(stream, protocol ?? "")] as const)
      : namesOf("stop_sessions", params).map((stream) => [stream, ""] as const);
    for (const [stream, protocol] of pairs) {
      stopWhere(
        api,
        (row) => isWanted([stream], row.stream) && (protocol === "" || row.protocol === protocol),
      );
    }
    return undefined;
  },
};

export const stopSessid: Command = {
  name: "stop_sessid",
  help: "End sessions by their id",
  params: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }, { type: "object" }] },
  run(api, params) {
    for (const id of namesOf("stop_sessid", params)) api.ports.sessions.stop(id);
    return undefined;
  },
  rest: [{
    method: "delete",
    path: "/v1/sessions/{id}",
    help: "End a viewer's session and keep it out for ten minutes, or end a publisher's",
    status: 204,
    run(api, { path }) {
      if (!api.ports.sessions.stop(path["id"] ?? "")) throw new ApiFailure(404, "no such session");
      return undefined;
    },
  }],
};

/** Nothing that was decided about a session outlives a request yet, so there is nothing to ask anew. */
export const invalidateSessions: Command = {
  name: "invalidate_sessions",
  help: "Decide anew who may watch these streams",
  params: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }, { type: "object" }] },
  run(_api, params) {
    if (params === true) throw wrongValue("invalidate_sessions", "names of streams", params);
    namesOf("invalidate_sessions", params);
    return undefined;
  },
};

function stopWhere(api: ApiState, wanted: (row: { stream: string; protocol: string }) => boolean): void {
  for (const row of api.ports.sessions.list()) {
    if (row.kind !== "output" && wanted(row)) api.ports.sessions.stop(row.id);
  }
}
