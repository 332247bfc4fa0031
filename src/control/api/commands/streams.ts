import { plainField, type PlainMap } from "../../../config/edit/plain.ts";
import { baseOf } from "../../../media/stream_name.ts";
import { ApiFailure } from "../api_failure.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { configuredName, isObject, type JsonObject } from "../params.ts";
import { hideSecrets, printStreamKeys, readStreamKeys } from "../stream_keys.ts";
import { statusCode } from "../stream_report.ts";

/** `streams`: all of them; an object replaces all. */
export const streams: Command = {
  name: "streams",
  help: "List all streams; an object of streams replaces them all",
  params: { anyOf: [{ type: "boolean" }, { type: "object", additionalProperties: { type: "object" } }] },
  async run(api, params) {
    if (isObject(params)) {
      const all: Record<string, PlainMap> = {};
      for (const [given, value] of Object.entries(params)) {
        if (given === "incomplete list") continue;
        const name = configuredName(given);
        all[name] = readStreamKeys(name, value);
      }
      await api.change(await replaceStreams(api, all));
    }
    return await listStreams(api);
  },
  rest: [{
    method: "get",
    path: "/v1/streams",
    help: "Every stream as it is configured and as it runs",
    run: async (api) => {
      const names = new Set([
        ...api.ports.keeper.current.streams.keys(),
        ...api.ports.streams().map((s) => s.name),
      ]);
      return { streams: await Promise.all([...names].sort().map((name) => describeStream(api, name))) };
    },
  }, {
    method: "get",
    path: "/v1/streams/{name}",
    help: "One stream",
    run: (api, { path }) => describeStream(api, path["name"] ?? ""),
  }],
};

/** Removing all of them is removing the key, where there is one. */
async function replaceStreams(api: ApiState, all: Readonly<Record<string, PlainMap>>) {
  if (Object.keys(all).length > 0) return [{ path: ["streams"], value: all }];
  const written = plainField(await api.written(), "streams");
  return isObject(written)
    ? Object.keys(written).map((name) => ({ path: ["streams", name], value: undefined }))
    : [];
}

/** Streams by name in the reference product's shape; only those in `names` where given. */
export async function listStreams(
  api: ApiState,
  names?: readonly string[],
): Promise<Record<string, JsonObject>> {
  const states = new Map(api.ports.streams().map((s) => [s.name, s]));
  const list: Record<string, JsonObject> = {};
  for (const name of names ?? api.ports.keeper.current.streams.keys()) {
    const config = api.ports.keeper.current.streams.get(name);
    if (config === undefined) continue;
    const state = states.get(name);
    const bad = state?.state === "refused" || state?.state === "waiting";
    list[name] = {
      ...printStreamKeys(name, await writtenStream(api, name), optionsOf(api, config.sourceKind)),
      online: statusCode(state?.state ?? "idle") === 4 ? 1 : 0,
      ...(bad ? { error: state.reason } : {}),
    };
  }
  return list;
}

/** A stream as REST has it: what is written, and how it runs. Throws 404. */
export async function describeStream(api: ApiState, name: string): Promise<JsonObject> {
  const status = api.ports.streams().find((s) => s.name === name);
  const config = api.ports.keeper.current.streams.get(baseOf(name));
  if (config === undefined) throw new ApiFailure(404, `no stream ${JSON.stringify(name.slice(0, 120))}`);
  const settings = hideSecrets(await writtenStream(api, config.name), optionsOf(api, config.sourceKind));
  return {
    name,
    settings,
    state: status?.state ?? "idle",
    reason: status?.reason ?? "",
    tags: api.ports.tags.of(name),
    bitsPerSecond: Math.round(status?.bitsPerSecond ?? 0),
    viewers: status?.viewers ?? 0,
    input: status?.input ?? {},
    tracks: (status?.tracks ?? []).map((
      { id, kind, codec, codecString, width, height, sampleRate, channels, frameRate },
    ) => ({
      id,
      kind,
      codec,
      codecString,
      width,
      height,
      sampleRate,
      channels,
      frameRate,
    })),
  };
}

/** What the files say of a stream; where they say nothing (the environment does), its source. */
export async function writtenStream(api: ApiState, name: string): Promise<PlainMap> {
  const written = plainField(plainField(await api.written(), "streams"), name);
  if (isObject(written)) return written as PlainMap;
  return { source: api.ports.keeper.current.streams.get(name)?.source ?? "" };
}

function optionsOf(api: ApiState, kind: string) {
  return api.ports.sources.find((s) => s.name === kind)?.options ?? [];
}
