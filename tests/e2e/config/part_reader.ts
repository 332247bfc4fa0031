import { segmentAhead } from "../../peers/fogcast_streams.ts";

/**
 * Reads the video of a stream as LL-HLS players do, part by part with blocking requests, and fails at the first part
 * that is missing, late for its playlist, empty or behind a discontinuity.
 */
export class PartReader {
  readonly #folder: string;
  #msn: number;
  #part = 0;
  #running = true;
  #done: Promise<void> = Promise.resolve();
  #failure: unknown;
  /** Parts read so far. */
  parts = 0;

  private constructor(folder: string, msn: number) {
    this.#folder = folder;
    this.#msn = msn;
  }

  /** `origin`: such as `http://127.0.0.1:8080`. Begins with the segment that comes next. */
  static async start(origin: string, stream: string): Promise<PartReader> {
    const main = await fetch(`${origin}/hls/${stream}/index.m3u8`);
    if (main.status !== 200) throw new Error(`${stream}: ${main.status} ${await main.text()}`);
    await main.text();
    const folder = `${origin}/hls/${stream}/0/`;
    const text = await (await fetch(`${folder}index.m3u8`)).text();
    const reader = new PartReader(folder, segmentAhead(text));
    reader.#done = reader.#run().catch((failure: unknown) => void (reader.#failure = failure));
    return reader;
  }

  /** What went wrong so far. */
  get failure(): unknown {
    return this.#failure;
  }

  /** Waits for `count` parts more, for at most `ms`. */
  async more(count: number, ms = 20_000): Promise<void> {
    const wanted = this.parts + count;
    for (const end = performance.now() + ms; this.parts < wanted; await Bun.sleep(20)) {
      if (this.#failure !== undefined) throw this.#failure;
      if (performance.now() > end) throw new Error(`${this.parts} of ${wanted} parts within ${ms} ms`);
    }
  }

  /** Ends after the part that is being read; throws what went wrong. */
  async stop(): Promise<void> {
    this.#running = false;
    await this.#done;
    if (this.#failure !== undefined) throw this.#failure;
  }

  async #run(): Promise<void> {
    while (this.#running) {
      const at = `${this.#msn}.${this.#part}`;
      const list = await fetch(`${this.#folder}index.m3u8?_HLS_msn=${this.#msn}&_HLS_part=${this.#part}`);
      const text = await list.text();
      if (list.status !== 200) throw new Error(`playlist for part ${at}: ${list.status} ${text}`);
      if (text.includes("#EXT-X-DISCONTINUITY\n")) throw new Error(`discontinuity at part ${at}\n${text}`);
      if (this.#part > 0 && !text.includes(`"${at}.m4s"`)) {
        // the segment ended before this part: the next one must have begun, and this one be whole
        if (!text.includes(`\n${this.#msn}.m4s\n`)) throw new Error(`part ${at} is missing in\n${text}`);
        this.#msn++;
        this.#part = 0;
        continue;
      }
      const part = await fetch(`${this.#folder}${at}.m4s`);
      const bytes = await part.arrayBuffer();
      if (part.status !== 200 || bytes.byteLength < 100) {
        throw new Error(`part ${at}: ${part.status}, ${bytes.byteLength} bytes`);
      }
      this.parts++;
      this.#part++;
    }
  }
}
