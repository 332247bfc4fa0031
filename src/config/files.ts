/** What loading needs of the file system. `host/` gives the real one; tests pass their own. */
export interface ConfigFiles {
  /** Whole text of a file of at most `maxBytes` bytes, as UTF-8. Rejects with the reason, a longer file too. */
  read(path: string, maxBytes: number): Promise<string>;
  /** Names in a folder, in any order; undefined when there is no folder of that name. */
  list(path: string): Promise<readonly string[] | undefined>;
}

/** What saving needs beyond that. */
export interface ConfigStore extends ConfigFiles {
  /**
   * Why `path`, there or not yet, must not be written; undefined where it may be. A file whose mode lets nobody write
   * counts as read-only for root too: whoever synced it so did not mean it to be changed here.
   */
  whyReadOnly(path: string): Promise<string | undefined>;
  /**
   * Replaces the file's text by `after`, whole or not at all, provided that it still is `before` (undefined: that it
   * is not there). Answers false, with nothing written, when it is not; rejects with the reason when writing fails.
   */
  replace(path: string, before: string | undefined, after: string): Promise<boolean>;
  /** Removes a file that was just made. */
  remove(path: string): Promise<void>;
}
