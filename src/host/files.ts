import { existsSync, mkdtempSync } from "node:fs";
import {
  type FileHandle,
  mkdir,
  open,
  readdir,
  readFile as nodeReadFile,
  realpath,
  rename,
  rm,
  stat,
  writeFile as nodeWriteFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { watchFolder } from "./watch_folder.ts";

/** Longest file that {@link readFile} reads unless told otherwise: configuration, certificates, keys. */
export const FILE_MAX = 64 * 1024 * 1024;

export interface FileStat {
  readonly kind: "file" | "directory" | "other";
  readonly bytes: number;
  /** Unix milliseconds. */
  readonly modified: number;
}

export interface DirectoryEntry {
  readonly name: string;
  readonly kind: "file" | "directory" | "other";
}

function codeOf(failure: unknown): string | undefined {
  if (!(failure instanceof Error) || !("code" in failure)) return undefined;
  return typeof failure.code === "string" ? failure.code : undefined;
}

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): FileStat["kind"] {
  return entry.isFile() ? "file" : entry.isDirectory() ? "directory" : "other";
}

/** Reads a whole file. Throws when it is missing, unreadable or longer than `max` bytes. */
export async function readFile(path: string, max = FILE_MAX): Promise<Uint8Array<ArrayBuffer>> {
  const { size } = await stat(path);
  if (size > max) throw new Error(`Cannot read ${path}: ${size} bytes, at most ${max} expected`);
  return new Uint8Array(await nodeReadFile(path));
}

/** Reads a whole UTF-8 file. Throws as {@link readFile} does, and on bytes that are not UTF-8. */
export async function readTextFile(path: string, max = FILE_MAX): Promise<string> {
  return new TextDecoder("utf-8", { fatal: true }).decode(await readFile(path, max));
}

/**
 * Replaces a file so that a crash or power cut leaves the old or the new content, never a mix: written beside it,
 * synced, renamed, and the directory synced. Keeps the mode and the owner of the file it replaces; a new one gets
 * `mode`. `proceed` is asked right before the rename: where it answers false, nothing is written. Answers whether it was.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  mode = 0o644,
  proceed: () => Promise<boolean> = () => Promise.resolve(true),
): Promise<boolean> {
  const directory = dirname(path);
  const temporary = join(directory, `.${basename(path)}.${crypto.randomUUID()}.tmp`);
  const old = await statFile(path) === undefined ? undefined : await stat(path);
  try {
    const file = await open(temporary, "wx", old === undefined ? mode : old.mode & 0o777);
    try {
      if (old !== undefined) {
        const { uid, gid } = await file.stat();
        if (uid !== old.uid || gid !== old.gid) await keepOwner(file, old.uid, old.gid);
        await file.chmod(old.mode & 0o777);
      }
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    if (!await proceed()) {
      await rm(temporary, { force: true });
      return false;
    }
    await rename(temporary, path);
  } catch (failure) {
    await rm(temporary, { force: true });
    throw failure;
  }
  const parent = await open(directory, "r");
  try {
    await parent.sync();
  } catch (failure) {
    // some network file systems cannot sync a directory: the file itself is safe by now
    if (codeOf(failure) !== "EINVAL" && codeOf(failure) !== "EBADF") throw failure;
  } finally {
    await parent.close();
  }
  return true;
}

/** Gives a file to its owner where this process may; a group that may write it, but not give it away, keeps it. */
async function keepOwner(file: FileHandle, uid: number, gid: number): Promise<void> {
  try {
    await file.chown(uid, gid);
  } catch (failure) {
    if (codeOf(failure) !== "EPERM") throw failure;
  }
}

/** The path itself, links followed; the same where nothing is there yet. */
export async function realPath(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (failure) {
    if (codeOf(failure) === "ENOENT") return path;
    throw failure;
  }
}

/** Writes a file in place: for what nobody reads before it is complete. Only this user may read it. */
export async function writeFile(path: string, content: Uint8Array): Promise<void> {
  await nodeWriteFile(path, content, { mode: 0o600 });
}

/** What a path is, links followed; undefined when nothing is there. */
export async function statFile(path: string): Promise<FileStat | undefined> {
  try {
    const found = await stat(path);
    return { kind: kindOf(found), bytes: found.size, modified: found.mtimeMs };
  } catch (failure) {
    if (codeOf(failure) === "ENOENT" || codeOf(failure) === "ENOTDIR") return undefined;
    throw failure;
  }
}

/** Entries of a directory, sorted by name. Throws when it is missing. */
export async function listDirectory(path: string): Promise<DirectoryEntry[]> {
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .map((entry) => ({ name: entry.name, kind: kindOf(entry) }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** Makes a directory and those above it; content when it exists. */
export async function makeDirectory(path: string): Promise<void> {
  await mkdir(path, { recursive: true });
}

/** Makes an empty folder that only this user may enter, in memory where the system has such a place; answers its path. */
export function makeTemporaryDirectory(prefix: string): string {
  const memory = "/dev/shm";
  if (existsSync(memory)) {
    try {
      return mkdtempSync(join(memory, prefix));
    } catch (failure) {
      // a sandbox may show the place and allow nothing there
      if (codeOf(failure) === undefined) throw failure;
    }
  }
  return mkdtempSync(join(tmpdir(), prefix));
}

/** Removes a folder with everything in it; content when it is missing. */
export async function removeDirectory(path: string): Promise<void> {
  await rm(path, { recursive: true, force: true });
}

/** Removes a file; content when it is missing. */
export async function removeFile(path: string): Promise<void> {
  await rm(path, { force: true });
}

/**
 * Calls `changed` after a file changed, appeared, vanished or was replaced, once for all changes within `settleMs`.
 * Watches the directory, because editors and {@link writeFileAtomic} replace the file. The answer stops it.
 */
export function watchFile(
  path: string,
  changed: () => void,
  failed: (why: Error) => void,
  settleMs = 100,
): () => void {
  const name = basename(path);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const stop = watchFolder(dirname(path), (entry) => {
    if (entry !== undefined && entry !== name) return;
    clearTimeout(timer);
    timer = setTimeout(changed, settleMs);
  }, failed);
  return () => {
    clearTimeout(timer);
    stop();
  };
}
