import type { Log } from "../../base/log.ts";
import type { Tally } from "../../base/tally.ts";
import type { FrameInfo } from "../../media/frame.ts";
import type { Track } from "../../media/track.ts";
import type { FrameSink, TrackSink } from "../frame_sink.ts";

/** Frames held at most while the sink makes room for the track. */
export const PENDING_FRAMES = 512;
/** Bytes held at most meanwhile. */
export const PENDING_BYTES = 16 * 1024 * 1024;

type Pending = { readonly track: Track } | { readonly info: FrameInfo; readonly data: Uint8Array };

/** The way of one track's frames into a {@link FrameSink}: announces the track once, holds frames until it is there. */
export class FrameOutput {
  readonly #sink: FrameSink;
  readonly #tally: Tally;
  readonly #log: Log;
  #announced = false;
  #open: TrackSink | undefined;
  #pending: Pending[] = [];
  #pendingBytes = 0;
  #starved = false;
  /** Frames handed over or held for it. */
  frames = 0;

  constructor(sink: FrameSink, tally: Tally, log: Log) {
    this.#sink = sink;
    this.#tally = tally;
    this.#log = log;
  }

  /** A description of the track: the first announces it, later ones are updates from the next frame on. */
  describe(track: Track): void {
    if (this.#open !== undefined) return this.#open.update(track);
    if (this.#announced) {
      this.#pending.push({ track });
      return;
    }
    this.#announced = true;
    this.#sink.addTrack(track).then((open) => this.#begin(open), (failure: unknown) => {
      this.#pending = [];
      this.#pendingBytes = PENDING_BYTES;
      const why = failure instanceof Error ? failure.message : String(failure);
      this.#log.error(`cannot add track ${track.id} (${track.codec}): ${why}`);
    });
  }

  /** Hands over one frame; the bytes are copied before this returns. */
  write(info: FrameInfo, data: Uint8Array): void {
    if (this.#open !== undefined) {
      this.frames++;
      return this.#open.write(info, data);
    }
    if (this.#pending.length >= PENDING_FRAMES || this.#pendingBytes + data.length > PENDING_BYTES) {
      this.#starved = true;
      return this.#tally.add("frame dropped before its track was ready");
    }
    // Once a frame was dropped, what follows up to a key frame is of no use.
    if (this.#starved && !info.key) return;
    this.#starved = false;
    this.frames++;
    this.#pendingBytes += data.length;
    this.#pending.push({ info, data: data.slice() });
  }

  #begin(open: TrackSink): void {
    const pending = this.#pending;
    this.#pending = [];
    this.#open = open;
    for (const item of pending) {
      if ("track" in item) open.update(item.track);
      else open.write(item.info, item.data);
    }
  }
}
