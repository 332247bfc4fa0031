import type { ConfigStore } from "../config/files.ts";
import type { WatchPorts } from "../control/config/config_watch.ts";
import { withFileLock } from "../host/file_lock.ts";
import {
  FILE_MAX,
  listDirectory,
  readTextFile,
  realPath,
  removeFile,
  statFile,
  writeFileAtomic,
} from "../host/files.ts";
import { watchFolder } from "../host/watch_folder.ts";
import { whyReadOnly } from "../host/writable.ts";

/** A new file may hold passwords of cameras: not for everybody's eyes. */
const NEW_FILE_MODE = 0o640;

async function list(path: string): Promise<readonly string[] | undefined> {
  if ((await statFile(path))?.kind !== "directory") return undefined;
  return (await listDirectory(path)).map((entry) => entry.name);
}

async function stamp(path: string): Promise<string> {
  const found = await statFile(path);
  return found === undefined ? "" : `${found.kind} ${found.bytes} ${found.modified}`;
}

/** The configuration's files on this machine. */
export const configStore: ConfigStore = {
  read: (path, maxBytes) => readTextFile(path, maxBytes),
  list,
  whyReadOnly,
  async replace(path, before, after) {
    const file = await realPath(path);
    const unchanged = async () =>
      before === undefined
        ? await statFile(file) === undefined
        : await statFile(file) !== undefined && await readTextFile(file, FILE_MAX) === before;
    return await withFileLock(
      file,
      async () => await unchanged() && await writeFileAtomic(file, after, NEW_FILE_MODE, unchanged),
    );
  },
  remove: removeFile,
};

export const configWatchFiles: Pick<WatchPorts, "stamp" | "list" | "watchFolder"> = {
  stamp,
  list,
  watchFolder,
};
