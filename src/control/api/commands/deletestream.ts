import { ApiFailure } from "../api_failure.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";
import { configuredName, namesOf } from "../params.ts";
import { listStreams } from "./streams.ts";

/** `deletestream`: a name, a list of names, or an object with them as keys. Unknown ones are passed over. */
export const deletestream: Command = {
  name: "deletestream",
  help: "Remove streams",
  params: { anyOf: [{ type: "string" }, { type: "array", items: { type: "string" } }, { type: "object" }] },
  answersAs: "streams",
  async run(api, params) {
    await remove(api, namesOf("deletestream", params).map(configuredName));
    return await listStreams(api);
  },
  rest: [{
    method: "delete",
    path: "/v1/streams/{name}",
    help: "Remove a stream",
    status: 204,
    async run(api, { path }) {
      const name = configuredName(path["name"] ?? "");
      if (await remove(api, [name]) === 0) throw new ApiFailure(404, `no stream ${name}`);
      return undefined;
    },
  }],
};

/** Answers how many there were. */
async function remove(api: ApiState, names: readonly string[]): Promise<number> {
  const known = [...new Set(names)].filter((name) => api.ports.keeper.current.streams.has(name));
  if (known.length > 0) {
    await api.change(known.map((name) => ({ path: ["streams", name], value: undefined })));
  }
  return known.length;
}
