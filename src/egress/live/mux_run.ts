import {
  type ContainerFormat,
  groupSize,
  type LiveMuxer,
  writeGroup,
} from "../../wire/container/live_muxer.ts";
import type { Track } from "../../media/track.ts";
import { ByteLog } from "./byte_log.ts";
import { type FedTrack, type FeedRange, FrameFeed } from "./frame_feed.ts";

/**
 * How a run ended. `stopped`: where it was to end; `changed`: the container cannot follow what its tracks became;
 * `failed`: it cannot take a frame.
 */
export type RunEnd = "stopped" | "changed" | "failed";

/**
 * Frames of a stream's tracks, muxed once each into a log that readers follow. Nothing happens by itself: its owner calls
 * {@link step}.
 */
export class MuxRun {
  readonly log: ByteLog;
  readonly feed: FrameFeed;
  readonly #muxer: LiveMuxer;
  #header: Uint8Array;
  #ended: RunEnd | undefined;
  readonly #entryMicros: number;
  #entryAt = -Infinity;
  #failure: string | undefined;
  #torn = 0;

  /** Throws what the format throws when it cannot carry the tracks; see {@link ContainerFormat.refuse}. */
  constructor(
    format: ContainerFormat,
    tracks: readonly FedTrack[],
    muxed: readonly Track[],
    range: FeedRange = {},
    log = new ByteLog(),
    /** Readers may begin so often at most, microseconds of stream time. */
    entryMicros = 0,
  ) {
    this.#entryMicros = entryMicros;
    this.log = log;
    this.feed = new FrameFeed(tracks, range);
    this.#muxer = format.open(muxed);
    this.#header = this.#muxer.header();
  }

  /** Set when nothing more will come. */
  get ended(): RunEnd | undefined {
    return this.#ended;
  }

  /** What the container had against a frame. */
  get failure(): string | undefined {
    return this.#failure;
  }

  /** Groups of frames that were overwritten while they were muxed. */
  get torn(): number {
    return this.#torn;
  }

  /** Muxes the next frames, `most` at most, of stream time up to `limit` (microseconds). False: there are none now. */
  step(limit?: number, most?: number): boolean {
    if (this.#ended !== undefined) return false;
    switch (this.feed.next(limit, most)) {
      case "none":
        return false;
      case "ended":
        this.#end("stopped");
        return false;
      case "change":
        return this.#change();
      case "frames":
        return this.#write();
    }
  }

  #write(): boolean {
    const { log, feed } = this;
    const { frames } = feed;
    const muxer = this.#muxer;
    try {
      const out = log.reserve(groupSize(muxer, frames));
      const length = writeGroup(muxer, out, log.at, frames);
      const entry = muxer.entry && feed.micros - this.#entryAt >= this.#entryMicros;
      if (!feed.intact()) return this.#tear();
      log.commit(length, entry ? this.#header : undefined);
      if (entry) this.#entryAt = feed.micros;
      return true;
    } catch (e) {
      // Bytes that were overwritten meanwhile may be anything.
      if (!feed.intact()) return this.#tear();
      return this.#fail(e);
    }
  }

  /** Ends this run alone: whatever a container has against a frame concerns none but its readers. */
  #fail(e: unknown): false {
    this.#failure = e instanceof RangeError
      ? e.message
      : e instanceof Error
      ? e.stack ?? e.message
      : String(e);
    this.#end("failed");
    return false;
  }

  /** What was written last is not taken. */
  #tear(): true {
    this.#torn++;
    this.#muxer.discard?.();
    return true;
  }

  #change(): boolean {
    const { track, to } = this.feed.changed;
    try {
      const bytes = to === undefined ? undefined : this.#muxer.change?.(track, to);
      if (bytes !== undefined) {
        this.#header = this.#muxer.header();
        this.log.append(bytes);
        return true;
      }
    } catch (e) {
      return this.#fail(e);
    }
    this.#end("changed");
    return false;
  }

  #end(how: RunEnd): void {
    if (how !== "failed") this.log.append(this.#muxer.trailer());
    this.#ended = how;
  }
}
