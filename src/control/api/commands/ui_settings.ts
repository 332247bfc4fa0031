import type { Command } from "../command.ts";
import { isObject } from "../params.ts";

/** `ui_settings`: what the management page wants to keep; an object replaces it. */
export const uiSettings: Command = {
  name: "ui_settings",
  help: "What the management page keeps; an object replaces it",
  params: { type: ["boolean", "object"] },
  async run(api, params) {
    if (isObject(params)) {
      await api.change([{ path: ["api", "uiSettings"], value: JSON.stringify(params) }]);
      return params;
    }
    return parse(api.ports.keeper.current.api.uiSettings);
  },
};

/** Somebody may have edited it by hand. */
function parse(text: string): unknown {
  try {
    return text === "" ? {} : JSON.parse(text);
  } catch {
    return {};
  }
}
