/**
 * Ticks of 90 kHz by which a fragment may miss the end of the one before it: a sender report moves a camera's clock a
 * little. A frame that is missing leaves a hole twice as long.
 */
const SLEW = 1800;

/** How often a request that is held is looked after, milliseconds, and how often before that is too long. */
const LOOK_MILLIS = 2000;
const LOOKS = 5;

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
  /** The answer to a hint whose turn has not come. */
  #early: { readonly file: string; readonly answer: Response } | undefined;
  /** Parts read so far. */
  parts = 0;
  /** What was wrong: answers other than 200, parts that do not join on, discontinuities, requests held too long. */
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

  /** The next part: one that is listed already, where the machine kept us from asking in time, else the hinted one. */
  async #part(): Promise<void> {
    const next = this.#listed() ?? this.#unlisted();
    if (next === undefined) return await this.#ahead();
    const answer = await this.#get(next.file);
    if (answer.status !== 404) return await this.#took(next, answer);
    const why = await answer.text();
    // only what is listed is sure to be there: the segment that is listed no more may have ended before this part
    if (this.#playlist.includes(`"${next.file}"`) || !why.startsWith("The segment ended")) {
      throw new Error(`${next.file}: 404 ${why}, listed are ${this.#listing()}`);
    }
    this.#last = { file: next.file, msn: next.msn + 1, part: -1 };
  }

  /**
   * Waits for the hinted part and for the playlist that has it. A hint is a guess, RFC 8216bis, 6.2.2: there may be
   * others before this part, where the segment goes on, or it never comes, where the segment has ended. The playlist
   * tells.
   */
  async #ahead(): Promise<void> {
    const hint = /#EXT-X-PRELOAD-HINT:TYPE=PART,URI="((\d+)\.(\d+)\.m4s)"/.exec(this.#playlist);
    if (hint === null) throw new Error(`no preload hint in\n${this.#playlist}`);
    const [, file = "", msn, part] = hint;
    const answer = await this.#held(file, fetch(this.#folder + file));
    if (answer.status === 200) this.#early = { file, answer };
    else await answer.bytes();
    if (answer.status !== 200 && answer.status !== 404) throw new Error(`${file}: ${answer.status}`);
    const playlist = await fetch(`${this.#folder}index.m3u8?_HLS_msn=${msn}&_HLS_part=${part}`);
    this.#playlist = await playlist.text();
    if (playlist.status !== 200) throw new Error(`playlist: ${playlist.status} ${this.#playlist}`);
    if (this.#playlist.includes("#EXT-X-DISCONTINUITY\n")) this.faults.push("discontinuity");
    // who begins, begins with what was hinted at
    if (this.#last === undefined) this.#last = { file, msn: Number(msn), part: Number(part) - 1 };
  }

  /** A part's answer: that to the hint where it was this one. */
  async #get(file: string): Promise<Response> {
    const early = this.#early;
    if (early?.file !== file) return await fetch(this.#folder + file);
    this.#early = undefined;
    return early.answer;
  }

  /** Looks on while a request is held: it may last as long as the part does not come, and no longer. */
  async #held(file: string, asked: Promise<Response>): Promise<Response> {
    let waiting = true;
    const answered = asked.then(() => {}, () => {}).then(() => void (waiting = false));
    for (let looks = 1, seen = 0; waiting; looks++) {
      await Promise.race([answered, Bun.sleep(LOOK_MILLIS)]);
      if (!waiting) break;
      const now = await (await fetch(`${this.#folder}index.m3u8`)).text();
      if (now.includes(`URI="${file}"`) && !now.includes(`HINT:TYPE=PART,URI="${file}"`)) seen++;
      if (waiting && seen === 2) this.faults.push(`${file} was held although it was there`);
      if (waiting && looks === LOOKS) this.faults.push(`${file} did not come in ${LOOKS * LOOK_MILLIS} ms`);
    }
    return await asked;
  }

  /** The parts that are listed and the hint, for failures. */
  #listing(): string {
    const files = this.#parts().map(({ file }) => file);
    return `${files[0]} to ${files.at(-1)}, ${/PRELOAD-HINT:.*/.exec(this.#playlist)?.[0]}`;
  }

  /** Parts of the playlist, in order. */
  #parts(): Part[] {
    return [...this.#playlist.matchAll(/#EXT-X-PART:.*URI="((\d+)\.(\d+)\.m4s)"/g)].map(
      ([, file = "", msn, part]) => ({ file, msn: Number(msn), part: Number(part) }),
    );
  }

  /** The first part of the playlist behind the last one that was read, where it also lists that one's segment. */
  #listed(): Part | undefined {
    const last = this.#last;
    if (last === undefined) return undefined;
    const parts = this.#parts();
    if (!parts.some(({ msn }) => msn <= last.msn)) return undefined;
    return parts.find((p) => p.msn > last.msn || (p.msn === last.msn && p.part > last.part));
  }

  /**
   * The part that comes next where the playlist lists newer segments only, because we are late by several: parts are
   * there for longer than they are listed.
   */
  #unlisted(): Part | undefined {
    const last = this.#last;
    const first = this.#parts()[0];
    if (last === undefined || first === undefined || first.msn <= last.msn) return undefined;
    return { file: `${last.msn}.${last.part + 1}.m4s`, msn: last.msn, part: last.part + 1 };
  }

  async #took(part: Part, answer: Response): Promise<void> {
    if (answer.status !== 200) throw new Error(`${part.file}: ${answer.status} ${await answer.text()}`);
    this.#take(part.file, await answer.bytes());
    this.#last = part;
    this.parts++;
  }

  #take(file: string, bytes: Uint8Array): void {
    const { begin, length } = timesOf(bytes);
    if (this.#next !== undefined && Math.abs(begin - this.#next) > SLEW) {
      const after = `the one before, ${this.#last?.file}, ended at ${this.#next}`;
      this.faults.push(`${file} begins at ${begin}, ${after}; listed are ${this.#listing()}`);
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
