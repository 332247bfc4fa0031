import { Buffer } from "node:buffer";
import { appendFile, mkdir, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";

/** Bytes that may wait for a slow disk; lines beyond them are dropped and counted. */
const QUEUE_MAX = 1024 * 1024;
/** Lines are gathered this long before they are written, milliseconds. */
const GATHER_MILLIS = 100;
/** After a failure, how long until it is tried again. */
const RETRY_MILLIS = 5000;

export interface LineFileOptions {
  readonly path: string;
  /** Size at which the file is full: it becomes `path.1`, that becomes `path.2`, and so on. */
  readonly maxBytes: number;
  /** Full files kept; 0: a full file is removed. */
  readonly keep: number;
  /** Mode of new files; they may hold addresses of viewers. */
  readonly mode?: number;
}

/** A file that lines are appended to, replaced by a new one when it is full. Others may move it away meanwhile. */
export interface LineFile {
  /** Takes text of whole lines, line breaks included; never waits. */
  write(text: string): void;
  /** Lines that could not be kept, because the disk was too slow, full or not to be written. */
  readonly dropped: number;
  /** Writes what waits. */
  close(): Promise<void>;
}

/** Opens a file at its first line; its folder is made then. `failed` hears of the first failure after a success. */
export function openLineFile(options: LineFileOptions, failed: (why: string) => void): LineFile {
  return new QueuedLineFile(options, failed);
}

class QueuedLineFile implements LineFile {
  readonly #o: LineFileOptions;
  readonly #failed: (why: string) => void;
  #queue: string[] = [];
  #queued = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #broken = false;
  #closed = false;
  dropped = 0;

  constructor(options: LineFileOptions, failed: (why: string) => void) {
    this.#o = options;
    this.#failed = failed;
  }

  write(text: string): void {
    if (this.#closed || this.#queued + text.length > QUEUE_MAX) {
      this.dropped++;
      return;
    }
    this.#queue.push(text);
    this.#queued += text.length;
    this.#schedule(GATHER_MILLIS);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#writing = this.#writing.then(() => this.#flush());
    await this.#writing;
  }

  #schedule(millis: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => {
      this.#writing = this.#writing.then(() => this.#flush());
    }, this.#broken ? RETRY_MILLIS : millis);
  }

  async #flush(): Promise<void> {
    const lines = this.#queue;
    this.#queue = [];
    this.#queued = 0;
    this.#timer = undefined;
    try {
      await this.#append(lines);
      this.#broken = false;
    } catch (failure) {
      this.dropped += lines.length;
      const why = failure instanceof Error ? failure.message : String(failure);
      if (!this.#broken) this.#failed(`cannot write ${this.#o.path}: ${why}`);
      this.#broken = true;
    }
  }

  /** Appends line after line, beginning a new file where one is full. */
  async #append(lines: readonly string[]): Promise<void> {
    const { path, maxBytes, mode = 0o640 } = this.#o;
    if (lines.length === 0) return;
    let size = await sizeOf(path);
    if (size === undefined) await mkdir(dirname(path), { recursive: true });
    size ??= 0;
    let text = "";
    let bytes = 0;
    for (const line of lines) {
      const length = Buffer.byteLength(line);
      if (size + bytes > 0 && size + bytes + length > maxBytes) {
        if (text !== "") await appendFile(path, text, { mode });
        await this.#rotate();
        size = bytes = 0;
        text = "";
      }
      text += line;
      bytes += length;
    }
    if (text !== "") await appendFile(path, text, { mode });
  }

  async #rotate(): Promise<void> {
    const { path, keep } = this.#o;
    if (keep === 0) return await rm(path, { force: true });
    for (let n = keep - 1; n >= 0; n--) {
      const from = n === 0 ? path : `${path}.${n}`;
      if (await sizeOf(from) !== undefined) await rename(from, `${path}.${n + 1}`);
    }
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).size;
  } catch (failure) {
    if (failure instanceof Error && "code" in failure && failure.code === "ENOENT") return undefined;
    throw failure;
  }
}
