import type { ConfigEdit } from "../../config/config_keeper.ts";
import type { JsonSchema } from "../../../config/schema.ts";
import { ApiFailure, wrongValue } from "../api_failure.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { configuredName, isObject, objectOf } from "../params.ts";
import { readStreamKeys } from "../stream_keys.ts";
import { describeStream, listStreams } from "./streams.ts";

const STREAM: JsonSchema = {
  type: "object",
  properties: { source: { type: "string" } },
  required: ["source"],
};

/** `addstream {name: {source, …}}`: adds streams, or replaces those of that name. */
export const addstream: Command = {
  name: "addstream",
  help: "Add streams, or replace the settings of those that are there",
  params: { type: "object", additionalProperties: STREAM },
  answersAs: "streams",
  async run(api, params) {
    const names: string[] = [];
    const edits: ConfigEdit[] = [];
    for (const [given, value] of Object.entries(objectOf("addstream", params))) {
      const name = configuredName(given);
      names.push(name);
      edits.push({ path: ["streams", name], value: readStreamKeys(name, value) });
    }
    if (edits.length > 0) await api.change(edits);
    return { ...await listStreams(api, names), "incomplete list": 1 };
  },
  rest: [{
    method: "post",
    path: "/v1/streams",
    help: "Add a stream",
    status: 201,
    body: {
      ...STREAM,
      properties: { name: { type: "string" }, source: { type: "string" } },
      required: ["name", "source"],
    },
    async run(api, { body }) {
      const { name: given, ...settings } = objectOf("body", body);
      if (typeof given !== "string") throw wrongValue("name", "a text", given);
      const name = configuredName(given);
      if (api.ports.keeper.current.streams.has(name)) {
        throw new ApiFailure(409, `there is a stream ${name} already`, { key: `streams.${name}` });
      }
      await api.change([{ path: ["streams", name], value: settings }]);
      return describeStream(api, name);
    },
  }, {
    method: "put",
    path: "/v1/streams/{name}",
    help: "Add a stream, or replace its settings",
    body: STREAM,
    async run(api, { path, body }) {
      const name = configuredName(path["name"] ?? "");
      await api.change([{ path: ["streams", name], value: objectOf("body", body) }]);
      return describeStream(api, name);
    },
  }, {
    method: "patch",
    path: "/v1/streams/{name}",
    help: "Change some settings of a stream; null goes back to the default",
    body: { type: "object" },
    async run(api, { path, body }) {
      const name = configuredName(path["name"] ?? "");
      if (!api.ports.keeper.current.streams.has(name)) throw new ApiFailure(404, `no stream ${name}`);
      await patch(api, ["streams", name], objectOf("body", body));
      return describeStream(api, name);
    },
  }],
};

/** Sets each key of `changes` below `path`; null removes it where it is written. */
export async function patch(
  api: ApiState,
  path: readonly string[],
  changes: Readonly<Record<string, unknown>>,
): Promise<readonly string[]> {
  let written: unknown = await api.written();
  for (const key of path) {
    written = isObject(written) && Object.hasOwn(written, key) ? written[key] : undefined;
  }
  const has = (key: string) => isObject(written) && Object.hasOwn(written, key);
  const edits = Object.entries(changes)
    .filter(([key, value]) => value !== null || has(key))
    .map(([key, value]): ConfigEdit => ({ path: [...path, key], value: value === null ? undefined : value }));
  return edits.length === 0 ? [] : await api.change(edits);
}
