import { diffConfigs } from "../config/diff.ts";
import { CannotEdit } from "../config/edit/edit_text.ts";
import { splitText } from "../config/edit/split_text.ts";
import type { ConfigFiles } from "../config/files.ts";
import { loadConfig } from "../config/load.ts";
import { resolvePath } from "../config/paths.ts";
import { CONFIG_FILE_MAX } from "../config/tree.ts";
import { describeChange, isSame } from "../control/config/describe_change.ts";
import { makeDirectory } from "../host/files.ts";
import { printErrorLine, printLine } from "../host/process.ts";
import { EXIT_USAGE, loadRequest, printProblems } from "./config_commands.ts";
import { configStore } from "./config_store.ts";

/** `fogcast config split`: turns one file into a folder that says the same; the file stays. Answers the exit code. */
export async function configSplit(path: string, folder: string): Promise<number> {
  const fail = (what: string) => {
    printErrorLine(`fogcast: ${what}`);
    return EXIT_USAGE;
  };
  if (await configStore.list(path) !== undefined) return fail(`${path} is a folder already`);
  const there = await configStore.list(folder) ?? [];
  if (there.length > 0) return fail(`${folder} is not empty: ${there.slice(0, 3).join(", ")}`);
  const before = await loadConfig(configStore, loadRequest(path, []));
  if (before.config === undefined) {
    printProblems(before);
    return EXIT_USAGE;
  }
  let files: ReadonlyMap<string, string>;
  try {
    const parts = splitText(path, await configStore.read(path, CONFIG_FILE_MAX));
    files = new Map(parts.map(({ name, text }) => [resolvePath(folder, name), text]));
  } catch (failure) {
    if (failure instanceof CannotEdit) return fail(failure.message);
    throw failure;
  }
  const after = await loadConfig(new FolderToBe(folder, files), loadRequest(folder, []));
  printProblems(after);
  if (after.config === undefined) {
    return fail(
      "nothing was written: taken apart, the file would be faulty (relative paths and anchors count in it)",
    );
  }
  const change = diffConfigs(before.config, after.config);
  if (!isSame(change)) {
    const what = `${describeChange(change)}; relative paths in it would lead elsewhere: make them absolute`;
    return fail(`nothing was written: taken apart, the file would say something else: ${what}`);
  }
  return await writeFolder(folder, files);
}

async function writeFolder(folder: string, files: ReadonlyMap<string, string>): Promise<number> {
  const written: string[] = [];
  try {
    await makeDirectory(folder);
    for (const [file, text] of files) {
      if (!await configStore.replace(file, undefined, text)) throw new Error(`${file} is there already`);
      written.push(file);
    }
  } catch (failure) {
    for (const file of written) await configStore.remove(file);
    printErrorLine(
      `fogcast: nothing was written: ${failure instanceof Error ? failure.message : String(failure)}`,
    );
    return 1;
  }
  for (const file of written) printLine(file);
  return 0;
}

/** The folder as it will be, before it is there. */
class FolderToBe implements ConfigFiles {
  readonly #folder: string;
  readonly #texts: ReadonlyMap<string, string>;

  constructor(folder: string, texts: ReadonlyMap<string, string>) {
    this.#folder = folder;
    this.#texts = texts;
  }

  read(path: string, maxBytes: number): Promise<string> {
    const text = this.#texts.get(path);
    return text === undefined ? configStore.read(path, maxBytes) : Promise.resolve(text);
  }

  list(path: string): Promise<readonly string[] | undefined> {
    if (path !== this.#folder) return configStore.list(path);
    return Promise.resolve([...this.#texts.keys()].map((file) => file.slice(file.lastIndexOf("/") + 1)));
  }
}
