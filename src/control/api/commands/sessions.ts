import { ApiFailure, wrongValue } from "../api_failure.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { isObject, isWanted, namesOf, objectOf, textOf } from "../params.ts";
import { sessionTags } from "../../session/session_row.ts";
import { tagOf } from "./stream_tags.ts";

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

/** `tag_sessid {id: tag or tags}`. */
export const tagSessid: Command = {
  name: "tag_sessid",
  help: "Give sessions tags, by their id",
  params: {
    type: "object",
    additionalProperties: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
  },
  run(api, params) {
    for (const [id, tags] of Object.entries(objectOf("tag_sessid", params))) {
      for (const tag of namesOf(id, tags)) giveTag(api, id, tag);
    }
    return undefined;
  },
  rest: [{
    method: "put",
    path: "/v1/sessions/{id}/tags/{tag}",
    help: "Give a session a tag",
    status: 204,
    run(api, { path }) {
      giveTag(api, path["id"] ?? "", path["tag"] ?? "");
      return undefined;
    },
  }],
};

function giveTag(api: ApiState, id: string, tag: string): void {
  const given = api.ports.sessions.tag(id, tagOf(tag));
  if (given === undefined) throw new ApiFailure(404, "no such session", { key: id });
  if (!given) throw new ApiFailure(422, "the session has too many tags already", { key: id });
}

/** `stop_tag`: a tag or a list of them; `UA:` and its user agent are a tag of each session too. */
export const stopTag: Command = {
  name: "stop_tag",
  help: "End the sessions that have a tag",
  params: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
  run(api, params) {
    stopTagged(api, namesOf("stop_tag", params));
    return undefined;
  },
  rest: [{
    method: "delete",
    path: "/v1/sessions",
    help: "End the sessions that have a tag",
    query: { tag: "Such as vip, or UA: and a user agent" },
    run(api, { query }) {
      const tag = query.get("tag");
      if (tag === null) throw wrongValue("tag", "a tag in the query", tag);
      return { ended: stopTagged(api, [tag]) };
    },
  }],
};

/** Answers how many. */
function stopTagged(api: ApiState, tags: readonly string[]): number {
  const meant = api.ports.sessions.list().filter((row) =>
    row.kind !== "output" && sessionTags(row).some((tag) => tags.includes(tag))
  );
  return meant.filter(({ id }) => api.ports.sessions.stop(id)).length;
}

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
