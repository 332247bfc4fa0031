import { open, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

/** A lock this old was left behind by a process that died. */
const STALE_MILLIS = 10_000;
/** How long to wait for another process. */
const WAIT_MILLIS = 3000;
const RETRY_MILLIS = 15;

function isCode(failure: unknown, code: string): boolean {
  return failure instanceof Error && "code" in failure && failure.code === code;
}

/**
 * Runs `run` while no other process, nor another call in this one, does so for the same file: by a file `.NAME.lock`
 * beside it. Rejects when that cannot be made, or when another process keeps it for more than 3 s.
 */
export async function withFileLock<T>(path: string, run: () => Promise<T>): Promise<T> {
  const lock = join(dirname(path), `.${basename(path)}.lock`);
  for (let waited = 0;; waited += RETRY_MILLIS) {
    try {
      await (await open(lock, "wx")).close();
      break;
    } catch (failure) {
      if (!isCode(failure, "EEXIST")) throw failure;
      if (waited > WAIT_MILLIS) throw new Error(`another process is saving it (${lock})`);
    }
    await dropStale(lock);
    await new Promise((resolve) => setTimeout(resolve, RETRY_MILLIS));
  }
  try {
    return await run();
  } finally {
    await rm(lock, { force: true });
  }
}

async function dropStale(lock: string): Promise<void> {
  try {
    if (Date.now() - (await stat(lock)).mtimeMs > STALE_MILLIS) await rm(lock, { force: true });
  } catch (failure) {
    if (!isCode(failure, "ENOENT")) throw failure;
  }
}
