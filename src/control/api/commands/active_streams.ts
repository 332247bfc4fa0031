import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { isObject, isWanted, namesOf, optionalNames } from "../params.ts";
import { reportObject, reportRow } from "../stream_report.ts";

const PARAMS: Command["params"] = {
  anyOf: [{ type: "boolean" }, { type: "array", items: { type: "string" } }, {
    type: "object",
    properties: {
      fields: { type: "array", items: { type: "string" } },
      streams: { type: "array", items: { type: "string" } },
      longform: { type: "boolean" },
    },
  }],
};

/** Names; or, where fields are asked for, a row of values a stream; or, with `longform`, an object a stream. */
function report(api: ApiState, params: unknown): unknown {
  const active = api.ports.streams().filter((s) => s.state !== "idle");
  if (Array.isArray(params) && params.length > 0) {
    const fields = namesOf("fields", params);
    return Object.fromEntries(active.map((s) => [s.name, reportRow(s, fields)]));
  }
  if (!isObject(params)) return active.map((s) => s.name);
  const wanted = optionalNames(params, "streams");
  const fields = optionalNames(params, "fields");
  const chosen = active.filter((s) => isWanted(wanted, s.name));
  if (params["longform"] === true || params["longform"] === 1) {
    return Object.fromEntries(chosen.map((s) => [s.name, reportObject(s, fields)]));
  }
  if (fields === undefined) return chosen.map((s) => s.name);
  return Object.fromEntries(chosen.map((s) => [s.name, reportRow(s, fields)]));
}

export const activeStreams: Command = {
  name: "active_streams",
  help: "Streams that run, with the fields asked for",
  params: PARAMS,
  run: report,
};

export const statsStreams: Command = {
  name: "stats_streams",
  help: "The same as active_streams, by its older name",
  params: PARAMS,
  run: report,
};
