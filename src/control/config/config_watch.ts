import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { folderOf } from "../../config/paths.ts";
import type { ReadRecord } from "./read_record.ts";

/** What watching needs of the file system. */
export interface WatchPorts {
  readonly clock: Clock;
  readonly log: Log;
  /** Tells one state of a file from another; empty where there is none. */
  stamp(path: string): Promise<string>;
  /** Names in a folder; undefined where there is none. */
  list(path: string): Promise<readonly string[] | undefined>;
  /** Calls `changed` when something in a folder changed; the answer stops that. Throws where it cannot. */
  watchFolder(path: string, changed: () => void, failed: (why: Error) => void): () => void;
}

/** Files must keep still this long: half a sync is no configuration. */
export const SETTLE_MILLIS = 150;
/** How often it looks without being told, for file systems that tell nothing and for folders that come back. */
export const POLL_MILLIS = 3000;

/** Calls `changed` when the files of the configuration changed, appeared or vanished, and are still again. */
export class ConfigWatch {
  readonly #ports: WatchPorts;
  readonly #watched: () => ReadRecord;
  readonly #changed: () => Promise<unknown>;
  readonly #watchers = new Map<string, () => void>();
  #seen: string | undefined;
  #looking = false;
  #lookAgain = false;
  #stopped = false;
  #cancelPoll = () => {};

  constructor(ports: WatchPorts, watched: () => ReadRecord, changed: () => Promise<unknown>) {
    this.#ports = ports;
    this.#watched = watched;
    this.#changed = changed;
  }

  /** What is there now counts as known. */
  async start(): Promise<void> {
    this.#seen = await this.#signature();
    this.#follow();
    this.#poll();
  }

  stop(): void {
    this.#stopped = true;
    this.#cancelPoll();
    this.#unfollow();
  }

  #unfollow(): void {
    for (const stop of this.#watchers.values()) stop();
    this.#watchers.clear();
  }

  #poll(): void {
    this.#cancelPoll = this.#ports.clock.after(POLL_MILLIS, () => {
      this.#follow();
      this.#look();
      this.#poll();
    });
  }

  #look(): void {
    if (this.#stopped) return;
    this.#lookAgain = true;
    if (this.#looking) return;
    this.#looking = true;
    this.#lookUntilStill().catch((failure: unknown) => {
      this.#ports.log.warn(`Cannot look at the configuration: ${String(failure)}`);
    }).finally(() => this.#looking = false);
  }

  async #lookUntilStill(): Promise<void> {
    while (this.#lookAgain && !this.#stopped) {
      this.#lookAgain = false;
      let now = await this.#signature();
      if (now === this.#seen) continue;
      for (let before = ""; now !== before && !this.#stopped;) {
        before = now;
        await new Promise<void>((resolve) => void this.#ports.clock.after(SETTLE_MILLIS, resolve));
        now = await this.#signature();
      }
      if (this.#stopped) return;
      this.#seen = now;
      await this.#changed();
      // a folder that vanished and came back has a new life: watch that one
      this.#unfollow();
      this.#follow();
    }
  }

  async #signature(): Promise<string> {
    const { files, folders } = this.#watched();
    const parts: string[] = [];
    for (const path of [...folders].sort()) {
      const names = await this.#ports.list(path);
      if (names !== undefined) {
        parts.push(
          `${path}/`,
          ...names.filter((name) => !name.startsWith(".")).sort(),
        );
      }
    }
    for (const path of [...files].sort()) parts.push(path, await this.#ports.stamp(path));
    return parts.join("\n");
  }

  /** Watches the folders of everything that was read; one that is not there is tried again with each poll. */
  #follow(): void {
    if (this.#stopped) return;
    const { files, folders } = this.#watched();
    const wanted = new Set([...folders, ...[...files].map(folderOf), ...[...folders].map(folderOf)]);
    for (const [folder, stop] of this.#watchers) {
      if (wanted.has(folder)) continue;
      stop();
      this.#watchers.delete(folder);
    }
    for (const folder of wanted) if (!this.#watchers.has(folder)) this.#watch(folder);
  }

  #watch(folder: string): void {
    const drop = () => {
      this.#watchers.get(folder)?.();
      this.#watchers.delete(folder);
    };
    try {
      const stop = this.#ports.watchFolder(folder, () => this.#look(), (why) => {
        this.#ports.log.debug(`Cannot watch ${folder} any more: ${why.message}`);
        drop();
      });
      this.#watchers.set(folder, stop);
    } catch (failure) {
      // a folder that may come later is the usual case, and is looked at now and then
      const what = String(failure);
      if (!what.includes("ENOENT")) this.#ports.log.debug(`Cannot watch ${folder}: ${what}`);
    }
  }
}
