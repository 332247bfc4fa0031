import type { StreamMicros, WallMillis } from "../base/units.ts";
import type { TrackKind } from "../media/codec.ts";
import type { Track } from "../media/track.ts";
import * as at from "./layout.ts";
import { seal } from "./seal.ts";
import { Session } from "./session.ts";
import { Finish, type Splice } from "./splice.ts";
import { type SegmentSettings, StreamPageWriter, type WriterClock } from "./stream_page_writer.ts";
import { TrackPageWriter } from "./track_page_writer.ts";
import { TrackWriter } from "./track_writer.ts";

export type { SegmentSettings } from "./stream_page_writer.ts";

export interface StreamWriterOptions extends WriterClock {
  readonly page: SharedArrayBuffer;
  /** Track pages of the stream so far. */
  readonly tracks: readonly SharedArrayBuffer[];
  readonly settings: SegmentSettings;
  /** Asks for a page for a track that no page is there for. */
  allocate(trackId: number, kind: TrackKind): Promise<SharedArrayBuffer>;
}

/**
 * The one writer of a stream. Over pages that were written before it goes on: segment numbers, sequences and times
 * continue, and what an earlier writer left open is closed.
 */
export class StreamWriter {
  readonly #options: StreamWriterOptions;
  readonly #page: StreamPageWriter;
  readonly #pages: TrackPageWriter[];
  #session: Session | undefined;
  #finished: (() => void) | undefined;

  constructor(options: StreamWriterOptions) {
    this.#options = options;
    const { segmentMillis, windowMillis } = options.settings;
    this.#page = new StreamPageWriter(options.page, (windowMillis * 2 + segmentMillis * 4) * 1000);
    // A page without a number was asked for by a writer that ended before it had it, and means nothing to readers.
    this.#pages = options.tracks.map((page) => new TrackPageWriter(page)).filter((page) =>
      page.words[at.W_ID] !== -1
    );
    this.#page.raise(at.W_TARGET_DURATION, segmentMillis * 1000);
    this.end();
  }

  /**
   * Begins a session: one connection to the source. The one before is over, and its sinks take nothing more. `base`:
   * microseconds to add to session times, where the first frame follows what is there without a break.
   */
  begin(base?: number): StreamSession {
    this.end();
    const page = this.#page;
    page.store(at.W_STREAM_SESSION, (page.words[at.W_STREAM_SESSION] as number) + 1);
    const session = new Session(page, this.#pages, this.#options.settings, this.#options, base);
    this.#session = session;
    page.store(at.W_LIVE, 1);
    page.ringParts();
    return new StreamSession(session, page, this.#pages, this.#options);
  }

  /**
   * Ends the session where its segment ends. Calls `done` then, once, with what the next writer needs to go on without
   * a break; at once and with undefined when there is no session. `end` makes it come at once.
   */
  finish(done: (splice: Splice | undefined) => void): void {
    const session = this.#session;
    if (session === undefined) return done(undefined);
    const finish: Finish = new Finish(session.tracks, () => {
      this.#finished = undefined;
      this.end();
      done(finish.splice);
    });
    session.finish = finish;
    this.#finished = () => done(finish.splice);
  }

  /** Ends the session: parts and segments are closed, the stream is not live. Readers keep what there is. */
  end(): void {
    if (this.#session !== undefined) this.#session.ended = true;
    this.#session = undefined;
    seal(this.#page, this.#pages, this.#options.now(), this.#options.wall());
    this.#page.store(at.W_LIVE, 0);
    this.#page.ringParts();
    const finished = this.#finished;
    this.#finished = undefined;
    finished?.();
  }
}

/** Where a source puts one session's tracks; a `FrameSink` by shape. */
export class StreamSession {
  readonly #session: Session;
  readonly #page: StreamPageWriter;
  readonly #pages: TrackPageWriter[];
  readonly #options: StreamWriterOptions;
  readonly #taken = new Set<TrackPageWriter>();
  readonly #ids = new Set<number>();

  constructor(
    session: Session,
    page: StreamPageWriter,
    pages: TrackPageWriter[],
    options: StreamWriterOptions,
  ) {
    this.#session = session;
    this.#page = page;
    this.#pages = pages;
    this.#options = options;
    for (const track of pages) this.#ids.add(track.words[at.W_ID] as number);
  }

  /**
   * Adds a track on a page that has its kind and no other track of this session, the one of the same number first, or
   * on a new page. Rejects with RangeError when the track's configuration is larger than 64 KiB.
   */
  async addTrack(track: Track): Promise<TrackWriter> {
    let page = this.#free(track, true) ?? this.#free(track, false);
    if (page !== undefined) this.#taken.add(page);
    else {
      let id = track.id;
      while (this.#ids.has(id)) id++;
      this.#ids.add(id);
      page = new TrackPageWriter(await this.#options.allocate(id, track.kind));
      page.words[at.W_KIND] = at.KINDS.indexOf(track.kind);
      Atomics.store(page.words, at.W_ID, id);
      page.closeSegments(this.#page.nextMsn - (this.#page.segmentOpen ? 2 : 1));
      this.#taken.add(page);
      this.#pages.push(page);
    }
    const writer = new TrackWriter(this.#session, page, { ...track, id: page.words[at.W_ID] as number });
    if (!this.#session.ended) {
      Atomics.store(page.words, at.W_TRACK_SESSION, this.#page.words[at.W_STREAM_SESSION] as number);
      this.#page.store(at.W_TRACKS_VERSION, (this.#page.words[at.W_TRACKS_VERSION] as number) + 1);
      this.#page.ringParts();
    }
    return writer;
  }

  #free(track: Track, same: boolean): TrackPageWriter | undefined {
    const kind = at.KINDS.indexOf(track.kind);
    return this.#pages.find((page) =>
      !this.#taken.has(page) && page.words[at.W_KIND] === kind && (!same || page.words[at.W_ID] === track.id)
    );
  }

  /** At session time `at` the wall clock was `wall`. */
  wallClock(at: StreamMicros, wall: WallMillis): void {
    this.#session.wallClock(at, wall);
  }
}
