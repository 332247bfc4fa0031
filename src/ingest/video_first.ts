import type { Clock } from "../base/clock.ts";
import type { MonoMillis, StreamMicros, WallMillis } from "../base/units.ts";
import type { Track } from "../media/track.ts";
import type { FrameSink, TrackSink } from "./frame_sink.ts";

/** How long other tracks wait for video that was announced; a camera may be without a picture. Milliseconds. */
export const VIDEO_WAIT_MILLIS = 10_000;

/**
 * A sink for sessions in which video was announced: what comes of the other tracks before the first video frame is
 * dropped, for at most {@link VIDEO_WAIT_MILLIS} from the first of it on. Without this a stream that is joined between
 * two key frames begins with a segment that has sound and no picture, which players stumble over.
 */
export class VideoFirst implements FrameSink {
  readonly #sink: FrameSink;
  readonly #clock: Clock;
  #open = false;
  #since: MonoMillis | undefined;

  constructor(sink: FrameSink, clock: Clock) {
    this.#sink = sink;
    this.#clock = clock;
  }

  /** No video will come: everything passes from now on. */
  release(): void {
    this.#open = true;
  }

  async addTrack(track: Track): Promise<TrackSink> {
    const inner = await this.#sink.addTrack(track);
    const video = track.kind === "video";
    return {
      update: (changed) => inner.update(changed),
      write: (info, data) => {
        if (video) this.#open = true;
        if (this.#open || this.#late()) inner.write(info, data);
      },
    };
  }

  wallClock(at: StreamMicros, wall: WallMillis): void {
    this.#sink.wallClock(at, wall);
  }

  #late(): boolean {
    const now = this.#clock.mono();
    this.#since ??= now;
    if (now - this.#since >= VIDEO_WAIT_MILLIS) this.#open = true;
    return this.#open;
  }
}
