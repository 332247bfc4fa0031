/**
 * Ticks of 90 kHz by which a fragment may miss the end of the one before it: a sender report moves a camera's clock a
 * little. A frame that is missing leaves a hole twice as long.
 */
const SLEW = 1800;

interface Part {
  readonly file: string;
  readonly msn: number;
  readonly part: number;
}

/**
 * A viewer that takes every part of a video rendition, as LL-HLS players do, and looks whether one is missing: each
 * fragment has to begin at the decode time at which the one before it ended.
 */
export class PartReader {
  readonly #folder: string;
  #playlist = "";
  #running = true;
  #done: Promise<void> = Promise.resolve();
  #next: number | undefined;
  #last: Part | undefined;
  /** Parts read so far. */
  parts = 0;
  /** What was wrong: answers other than 200, parts that do not join on, discontinuities, waits of over 3 s. */
  readonly faults: string[] = [];

  private constructor(folder: string) {
    this.#folder = folder;
  }

  /** `url`: a media playlist. Resolves when it has media. */
  static async open(url: string): Promise<PartReader> {
    const reader = new PartReader(url.slice(0, url.lastIndexOf("/") + 1));
    const answer = await fetch(url);
    reader.#playlist = await answer.text();
    if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${reader.#playlist}`);
    reader.#done = reader.#run();
    return reader;
  }

  /** Ends after the part being waited for. */
  async close(): Promise<void> {
    this.#running = false;
    await this.#done;
  }

  async #run(): Promise<void> {
    while (this.#running && this.faults.length < 10) {
      try {
        await this.#part();
      } catch (e) {
        this.faults.push(String(e));
      }
    }
  }

  /**
   * The next part: one that is listed already, where the machine kept us from asking in time, else the hinted one. Parts
   * that are listed no longer are there still: they are asked for by the names that must be theirs.
   */
  async #part(): Promise<void> {
    const listed = this.#listed();
    if (listed !== undefined) {
      const last = this.#last;
      if (last !== undefined && listed.msn > last.msn) {
        const next = { file: `${last.msn}.${last.part + 1}.m4s`, msn: last.msn, part: last.part + 1 };
        const answer = await fetch(this.#folder + next.file);
        // the segment had no further one
        if (answer.status !== 404) return this.#took(next, answer);
      }
      return this.#took(listed, await fetch(this.#folder + listed.file));
    }
    const hint = /#EXT-X-PRELOAD-HINT:TYPE=PART,URI="((\d+)\.(\d+)\.m4s)"/.exec(this.#playlist);
    if (hint === null) throw new Error(`no preload hint in\n${this.#playlist}`);
    const [, file = "", msn, part] = hint;
    const before = performance.now();
    const answer = await fetch(this.#folder + file);
    // the segment ended before this part: the playlist hints at the first of the next
    if (answer.status !== 404) await this.#took({ file, msn: Number(msn), part: Number(part) }, answer);
    const playlist = await fetch(`${this.#folder}index.m3u8?_HLS_msn=${msn}&_HLS_part=${part}`);
    this.#playlist = await playlist.text();
    if (playlist.status !== 200) throw new Error(`playlist: ${playlist.status} ${this.#playlist}`);
    if (performance.now() - before > 3000) this.faults.push(`${file} took ${performance.now() - before} ms`);
    if (this.#playlist.includes("#EXT-X-DISCONTINUITY\n")) this.faults.push("discontinuity");
  }

  /** The first part of the playlist behind the last one that was read. */
  #listed(): Part | undefined {
    const last = this.#last;
    if (last === undefined) return undefined;
    for (
      const [, file = "", msn, part] of this.#playlist.matchAll(/#EXT-X-PART:.*URI="((\d+)\.(\d+)\.m4s)"/g)
    ) {
      const next = { file, msn: Number(msn), part: Number(part) };
      if (next.msn > last.msn || (next.msn === last.msn && next.part > last.part)) return next;
    }
    return undefined;
  }

  async #took(part: Part, answer: Response): Promise<void> {
    if (answer.status !== 200) throw new Error(`${part.file}: ${answer.status}`);
    this.#take(part.file, await answer.bytes());
    this.#last = part;
    this.parts++;
  }

  #take(file: string, bytes: Uint8Array): void {
    const { begin, length } = timesOf(bytes);
    if (this.#next !== undefined && Math.abs(begin - this.#next) > SLEW) {
      this.faults.push(`${file} begins at ${begin}, the one before ended at ${this.#next}`);
    }
    this.#next = begin + length;
  }
}

/** Decode time and length of a fragment, ticks: `tfdt` of version 1 and the durations in `trun` or `tfhd` (ISO 14496-12, 8.8). */
function timesOf(bytes: Uint8Array): { begin: number; length: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const traf = inside(view, inside(view, { at: 0, end: bytes.length }, "moof"), "traf");
  const tfdt = inside(view, traf, "tfdt");
  const begin = Number(view.getBigUint64(tfdt.at + 4));
  const trun = inside(view, traf, "trun");
  const flags = view.getUint32(trun.at) & 0xffffff;
  const count = view.getUint32(trun.at + 4);
  if ((flags & 0x100) === 0) {
    return { begin, length: count * defaultDuration(view, inside(view, traf, "tfhd").at) };
  }
  const size = 4 * [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length;
  let at = trun.at + 8 + 4 * [0x1, 0x4].filter((flag) => flags & flag).length;
  let length = 0;
  for (let n = 0; n < count; n++, at += size) length += view.getUint32(at);
  return { begin, length };
}

/** Duration of every sample, from `tfhd`. */
function defaultDuration(view: DataView, tfhd: number): number {
  const flags = view.getUint32(tfhd) & 0xffffff;
  if ((flags & 0x8) === 0) throw new Error("no duration in tfhd nor trun");
  return view.getUint32(tfhd + 8 + (flags & 0x1 ? 8 : 0) + (flags & 0x2 ? 4 : 0));
}

/** Body of a box inside a span. */
function inside(view: DataView, span: { at: number; end: number }, name: string) {
  for (let at = span.at; at + 8 <= span.end;) {
    const size = view.getUint32(at);
    const type = String.fromCharCode(...[4, 5, 6, 7].map((n) => view.getUint8(at + n)));
    if (type === name) return { at: at + 8, end: at + size };
    at += Math.max(8, size);
  }
  throw new Error(`no ${name} in the fragment`);
}
