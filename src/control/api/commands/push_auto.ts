import { maskUrl } from "../../../base/mask_url.ts";
import { parseDuration } from "../../../config/option_value.ts";
import type { PushRule } from "../../../config/push_rule.ts";
import type { AutoPush } from "../../../config/sections/push.ts";
import type { ConfigEdit } from "../../config/config_keeper.ts";
import { ApiFailure, wrongValue } from "../api_failure.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { isObject, type JsonObject, namesOf, optionalNames, optionalNumber, textOf } from "../params.ts";

/** A push as the reference product has it: an object, or a list of its values in this order. */
const LIST_KEYS = [
  "stream",
  "target",
  "scheduletime",
  "completetime",
  "start_var",
  "start_op",
  "start_val",
  "end_var",
  "end_op",
  "end_val",
] as const;

const PUSH: Command["params"] = {
  type: "object",
  properties: {
    stream: { type: "string" },
    target: { type: "string" },
    scheduletime: { type: "integer" },
    completetime: { type: "integer" },
    start_rule: { type: "array" },
    end_rule: { type: "array" },
    inhibit: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
  },
  required: ["stream", "target"],
};

function printRule(rule: PushRule | undefined): readonly unknown[] {
  return rule === undefined ? [] : [rule.variable, rule.operator, rule.value];
}

function describe(push: AutoPush): Record<string, unknown> {
  return {
    stream: push.stream,
    target: maskUrl(push.target),
    scheduletime: push.scheduleTime,
    completetime: push.completeTime,
    start_rule: printRule(push.startRule),
    end_rule: printRule(push.endRule),
    inhibit: push.inhibit,
  };
}

function list(api: ApiState): Record<string, unknown> {
  const { auto } = api.ports.keeper.current.push;
  return Object.fromEntries([...auto].map(([name, push]) => [name, describe(push)]));
}

/** The settings of one push, in the words of the configuration. */
function settingsOf(key: string, given: unknown): Record<string, unknown> {
  const push: JsonObject = Array.isArray(given)
    ? Object.fromEntries(LIST_KEYS.map((name, n) => [name, given[n]]))
    : isObject(given)
    ? given
    : fail(key, given);
  const settings: Record<string, unknown> = {
    stream: textOf(`${key}.stream`, push["stream"]),
    target: textOf(`${key}.target`, push["target"]),
  };
  const schedule = optionalNumber(push, "scheduletime"), complete = optionalNumber(push, "completetime");
  if (schedule !== undefined && schedule > 0) settings["scheduleTime"] = schedule;
  if (complete !== undefined && complete > 0) settings["completeTime"] = complete;
  const startRule = ruleOf(push, "start"), endRule = ruleOf(push, "end");
  if (startRule !== undefined) settings["startRule"] = startRule;
  if (endRule !== undefined) settings["endRule"] = endRule;
  const inhibit = optionalNames(push, "inhibit");
  if (inhibit !== undefined) settings["inhibit"] = inhibit;
  return settings;
}

function fail(key: string, given: unknown): never {
  throw wrongValue(key, "an object with stream and target, or a list of them", given);
}

function ruleOf(push: JsonObject, which: "start" | "end"): readonly unknown[] | undefined {
  const rule = push[`${which}_rule`];
  if (Array.isArray(rule)) return rule.length === 0 ? undefined : rule;
  const variable = push[`${which}_var`];
  if (variable === undefined || variable === "" || variable === null) return undefined;
  return [variable, push[`${which}_op`], push[`${which}_val`] ?? ""];
}

/**
 * `push_auto_add`: one push, as an object or a list, or an object of them by name. One without a name is called by a
 * hash of what it does, so that adding it again changes nothing.
 */
function editsOf(api: ApiState, params: unknown): ConfigEdit[] {
  const single = Array.isArray(params) || (isObject(params) && typeof params["stream"] === "string");
  const named: [string, unknown][] = single
    ? [[api.ports.secrets.md5Hex(JSON.stringify(params)), params]]
    : isObject(params)
    ? Object.entries(params)
    : fail("push_auto_add", params);
  return named.map(([name, given]) => ({ path: ["push", "auto", name], value: settingsOf(name, given) }));
}

export const pushAutoAdd: Command = {
  name: "push_auto_add",
  help: "Add pushes that start whenever their stream runs",
  params: { anyOf: [PUSH, { type: "array" }, { type: "object", additionalProperties: PUSH }] },
  answersAs: "push_auto_list",
  async run(api, params) {
    const edits = editsOf(api, params);
    if (edits.length > 0) await api.change(edits);
    return list(api);
  },
  rest: [{
    method: "put",
    path: "/v1/auto-pushes/{name}",
    help: "Add a push that starts whenever its stream runs, or replace it",
    body: PUSH,
    async run(api, { path, body }) {
      const name = path["name"] ?? "";
      await api.change([{ path: ["push", "auto", name], value: settingsOf("body", body) }]);
      return list(api)[name];
    },
  }],
};

export const pushAutoList: Command = {
  name: "push_auto_list",
  help: "Pushes that start whenever their stream runs",
  params: { type: "boolean" },
  run: list,
  rest: [{
    method: "get",
    path: "/v1/auto-pushes",
    help: "Pushes that start whenever their stream runs",
    run: list,
  }],
};

async function remove(api: ApiState, names: readonly string[]): Promise<number> {
  const { auto } = api.ports.keeper.current.push;
  const known = [...new Set(names)].filter((name) => auto.has(name));
  if (known.length > 0) {
    await api.change(known.map((name) => ({ path: ["push", "auto", name], value: undefined })));
  }
  return known.length;
}

export const pushAutoRemove: Command = {
  name: "push_auto_remove",
  help: "Remove pushes that start whenever their stream runs",
  params: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }, { type: "object" }] },
  answersAs: "push_auto_list",
  async run(api, params) {
    await remove(api, namesOf("push_auto_remove", params));
    return list(api);
  },
  rest: [{
    method: "delete",
    path: "/v1/auto-pushes/{name}",
    help: "Remove a push that starts whenever its stream runs",
    status: 204,
    async run(api, { path }) {
      const name = path["name"] ?? "";
      if (await remove(api, [name]) === 0) throw new ApiFailure(404, `no push ${name}`, { key: name });
      return undefined;
    },
  }],
};

/** `push_settings {wait, maxspeed}`: seconds until a lost push starts again, and most starts a second. */
export const pushSettings: Command = {
  name: "push_settings",
  help: "When lost pushes start again, and how many start in a second",
  params: {
    type: ["boolean", "object"],
    properties: { wait: { type: "number" }, maxspeed: { type: "integer" } },
  },
  async run(api, params) {
    if (isObject(params)) {
      const edits: ConfigEdit[] = [];
      const wait = params["wait"], maxSpeed = optionalNumber(params, "maxspeed");
      if (wait !== undefined) {
        if (parseDuration(String(wait)) === undefined) throw wrongValue("wait", "seconds", wait);
        edits.push({ path: ["push", "wait"], value: typeof wait === "number" ? wait : String(wait) });
      }
      if (maxSpeed !== undefined) edits.push({ path: ["push", "maxSpeed"], value: maxSpeed });
      if (edits.length > 0) await api.change(edits);
    }
    const { waitMillis, maxSpeed } = api.ports.keeper.current.push;
    return { wait: waitMillis / 1000, maxspeed: maxSpeed };
  },
};
