import { maskUrl } from "../../../base/mask_url.ts";
import { ApiFailure, wrongValue } from "../api_failure.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { askedOf, type JsonObject, optionalNames, optionalNumber, textOf } from "../params.ts";

/** How long cameras may take to answer, seconds: usual and at most. */
const SECONDS = 3;
const SECONDS_MAX = 30;

const PARAMS = {
  interfaces: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }] },
  user: { type: "string" },
  password: { type: "string" },
  seconds: { type: "number" },
  add: { type: "boolean" },
  all: { type: "boolean" },
} as const;

/** `discover`: the cameras of the network; with `add` their streams become streams of the configuration. */
export const discover: Command = {
  name: "discover",
  help: "Find ONVIF cameras and their streams; with `add`, write them into the configuration",
  params: { type: ["boolean", "object"], properties: PARAMS },
  run: (api, params) => find(api, askedOf("discover", params)),
  rest: [{
    method: "post",
    path: "/v1/discover",
    help:
      "Find ONVIF cameras on interfaces (all unless given), with one login for all; add: true writes the " +
      "largest stream of each into the configuration, all: true every stream",
    body: { type: "object", properties: PARAMS },
    run: (api, { body }) => find(api, askedOf("discover", body ?? true)),
  }],
};

async function find(api: ApiState, asked: JsonObject) {
  const text = (key: string) => asked[key] === undefined ? "" : textOf(key, asked[key]);
  const flag = (key: string) => {
    const value = asked[key] ?? false;
    if (typeof value !== "boolean") throw wrongValue(key, "true or false", value);
    return value;
  };
  const seconds = optionalNumber(asked, "seconds") ?? SECONDS;
  if (!(seconds > 0 && seconds <= SECONDS_MAX)) {
    throw wrongValue("seconds", `more than 0 and at most ${SECONDS_MAX}`, seconds);
  }
  const login = { user: text("user"), password: text("password") };
  const [add, all] = [flag("add"), flag("all")];
  const { cameras: finder, keeper } = api.ports;
  const interfaces = optionalNames(asked, "interfaces") ?? [];
  const cameras = await finder.find({ interfaces, millis: seconds * 1000, ...login }).catch((e: unknown) => {
    throw new ApiFailure(400, e instanceof Error ? e.message : String(e), { key: "interfaces" });
  });
  const existing = new Map([...keeper.current.streams].map(([name, { source }]) => [name, source]));
  const entries = finder.entries(cameras, existing, { ...login, all });
  if (add && entries.length > 0) {
    await api.change(entries.map(({ name, source }) => ({ path: ["streams", name], value: { source } })));
  }
  const streams = entries.map(({ name, source }) => ({ name, source: maskUrl(source) }));
  return { cameras, [add ? "added" : "new"]: streams };
}
