import type { StreamMicros, WallMillis } from "../../../src/base/units.ts";
import { makeLog } from "../../../src/base/log.ts";
import { Tally } from "../../../src/base/tally.ts";
import type { FrameSink, TrackSink } from "../../../src/ingest/frame_sink.ts";
import type { FrameInfo } from "../../../src/media/frame.ts";
import type { Track } from "../../../src/media/track.ts";

export interface RecordedFrame extends FrameInfo {
  readonly data: Uint8Array;
}

/** A sink that keeps everything. With `hold` tracks are made only when `release` is called. */
export class RecordingSink implements FrameSink {
  readonly tracks: Track[] = [];
  readonly frames: RecordedFrame[] = [];
  readonly clocks: { at: StreamMicros; wall: WallMillis }[] = [];
  release: () => void = () => {};
  readonly #held: Promise<void> | undefined;

  constructor(hold = false) {
    this.#held = hold ? new Promise((done) => (this.release = done)) : undefined;
  }

  async addTrack(track: Track): Promise<TrackSink> {
    this.tracks.push(track);
    if (this.#held !== undefined) await this.#held;
    return {
      update: (t) => void this.tracks.push(t),
      write: (info, data) => void this.frames.push({ ...info, data: data.slice() }),
    };
  }

  wallClock(at: StreamMicros, wall: WallMillis): void {
    this.clocks.push({ at, wall });
  }
}

/** A tally that says nothing. */
export const silentTally = (): Tally => new Tally(() => {});

/** A log that keeps its lines. */
export function linesLog(lines: string[]) {
  return makeLog((l) => lines.push(l.message), { stream: "", part: "rtp", least: "debug" }, () => 0);
}
