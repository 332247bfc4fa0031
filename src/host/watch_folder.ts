import { watch } from "node:fs";

/**
 * Calls `changed` when an entry of a folder changes, appears or vanishes, with its name where the system tells it. The
 * answer stops it. Throws when the folder is missing.
 */
export function watchFolder(
  path: string,
  changed: (entry: string | undefined) => void,
  failed: (why: Error) => void,
): () => void {
  const watcher = watch(path, (_event, entry) => changed(entry ?? undefined));
  watcher.on("error", failed);
  return () => watcher.close();
}
