import { maskUrl } from "../../../base/mask_url.ts";
import { ApiFailure, wrongValue } from "../api_failure.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { isObject, type JsonObject, namesOf, objectOf, optionalNumber, textOf } from "../params.ts";

const VARIABLE: Command["params"] = {
  type: "object",
  properties: {
    name: { type: "string" },
    value: { type: "string" },
    target: { type: "string" },
    interval: { type: "number" },
    waitTime: { type: "number" },
  },
  required: ["name"],
};
const SETTINGS: Command["params"] = {
  type: "object",
  properties: {
    value: { type: "string" },
    target: { type: "string" },
    interval: { type: ["number", "string"] },
    wait: { type: ["number", "string"] },
  },
};

/** All of them in the reference product's words; its times are in seconds. */
function list(api: ApiState): Record<string, unknown> {
  return Object.fromEntries(
    api.ports.variables.list().map((v) => [v.name, {
      target: maskUrl(v.target),
      interval: v.intervalMillis / 1000,
      waitTime: v.waitMillis / 1000,
      lastunix: Math.floor(v.answeredAt / 1000),
      value: v.value,
    }]),
  );
}

/** As `/v1` has them. */
function describe(api: ApiState): readonly JsonObject[] {
  return api.ports.variables.list().map((v) => ({
    name: v.name,
    value: v.value,
    target: maskUrl(v.target),
    intervalMillis: v.intervalMillis,
    waitMillis: v.waitMillis,
    answeredAt: v.answeredAt === 0 ? null : new Date(v.answeredAt).toISOString(),
  }));
}

/** An object; `[name, value]`; or `[name, target, interval, value, waitTime]`. */
function readAdded(params: unknown): JsonObject {
  if (!Array.isArray(params)) return objectOf("variable_add", params);
  const [name, second, interval, value, waitTime] = params;
  return params.length <= 2 ? { name, value: second } : { name, target: second, interval, value, waitTime };
}

/** What the configuration says of a variable that is added. */
function settingsOf(given: JsonObject): string | Record<string, string | number> {
  const target = textOf("target", given["target"] ?? "");
  const value = given["value"] ?? "";
  if (typeof value !== "string" && typeof value !== "number") throw wrongValue("value", "a text", value);
  if (target === "") return String(value);
  const interval = optionalNumber(given, "interval"), wait = optionalNumber(given, "waitTime");
  return {
    target,
    ...(value === "" ? {} : { value: String(value) }),
    ...(interval === undefined || interval <= 0 ? {} : { interval }),
    ...(wait === undefined || wait <= 0 ? {} : { wait }),
  };
}

/** `variable_add`: adds one, or replaces the one of that name. */
export const variableAdd: Command = {
  name: "variable_add",
  help: "Add a variable for targets of pushes: a value, or a URL or command whose answer is the value",
  params: { anyOf: [VARIABLE, { type: "array" }] },
  answersAs: "variable_list",
  async run(api, params) {
    const given = readAdded(params);
    const name = textOf("name", given["name"]);
    await api.change([{ path: ["variables", name], value: settingsOf(given) }]);
    return list(api);
  },
  rest: [{
    method: "put",
    path: "/v1/variables/{name}",
    help: "Add a variable for targets of pushes, or replace it",
    body: SETTINGS,
    async run(api, { path, body }) {
      const name = path["name"] ?? "";
      await api.change([{ path: ["variables", name], value: objectOf("body", body) }]);
      return describe(api).find((v) => v["name"] === name);
    },
  }],
};

export const variableList: Command = {
  name: "variable_list",
  help: "Variables for targets of pushes, with their values now",
  params: { type: "boolean" },
  run: list,
  rest: [{
    method: "get",
    path: "/v1/variables",
    help: "Variables for targets of pushes, with their values now",
    run: (api) => ({ variables: describe(api) }),
  }],
};

async function remove(api: ApiState, names: readonly string[]): Promise<number> {
  const { variables } = api.ports.keeper.current;
  const known = [...new Set(names)].filter((name) => variables.has(name));
  if (known.length > 0) {
    await api.change(known.map((name) => ({ path: ["variables", name], value: undefined })));
  }
  return known.length;
}

/** `variable_remove`: a name, a list of them, or an object with its name. */
export const variableRemove: Command = {
  name: "variable_remove",
  help: "Remove variables for targets of pushes",
  params: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }, { type: "object" }] },
  answersAs: "variable_list",
  async run(api, params) {
    const name = isObject(params) ? params["name"] : undefined;
    await remove(api, typeof name === "string" ? [name] : namesOf("variable_remove", params));
    return list(api);
  },
  rest: [{
    method: "delete",
    path: "/v1/variables/{name}",
    help: "Remove a variable for targets of pushes",
    status: 204,
    async run(api, { path }) {
      const name = path["name"] ?? "";
      if (await remove(api, [name]) === 0) throw new ApiFailure(404, `no variable ${name}`, { key: name });
      return undefined;
    },
  }],
};
