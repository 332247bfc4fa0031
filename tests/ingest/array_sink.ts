import type { StreamMicros, WallMillis } from "../../src/base/units.ts";
import type { FrameSink, TrackSink } from "../../src/ingest/frame_sink.ts";
import type { FrameInfo } from "../../src/media/frame.ts";
import type { Track } from "../../src/media/track.ts";

/** One frame as it was written. */
export interface KeptFrame extends FrameInfo {
  readonly size: number;
  readonly data: Uint8Array;
}

/** A track and all that was written to it. */
export interface KeptTrack {
  track: Track;
  readonly frames: KeptFrame[];
}

/** A sink that keeps everything, and tells when enough has come. */
export class ArraySink implements FrameSink {
  readonly tracks: KeptTrack[] = [];
  readonly clocks: { at: StreamMicros; wall: WallMillis }[] = [];
  readonly #waiting: { readonly enough: () => boolean; readonly resolve: () => void }[] = [];

  addTrack(track: Track): Promise<TrackSink> {
    const kept: KeptTrack = { track, frames: [] };
    this.tracks.push(kept);
    return Promise.resolve({
      update: (changed) => {
        kept.track = changed;
      },
      write: (info, data) => {
        kept.frames.push({ ...info, size: data.length, data: data.slice() });
        this.#look();
      },
    });
  }

  wallClock(at: StreamMicros, wall: WallMillis): void {
    this.clocks.push({ at, wall });
  }

  /** Frames of all tracks. */
  get frames(): number {
    return this.tracks.reduce((sum, t) => sum + t.frames.length, 0);
  }

  /** Codecs of the tracks that have at least `frames` frames, by track number. */
  codecs(frames = 1): string[] {
    return [...this.tracks].sort((a, b) => a.track.id - b.track.id)
      .filter((t) => t.frames.length >= frames).map((t) => t.track.codec);
  }

  /** Resolves when `enough` says so; it is asked after each frame. */
  until(enough: () => boolean): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push({ enough, resolve });
      this.#look();
    });
  }

  #look(): void {
    for (const { enough, resolve } of this.#waiting) if (enough()) resolve();
  }
}
