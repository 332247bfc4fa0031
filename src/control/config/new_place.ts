import type { ConfigStore } from "../../config/files.ts";
import { EditRefused, type NewPlace } from "../../config/edit/plan_edits.ts";
import { printPath } from "../../config/key_path.ts";
import type { LoadedFile } from "../../config/load.ts";
import { resolvePath } from "../../config/paths.ts";

/**
 * The file for a key that no file has yet: the last writable file of its section; else, for a folder, a new file in
 * `<section>.d/` where that folder exists; a section that no file holds goes to the main file, else, for a folder, to a
 * new `<section>.yaml`. Rejects with {@link EditRefused} where all of these are read-only.
 */
export async function placeNew(
  store: ConfigStore,
  configPath: string | undefined,
  files: readonly LoadedFile[],
  path: readonly string[],
): Promise<NewPlace> {
  if (configPath === undefined) throw new EditRefused("this server runs without configuration files");
  const section = path[0] as string;
  const isFolder = await store.list(configPath) !== undefined;
  const reasons: string[] = [];
  const isWritable = async (file: string) => {
    const why = await store.whyReadOnly(file);
    if (why !== undefined) reasons.push(why);
    return why === undefined;
  };
  const holders = files.filter((file) => file.sections.includes(section));
  for (const file of holders.toReversed()) if (await isWritable(file.path)) return file;
  if (isFolder) {
    const folder = resolvePath(configPath, `${section}.d`);
    const names = await store.list(folder);
    const file = resolvePath(folder, `${nameFor(path)}.yaml`);
    if (names !== undefined && !names.includes(`${nameFor(path)}.yaml`) && await isWritable(file)) {
      return { path: file, top: [section], text: undefined };
    }
  }
  if (holders.length === 0) {
    const main = files.find((file) => file.main);
    if (main !== undefined && await isWritable(main.path)) return main;
    const own = resolvePath(configPath, `${section}.yaml`);
    if (isFolder && await isWritable(own)) return { path: own, top: [section], text: undefined };
  }
  throw new EditRefused(`${printPath(path)} cannot be changed: ${reasons.join(", ")}`);
}

/** `cam1` for `streams.cam1`; `local` for what makes no file name. */
function nameFor(path: readonly string[]): string {
  const name = path[1];
  return name !== undefined && /^[a-z0-9_][a-z0-9_.-]{0,99}$/.test(name) ? name : "local";
}
