import { sameBytes } from "../base/bytes.ts";
import type { StreamMicros, WallMillis } from "../base/units.ts";
import type { FrameInfo } from "../media/frame.ts";
import type { Track } from "../media/track.ts";
import type { Splice } from "./splice.ts";
import type { StreamSession, StreamWriter } from "./stream_writer.ts";
import type { TrackWriter } from "./track_writer.ts";

/** Most that is kept; beyond it the oldest go. */
export const HELD_MAX = 64 * 1024 * 1024;

interface HeldTrack {
  track: Track;
  writer: TrackWriter | undefined;
}

interface HeldItem {
  readonly of: HeldTrack;
  /** Undefined: from here on the track is as `info` says. */
  readonly data: Uint8Array | undefined;
  readonly info: FrameInfo | undefined;
  readonly track: Track | undefined;
}

interface Attachment {
  readonly writer: StreamWriter;
  readonly splice: Splice | undefined;
  readonly done: (spliced: boolean) => void;
}

/**
 * A session whose pages another process still writes: keeps what the source sends until they come, and then goes on
 * with the frame before which that process stopped. A `FrameSink` by shape.
 */
export class HeldSession {
  readonly #tracks: HeldTrack[] = [];
  readonly #ready: () => void;
  #items: HeldItem[] = [];
  #bytes = 0;
  #wall: { at: StreamMicros; wall: WallMillis } | undefined;
  #attachment: Attachment | undefined;
  #attaching = false;
  #session: StreamSession | undefined;

  /** `ready` is called once, when a key frame has come. */
  constructor(ready: () => void) {
    let said = false;
    this.#ready = () => {
      if (!said) ready();
      said = true;
    };
  }

  async addTrack(track: Track): Promise<{
    update(track: Track): void;
    write(info: FrameInfo, data: Uint8Array): void;
  }> {
    if (this.#session !== undefined) return this.#session.addTrack(track);
    const of: HeldTrack = { track, writer: undefined };
    this.#tracks.push(of);
    await Promise.resolve();
    return {
      update: (changed) => {
        if (of.writer !== undefined) of.writer.update(changed);
        else this.#items.push({ of, data: undefined, info: undefined, track: changed });
      },
      write: (info, data) => {
        if (of.writer !== undefined) of.writer.write(info, data);
        else this.#keep(of, info, data);
      },
    };
  }

  wallClock(at: StreamMicros, wall: WallMillis): void {
    if (this.#session !== undefined) this.#session.wallClock(at, wall);
    else this.#wall = { at, wall };
  }

  /**
   * The pages have come. Calls `done` when their writer goes on: with true where the next frame was found, so without a
   * break. Looks for it until it comes or {@link giveUp}.
   */
  attach(writer: StreamWriter, splice: Splice | undefined, done: (spliced: boolean) => void): void {
    this.#attachment = { writer, splice, done };
    if (splice === undefined) this.giveUp();
    else this.#match();
  }

  /** Goes on with the newest key frame that is there, after a break. */
  giveUp(): void {
    const attachment = this.#attachment;
    if (attachment === undefined || this.#attaching) return;
    const leads = this.#leads();
    const from = this.#items.findLastIndex((item) => item.of === leads && item.info?.key === true);
    void this.#goOn(attachment, from, undefined);
  }

  #keep(of: HeldTrack, info: FrameInfo, data: Uint8Array): void {
    this.#items.push({ of, info: { ...info }, data: data.slice(), track: undefined });
    this.#bytes += data.length;
    while (this.#bytes > HELD_MAX) this.#drop();
    if (!info.key || of !== this.#leads()) return;
    this.#ready();
    this.#match();
  }

  #drop(): void {
    const gone = this.#items.shift();
    if (gone?.track !== undefined) gone.of.track = gone.track;
    this.#bytes -= gone?.data?.length ?? 0;
  }

  #leads(): HeldTrack | undefined {
    return this.#tracks.find((t) => t.track.kind === "video") ??
      this.#tracks.find((t) => t.track.kind === "audio");
  }

  #match(): void {
    const attachment = this.#attachment;
    const splice = attachment?.splice;
    if (attachment === undefined || splice === undefined || this.#attaching) return;
    const leads = this.#leads();
    const found = this.#items.findLastIndex((item) =>
      item.of === leads && item.data !== undefined && sameBytes(item.data, splice.frame)
    );
    const item = this.#items[found];
    if (item?.info === undefined) return;
    const micros = (item.info.dts / item.of.track.timescale) * 1e6;
    void this.#goOn(attachment, found, splice.startMicros - micros);
  }

  /** Writes what was kept from item `from` on, and takes the rest straight to the writer. */
  async #goOn(attachment: Attachment, from: number, base: number | undefined): Promise<void> {
    this.#attaching = true;
    const first = this.#items[from];
    const session = attachment.writer.begin(base);
    if (this.#wall !== undefined) session.wallClock(this.#wall.at, this.#wall.wall);
    const writers = new Map<HeldTrack, TrackWriter>();
    for (const held of this.#tracks) writers.set(held, await session.addTrack(held.track));
    // From here on nothing waits: what comes next finds the writers.
    this.#session = session;
    for (const [held, writer] of writers) held.writer = writer;
    const leads = this.#leads();
    // The others may have come earlier than the frame with which they belong.
    const start = this.#items.indexOf(first as HeldItem);
    if (first?.info !== undefined && first.data !== undefined) {
      for (const item of this.#items.slice(0, start)) {
        if (item.track) writers.get(item.of)?.update(item.track);
      }
      writers.get(first.of)?.write(first.info, first.data);
    }
    this.#items.forEach((item, n) => {
      const writer = writers.get(item.of);
      if (item.track !== undefined && n > start) writer?.update(item.track);
      if (item.info === undefined || item.data === undefined) return;
      if (n > start || (n < start && item.of !== leads && base !== undefined)) {
        writer?.write(item.info, item.data);
      }
    });
    this.#items = [];
    this.#bytes = 0;
    this.#attachment = undefined;
    attachment.done(base !== undefined);
  }
}
