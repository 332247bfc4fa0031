/** What loading needs of the file system. `host/` gives the real one; tests pass their own. */
export interface ConfigFiles {
  /** Whole text of a file of at most `maxBytes` bytes, as UTF-8. Rejects with the reason, a longer file too. */
  read(path: string, maxBytes: number): Promise<string>;
  /** Names in a folder, in any order; undefined when there is no folder of that name. */
  list(path: string): Promise<readonly string[] | undefined>;
}
