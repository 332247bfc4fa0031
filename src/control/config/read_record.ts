import type { ConfigFiles } from "../../config/files.ts";

/** Paths that a configuration was read from, those that were not there included: whose change may change it. */
export interface ReadRecord {
  readonly files: ReadonlySet<string>;
  readonly folders: ReadonlySet<string>;
}

/** Reads through `files`, and notes what was asked for. */
export class RecordingFiles implements ConfigFiles, ReadRecord {
  readonly files = new Set<string>();
  readonly folders = new Set<string>();
  readonly #from: ConfigFiles;

  constructor(from: ConfigFiles) {
    this.#from = from;
  }

  read(path: string, maxBytes: number): Promise<string> {
    this.files.add(path);
    return this.#from.read(path, maxBytes);
  }

  list(path: string): Promise<readonly string[] | undefined> {
    this.folders.add(path);
    return this.#from.list(path);
  }
}

/** Files as they would be after some were written; writing goes nowhere. */
export class PlannedFiles implements ConfigFiles {
  readonly #under: ConfigFiles;
  readonly #texts: ReadonlyMap<string, string>;

  constructor(under: ConfigFiles, texts: ReadonlyMap<string, string>) {
    this.#under = under;
    this.#texts = texts;
  }

  read(path: string, maxBytes: number): Promise<string> {
    const text = this.#texts.get(path);
    return text === undefined ? this.#under.read(path, maxBytes) : Promise.resolve(text);
  }

  async list(path: string): Promise<readonly string[] | undefined> {
    const names = await this.#under.list(path);
    if (names === undefined) return undefined;
    const prefix = `${path.endsWith("/") ? path.slice(0, -1) : path}/`;
    const more = [...this.#texts.keys()].filter((p) => p.startsWith(prefix)).map((p) =>
      p.slice(prefix.length)
    );
    return [...new Set([...names, ...more.filter((name) => !name.includes("/"))])];
  }
}
