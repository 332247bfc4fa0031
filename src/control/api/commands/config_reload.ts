import { refusedChange } from "../api_failure.ts";
import type { ApiState } from "../api_state.ts";
import type { Command } from "../command.ts";

async function reload(api: ApiState) {
  const answer = await api.ports.keeper.reload("the API asked for it");
  if (!answer.ok) throw refusedChange("the configuration is faulty", answer.errors);
  const { added, removed, changed, sections } = answer.change;
  return { added, removed, changed: [...changed.keys()], sections };
}

export const configReload: Command = {
  name: "config_reload",
  help: "Read the configuration files again",
  params: { type: "boolean" },
  run: reload,
  rest: [{
    method: "post",
    path: "/v1/config/reload",
    help: "Read the configuration files again",
    run: reload,
  }],
};

/** Changes are written when they are made, so there is never anything left to save. */
export const save: Command = {
  name: "save",
  help: "Write the configuration; every change has been written already",
  params: { type: "boolean" },
  run: () => true,
};
