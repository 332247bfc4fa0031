import { STEP_MILLIS, type TotalsRow } from "../../session/traffic_history.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { askedOf, fieldsOf, optionalNames, optionalTime } from "../params.ts";

const FIELDS = ["clients", "inputs", "outputs", "downbps", "upbps", "perc_lost", "perc_retrans"] as const;

/** `totals {start, end, streams, protocols, fields}`: ten minutes of history; times below 1 count back from now. */
export const totals: Command = {
  name: "totals",
  help: "Sums over time: sessions and bytes a second",
  params: {
    type: ["boolean", "object", "array"],
    properties: {
      start: { type: "integer" },
      end: { type: "integer" },
      streams: { type: "array", items: { type: "string" } },
      protocols: { type: "array", items: { type: "string" } },
      fields: { type: "array", items: { type: "string" } },
    },
  },
  run(api, params) {
    if (Array.isArray(params)) return params.map((item) => table(api, item));
    return table(api, params);
  },
};

function table(api: ApiState, params: unknown) {
  const given = askedOf("totals", params);
  const now = api.now();
  const start = optionalTime(given, "start", now) ?? now - 600;
  const end = optionalTime(given, "end", now) ?? now;
  const fields = fieldsOf(optionalNames(given, "fields"), FIELDS);
  const streams = optionalNames(given, "streams");
  const protocols = optionalNames(given, "protocols");
  const rows = api.ports.sessions.totals({
    ...(streams === undefined ? {} : { streams }),
    ...(protocols === undefined ? {} : { protocols }),
    from: start * 1000,
    to: end * 1000 + 999,
  });
  const first = rows[0];
  const last = rows.at(-1);
  return {
    start: first === undefined ? start : Math.round(first.at / 1000),
    end: last === undefined ? end : Math.round(last.at / 1000),
    interval: rows.length === 0 ? [] : [[rows.length, STEP_MILLIS / 1000]],
    fields,
    data: rows.map((row) => fields.map((field) => valueOf(row, field))),
  };
}

function valueOf(row: TotalsRow, field: (typeof FIELDS)[number]): number {
  const perSecond = (bytes: number) => Math.round(bytes * 1000 / Math.max(1, row.millis));
  switch (field) {
    case "clients":
      return row.viewers;
    case "inputs":
      return row.inputs;
    case "outputs":
      return row.outputs;
    case "downbps":
      return perSecond(row.bytesIn);
    case "upbps":
      return perSecond(row.bytesOut);
    case "perc_lost":
      return row.packets === 0
        ? 0
        : Math.round(row.packetsLost / (row.packets + row.packetsLost) * 10_000) / 100;
    case "perc_retrans":
      return 0;
  }
}
