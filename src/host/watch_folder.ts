import { watch } from "node:fs";

/** Calls `changed` when an entry of a folder changes, appears or vanishes. The answer stops it. Throws when it is missing. */
export function watchFolder(path: string, changed: () => void, failed: (why: Error) => void): () => void {
  const watcher = watch(path, () => changed());
  watcher.on("error", failed);
  return () => watcher.close();
}
