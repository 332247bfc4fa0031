import { type Plain, plainField, type PlainMap } from "../../../config/edit/plain.ts";
import { printPath } from "../../../config/key_path.ts";
import type { ConfigEdit } from "../../config/config_keeper.ts";
import { ApiFailure } from "../api_failure.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { isObject, type JsonObject, objectOf } from "../params.ts";
import { hideSecrets } from "../stream_keys.ts";
import { patch } from "./addstream.ts";

/** The reference product's levels, 1 to 10, and ours. */
const LEVELS = ["error", "error", "warn", "warn", "info", "debug"] as const;

/**
 * `config`: the server's settings in the reference product's words; an object sets some. Its clients send back the whole
 * object: what is as it was answered is passed over, what cannot be set is refused.
 */
export const config: Command = {
  name: "config",
  help: "Settings of the server; an object sets some",
  params: {
    type: ["boolean", "object"],
    properties: {
      debug: { type: "integer" },
      prometheus: { type: "string" },
      accesslog: { type: "string" },
      trustedproxy: { type: ["array", "string"], items: { type: "string" } },
    },
  },
  async run(api, params) {
    if (isObject(params)) {
      const edits = editsOf(params, settings(api));
      if (edits.length > 0) await api.change(edits);
    }
    return settings(api);
  },
  rest: [{
    method: "get",
    path: "/v1/config",
    help: "Every section of the configuration as it is written, secrets masked",
    run: async (api) => hideSecrets(await api.written(), []),
  }, {
    method: "get",
    path: "/v1/config/{section}",
    help: "One section as it is written, and every value that counts, with its origin",
    run: (api, { path }) => describeSection(api, sectionOf(api, path)),
  }, {
    method: "put",
    path: "/v1/config/{section}",
    help: "Replace a section",
    body: { type: "object" },
    async run(api, { path, body }) {
      const section = sectionOf(api, path);
      await api.change([{ path: [section], value: objectOf("body", body) }]);
      return describeSection(api, section);
    },
  }, {
    method: "patch",
    path: "/v1/config/{section}",
    help: "Change some keys of a section; null goes back to the default",
    body: { type: "object" },
    async run(api, { path, body }) {
      const section = sectionOf(api, path);
      await patch(api, [section], objectOf("body", body));
      return describeSection(api, section);
    },
  }, {
    method: "get",
    path: "/v1/schema",
    help: "JSON Schema of the configuration",
    run: (api) => api.ports.schema(),
  }],
};

function settings(api: ApiState): JsonObject {
  const { version, keeper } = api.ports;
  const level = keeper.current.log.level;
  const debug = LEVELS.findLastIndex((ours) => ours === level);
  return {
    controller: { interface: null, port: null, username: null },
    debug: level === "error" ? 1 : debug,
    iid: api.instance,
    protocols: api.ports.outputs.map((o) => ({ connector: o.name.toUpperCase(), online: 1 })),
    prometheus: api.ports.metricsPassphrase() ?? "",
    accesslog: accessTarget(api),
    trustedproxy: [...keeper.current.http.proxies],
    time: api.now(),
    version,
  };
}

function accessTarget(api: ApiState): string {
  const found = api.ports.keeper.decided.find((d) => printPath(d.path) === "accessLog.target");
  return found === undefined ? "" : String(plainOf(found.shown));
}

function plainOf(shown: string): unknown {
  try {
    return JSON.parse(shown);
  } catch {
    return shown;
  }
}

function editsOf(given: JsonObject, now: JsonObject): ConfigEdit[] {
  const edits: ConfigEdit[] = [];
  for (const [key, value] of Object.entries(given)) {
    if (JSON.stringify(value) === JSON.stringify(now[key]) || key === "time" || key === "version") continue;
    if (key === "debug" && typeof value === "number") {
      const level = value >= 5 ? "debug" : LEVELS[Math.max(0, Math.floor(value))] ?? "info";
      edits.push({ path: ["log", "level"], value: level });
    } else if (key === "prometheus" && typeof value === "string") {
      edits.push({ path: ["metrics", "passphrase"], value });
    } else if (key === "accesslog" && typeof value === "string") {
      edits.push({ path: ["accessLog", "target"], value });
    } else if (key === "trustedproxy" && (typeof value === "string" || Array.isArray(value))) {
      edits.push({ path: ["http", "proxies"], value: plainOfProxies(value) });
    } else {
      throw new ApiFailure(400, `config.${key} cannot be set here`, { key: `config.${key}` });
    }
  }
  return edits;
}

/** One may stand without a list; what is no text is left for the configuration to refuse. */
function plainOfProxies(value: string | readonly unknown[]): Plain {
  if (typeof value === "string") return value === "" ? [] : [value];
  return value.map((proxy) => typeof proxy === "string" ? proxy : JSON.stringify(proxy));
}

function sectionOf(api: ApiState, path: Readonly<Record<string, string>>): string {
  const section = path["section"] ?? "";
  const known = Object.keys(api.ports.schema().properties ?? {}).filter((name) => name !== "include");
  if (known.includes(section)) return section;
  throw new ApiFailure(
    404,
    `no section ${JSON.stringify(section.slice(0, 100))}, known are ${known.join(", ")}`,
  );
}

async function describeSection(api: ApiState, section: string): Promise<JsonObject> {
  const written = plainField(await api.written(), section);
  const decided = api.ports.keeper.decided.filter((d) => d.path[0] === section);
  return {
    section,
    written: isObject(written) ? hideSecrets(written as PlainMap, secretsOf(api, section)) : {},
    values: decided.map((d) => ({ key: printPath(d.path.slice(1)), value: d.shown, origin: d.origin })),
  };
}

function secretsOf(api: ApiState, section: string) {
  return section === "streams"
    ? api.ports.sources.flatMap((s) => s.options)
    : api.ports.sources.find((s) => s.name === section)?.options ?? [];
}
