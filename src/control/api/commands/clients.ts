import type { SessionRow } from "../../session/session_row.ts";
import { ApiFailure } from "../api_failure.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { askedOf, fieldsOf, isWanted, optionalNames, optionalTime } from "../params.ts";

const FIELDS = [
  "host",
  "stream",
  "protocol",
  "conntime",
  "position",
  "down",
  "up",
  "downbps",
  "upbps",
  "sessid",
  "pktcount",
  "pktlost",
  "pktretransmit",
] as const;

/** `clients {time, streams, protocols, fields}`, or a list of such objects. Only the present is known. */
export const clients: Command = {
  name: "clients",
  help: "Sessions that are there now",
  params: {
    type: ["boolean", "object", "array"],
    properties: {
      time: { type: "integer" },
      streams: { type: "array", items: { type: "string" } },
      protocols: { type: "array", items: { type: "string" } },
      fields: { type: "array", items: { type: "string" } },
    },
  },
  run(api, params) {
    if (Array.isArray(params)) return params.map((item) => table(api, item));
    return table(api, params);
  },
  rest: [{
    method: "get",
    path: "/v1/sessions",
    help: "Sessions that are there now",
    query: { stream: "Of this stream only" },
    run(api, { query }) {
      const stream = query.get("stream");
      const rows = stream === null ? api.ports.sessions.list() : api.ports.sessions.of(stream);
      return { sessions: rows };
    },
  }, {
    method: "get",
    path: "/v1/sessions/{id}",
    help: "One session",
    run(api, { path }) {
      const row = api.ports.sessions.find(path["id"] ?? "");
      if (row === undefined) throw new ApiFailure(404, "no such session");
      return row;
    },
  }],
};

function table(api: ApiState, params: unknown) {
  const given = askedOf("clients", params);
  const fields = fieldsOf(optionalNames(given, "fields"), FIELDS);
  const streams = optionalNames(given, "streams");
  const protocols = optionalNames(given, "protocols");
  const now = api.now();
  const rows = api.ports.sessions.list().filter((row) =>
    isWanted(streams, row.stream) && (protocols === undefined || protocols.includes(row.protocol))
  );
  return {
    time: optionalTime(given, "time", now) ?? now,
    fields,
    data: rows.map((row) => fields.map((field) => valueOf(row, field, now))),
  };
}

function valueOf(row: SessionRow, field: (typeof FIELDS)[number], now: number): string | number {
  switch (field) {
    case "host":
      return row.remote;
    case "stream":
      return row.stream;
    case "protocol":
      return row.protocol;
    case "conntime":
      return Math.max(0, now - Math.floor(row.startedAt / 1000));
    case "down":
      return row.bytesIn;
    case "up":
      return row.bytesOut;
    case "downbps":
      return Math.round(row.bytesInPerSecond);
    case "upbps":
      return Math.round(row.bytesOutPerSecond);
    case "sessid":
      return row.id;
    case "pktcount":
      return row.packets;
    case "pktlost":
      return row.packetsLost;
    default:
      return 0;
  }
}
