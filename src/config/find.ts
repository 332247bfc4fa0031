import { ConfigError, type ConfigReport } from "./config_error.ts";
import type { ConfigFiles } from "./files.ts";
import { nameOf, resolvePath } from "./paths.ts";
import { didYouMean } from "./suggest.ts";
import type { Origin } from "./tree.ts";

/** A file to read, and the one section that it holds; undefined for the main file. */
export interface FoundFile {
  readonly path: string;
  readonly section: string | undefined;
  /** The value that names it, of a file that `include` names. */
  readonly named?: { readonly origin: Origin; readonly key: string };
}

const MAIN_NAME = "fogcast";
const ENDING = /\.(yaml|yml|json|jsonc)$/;
/** Most files of one configuration. */
export const CONFIG_FILES_MAX = 1000;

/**
 * The files that a path stands for, in the order in which they are laid on one another. A file: itself. A folder:
 * `fogcast.yaml`, then for each section `<section>.yaml`, then `<section>.d/*` in order of name. Files of other names
 * get a warning, so that a slip is seen.
 */
export async function findConfigFiles(
  path: string,
  sections: readonly string[],
  files: ConfigFiles,
  report: ConfigReport,
): Promise<FoundFile[]> {
  const names = await files.list(path);
  if (names === undefined) return [{ path, section: undefined }];
  const origin = { file: path, line: 0, column: 0 };
  const main: FoundFile[] = [];
  const parts: FoundFile[] = [];
  for (const name of [...names].sort()) {
    if (!ENDING.test(name) || name.startsWith(".")) continue;
    const stem = name.replace(ENDING, "");
    const file = { path: resolvePath(path, name), section: stem === MAIN_NAME ? undefined : stem };
    if (stem === MAIN_NAME) main.push(file);
    else if (sections.includes(stem)) parts.push(file);
    else {
      const hint = didYouMean(stem, [MAIN_NAME, ...sections]);
      report.warn(
        new ConfigError({ ...origin, file: file.path }, "", `not read: no section has this name${hint}`),
      );
    }
  }
  if (main.length > 1) {
    const what = `more than one main file: ${main.map((f) => nameOf(f.path)).join(", ")}`;
    report.error(new ConfigError(origin, "", what));
  }
  for (const section of sections) {
    const folder = resolvePath(path, `${section}.d`);
    for (const name of [...await files.list(folder) ?? []].sort()) {
      if (ENDING.test(name) && !name.startsWith(".")) {
        parts.push({ path: resolvePath(folder, name), section });
      }
    }
  }
  const found = [...main, ...parts];
  if (found.length === 0) {
    const what = `no configuration in this folder: expected ${MAIN_NAME}.yaml or a file named as a section`;
    report.error(new ConfigError(origin, "", what));
  }
  if (found.length > CONFIG_FILES_MAX) {
    report.error(new ConfigError(origin, "", `more than ${CONFIG_FILES_MAX} files`));
  }
  return found.slice(0, CONFIG_FILES_MAX);
}
