import type { PlainMap } from "../../../config/edit/plain.ts";
import { isPlainMap, plainField, samePlain } from "../../../config/edit/plain.ts";
import type { ConfigEdit } from "../../config/config_keeper.ts";
import { ApiFailure } from "../api_failure.ts";
import type { Command } from "../command.ts";
import { objectOf } from "../params.ts";

/** `config_backup`: the whole configuration as it is written, secrets included, `${ENV}` and `!file` as they stand. */
export const configBackup: Command = {
  name: "config_backup",
  help: "The whole configuration as it is written, secrets included",
  params: { type: "boolean" },
  run: (api) => api.written(),
};

/** `config_restore`: makes the configuration what a backup says. Writes only what differs. */
export const configRestore: Command = {
  name: "config_restore",
  help: "Make the configuration what a backup says",
  params: { type: "object" },
  async run(api, params) {
    const wanted = objectOf("config_restore", params) as PlainMap;
    const known = Object.keys(api.ports.schema().properties ?? {}).filter((name) => name !== "include");
    const unknown = Object.keys(wanted).find((name) => !known.includes(name));
    if (unknown !== undefined) {
      throw new ApiFailure(400, `unknown section ${unknown.slice(0, 100)}`, { key: unknown });
    }
    const now = await api.written();
    const edits: ConfigEdit[] = [];
    for (const section of new Set([...Object.keys(now), ...Object.keys(wanted)])) {
      const before = plainField(now, section);
      const after = plainField(wanted, section);
      if (samePlain(before, after)) continue;
      if (after !== undefined && !samePlain(after, {})) edits.push({ path: [section], value: after });
      else if (isPlainMap(before)) {
        for (const key of Object.keys(before)) edits.push({ path: [section, key], value: undefined });
      }
    }
    if (edits.length > 0) await api.change(edits);
    return { written: edits.length > 0 };
  },
};
