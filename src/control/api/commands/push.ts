import type { PushEntry } from "../../push/push_table.ts";
import { parsePushedStream } from "../../../config/sections/push.ts";
import { ApiFailure, wrongValue } from "../api_failure.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { isObject, objectOf, textOf } from "../params.ts";
import { printRow } from "./log.ts";

const TARGET: Command["params"] = {
  type: "object",
  properties: { stream: { type: "string" }, target: { type: "string" } },
  required: ["stream", "target"],
};

/** A push as the reference product lists it: number, stream, targets, log, status. */
function row(push: PushEntry): readonly unknown[] {
  return [push.id, push.stream, push.given, push.target, push.logs.map(printRow), status(push)];
}

function status({ counts, target }: PushEntry): Record<string, unknown> {
  const sent = counts?.packets ?? 0, lost = counts?.lost ?? 0;
  return {
    active_seconds: Math.floor((counts?.activeMillis ?? 0) / 1000),
    active_ms: Math.round(counts?.activeMillis ?? 0),
    bytes: counts?.bytes ?? 0,
    mediatime: Math.round(counts?.mediaMillis ?? 0),
    media_tx: Math.round(counts?.mediaMillis ?? 0),
    tracks: counts?.tracks ?? [],
    current_target: target,
    pkt_sent_count: sent,
    pkt_loss_count: lost,
    // what the system does not take was not sent either
    pkt_loss_perc: lost === 0 ? 0 : Math.min(100, (lost / Math.max(1, sent)) * 100),
    pkt_retrans_count: counts?.retransmitted ?? 0,
  };
}

/** A push as `/v1` shows it. */
function describe(push: PushEntry): Record<string, unknown> {
  const { id, stream, given, target, auto, startedAt, running, logs, counts } = push;
  return {
    id,
    stream,
    given,
    target,
    automatic: auto ?? null,
    startedAt: new Date(startedAt).toISOString(),
    state: running ? "sending" : "connecting",
    activeMillis: counts?.activeMillis ?? 0,
    bytes: counts?.bytes ?? 0,
    packets: counts?.packets ?? 0,
    packetsLost: counts?.lost ?? 0,
    packetsRetransmitted: counts?.retransmitted ?? 0,
    mediaMillis: counts?.mediaMillis ?? 0,
    tracks: counts?.tracks ?? [],
    log: logs.map(({ at, level, message }) => ({ at, level, message })),
  };
}

/** Starts a push of each stream that is meant; answers their numbers. */
function start(api: ApiState, stream: unknown, target: unknown): readonly number[] {
  const name = parsePushedStream(textOf("stream", stream));
  const to = textOf("target", target);
  if (name === undefined) throw wrongValue("stream", "the name of a stream, base+ or #tag", stream);
  const meant = api.ports.pushes.matching(name);
  if (meant.length === 0) throw new ApiFailure(404, `there is no stream of ${name}`);
  return meant.map((each) => {
    const started = api.ports.pushes.start(each, to);
    if (typeof started === "string") throw new ApiFailure(422, started, { key: "target" });
    return started;
  });
}

function list(api: ApiState): readonly (readonly unknown[])[] {
  return api.ports.pushes.list().map(row);
}

/** `push_start {stream, target}` or `[stream, target]`. */
export const pushStart: Command = {
  name: "push_start",
  help: "Start sending a stream to a target",
  params: { anyOf: [TARGET, { type: "array", items: { type: "string" } }] },
  answersAs: "push_list",
  handedOver: true,
  run(api, params) {
    if (Array.isArray(params)) start(api, params[0], params[1]);
    else {
      const { stream, target } = objectOf("push_start", params);
      start(api, stream, target);
    }
    return list(api);
  },
  rest: [{
    method: "post",
    path: "/v1/pushes",
    help: "Start sending a stream to a target",
    status: 201,
    body: TARGET,
    run(api, { body }) {
      const { stream, target } = objectOf("body", body);
      const ids = start(api, stream, target);
      return { pushes: api.ports.pushes.list().filter((p) => ids.includes(p.id)).map(describe) };
    },
  }],
};

export const pushList: Command = {
  name: "push_list",
  help: "Pushes that run, with what they sent",
  params: { type: "boolean" },
  run: list,
  rest: [{
    method: "get",
    path: "/v1/pushes",
    help: "Pushes that run, with what they sent",
    run: (api) => ({ pushes: api.ports.pushes.list().map(describe) }),
  }],
};

/** Ends pushes by number, by list of numbers, or all of a stream by its name. */
function stop(api: ApiState, params: unknown): unknown {
  const items = Array.isArray(params) ? params : isObject(params) ? Object.keys(params) : [params];
  for (const item of items) {
    const id = typeof item === "number" ? item : /^\d+$/.test(String(item)) ? Number(item) : undefined;
    if (id !== undefined) api.ports.pushes.stop(id);
    else if (typeof item === "string") {
      for (const push of api.ports.pushes.list()) if (push.stream === item) api.ports.pushes.stop(push.id);
    } else throw wrongValue("push_stop", "numbers of pushes, or the name of a stream", item);
  }
  return list(api);
}

const WHICH: Command["params"] = { anyOf: [{ type: "integer" }, { type: "string" }, { type: "array" }] };

export const pushStop: Command = {
  name: "push_stop",
  help: "End pushes by their number, or all of a stream by its name",
  params: WHICH,
  answersAs: "push_list",
  handedOver: true,
  run: stop,
  rest: [{
    method: "delete",
    path: "/v1/pushes/{id}",
    help: "End a push",
    status: 204,
    run(api, { path }) {
      if (!api.ports.pushes.stop(Number(path["id"]))) throw new ApiFailure(404, "no such push");
      return undefined;
    },
  }],
};

/** Every push ends what it is at before it goes: there is no other way to stop one here. */
export const pushStopGraceful: Command = {
  ...pushStop,
  name: "push_stop_graceful",
  rest: [],
};
