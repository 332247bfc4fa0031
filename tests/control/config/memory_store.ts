import type { Log } from "../../../src/base/log.ts";
import type { ConfigStore } from "../../../src/config/files.ts";
import type { LoadRequest } from "../../../src/config/load.ts";
import { FileConfigKeeper } from "../../../src/control/config/file_config_keeper.ts";
import { FILE, memoryFiles, RTSP } from "../../config/memory_files.ts";

/** A disk in memory. Tests change `files`, forbid writing, and let it fail. */
export class MemoryStore implements ConfigStore {
  readonly files: Record<string, string>;
  /** Paths of files and folders that are read-only. */
  readonly readOnly = new Set<string>();
  /** Every write, in order. */
  readonly writes: string[] = [];
  /** Called before a write lands: somebody else may write first, or the disk be full. */
  beforeWrite: (path: string) => void = () => {};

  constructor(files: Readonly<Record<string, string>>) {
    this.files = { ...files };
  }

  read(path: string, maxBytes: number): Promise<string> {
    return memoryFiles(this.files).read(path, maxBytes);
  }

  list(path: string): Promise<readonly string[] | undefined> {
    return memoryFiles(this.files).list(path);
  }

  whyReadOnly(path: string): Promise<string | undefined> {
    const folder = path.slice(0, path.lastIndexOf("/"));
    const blocked = [path, folder].find((p) => this.readOnly.has(p));
    return Promise.resolve(blocked === undefined ? undefined : `${blocked} is read-only (mode 0444)`);
  }

  replace(path: string, before: string | undefined, after: string): Promise<boolean> {
    try {
      this.beforeWrite(path);
    } catch (failure) {
      return Promise.reject(failure);
    }
    if (this.files[path] !== before) return Promise.resolve(false);
    this.files[path] = after;
    this.writes.push(path);
    return Promise.resolve(true);
  }

  remove(path: string): Promise<void> {
    delete this.files[path];
    return Promise.resolve();
  }
}

/** A log that keeps its lines as `level: message`. */
export function keptLog(): Log & { readonly lines: string[] } {
  const lines: string[] = [];
  const say = (level: string) => (message: string) => void lines.push(`${level}: ${message}`);
  return {
    lines,
    debug: say("debug"),
    info: say("info"),
    warn: say("warn"),
    error: say("error"),
    debugging: true,
  };
}

/** A keeper of `files`, its store and its log. */
export async function keeperOf(
  files: Readonly<Record<string, string>>,
  path: string | undefined,
  more: Partial<LoadRequest> = {},
) {
  const store = new MemoryStore(files);
  const log = keptLog();
  const request = { path, sources: [RTSP, FILE], environment: {}, ...more };
  const { keeper, loaded } = await FileConfigKeeper.open({ store, request, log });
  if (keeper === undefined) throw new Error(loaded.errors.map((e) => e.message).join("\n"));
  return { keeper, store, log };
}
