import type { CommandEntry } from "./entry.ts";
import { ADD_TO, ALL, INTERFACE, JSON_FLAG, SECONDS, USER, YES } from "./flags.ts";

/** What looks for cameras. */
export const CAMERA_COMMANDS: readonly CommandEntry[] = [{
  name: "discover",
  help: "Find ONVIF cameras and their streams, and add them to a configuration",
  flags: [ADD_TO, INTERFACE, USER, SECONDS, ALL, YES, JSON_FLAG],
  needsConfig: false,
  make({ flags }) {
    const config = flags.get(ADD_TO.name);
    if (config === undefined && flags.has(YES.name)) return "--yes needs --config PATH to add to";
    return {
      name: "discover",
      config,
      interfaces: (flags.get(INTERFACE.name) ?? "").split(",").map((i) => i.trim()).filter((i) => i !== ""),
      user: flags.get(USER.name) ?? "",
      seconds: Number(flags.get(SECONDS.name) ?? 3),
      all: flags.has(ALL.name),
      yes: flags.has(YES.name),
      json: flags.has(JSON_FLAG.name),
    };
  },
}];
