import { type MonoMillis, monoMillis, ticks, type WallMillis, wallMillis } from "../../src/base/units.ts";
import { createStreamPage } from "../../src/buffer/stream_page.ts";
import { StreamView } from "../../src/buffer/stream_view.ts";
import { type SegmentSettings, StreamWriter } from "../../src/buffer/stream_writer.ts";
import { createTrackPage } from "../../src/buffer/track_page.ts";
import { TrackView } from "../../src/buffer/track_view.ts";
import type { TrackKind } from "../../src/media/codec.ts";
import type { FrameInfo } from "../../src/media/frame.ts";
import type { AudioTrack, DataTrack, VideoTrack } from "../../src/media/track.ts";

export const SETTINGS: SegmentSettings = {
  segmentMillis: 2000,
  partMillis: 200,
  windowMillis: 30_000,
  maxBytesPerTrack: 8 * 1024 * 1024,
};

export const video = (id = 0, config = [1, 2, 3]): VideoTrack => ({
  id,
  kind: "video",
  codec: "h264",
  timescale: 90_000,
  config: Uint8Array.from(config),
  codecString: "avc1.64001F",
  language: "und",
  width: 640,
  height: 360,
  frameRate: 25,
});

export const audio = (id = 1, timescale = 48_000): AudioTrack => ({
  id,
  kind: "audio",
  codec: "aac",
  timescale,
  config: Uint8Array.of(0x11, 0x90),
  codecString: "mp4a.40.2",
  language: "und",
  sampleRate: timescale,
  channels: 2,
});

export const data = (id = 2): DataTrack => ({
  id,
  kind: "data",
  codec: "onvif",
  timescale: 90_000,
  config: new Uint8Array(0),
  codecString: "",
  language: "und",
});

/** Pages, a writer and a clock that the test moves. */
export class Fixture {
  readonly settings: SegmentSettings;
  readonly page: SharedArrayBuffer;
  readonly pages: SharedArrayBuffer[] = [];
  readonly view: StreamView;
  mono = 1000;
  wall = 1_700_000_000_000;
  writer: StreamWriter;

  constructor(settings: Partial<SegmentSettings> = {}, readonly firstSequence = 0, firstSegment = 0) {
    this.settings = { ...SETTINGS, ...settings };
    this.page = createStreamPage({ firstSegment });
    this.view = new StreamView(this.page);
    this.writer = this.restart();
  }

  /** A new writer over the same pages, as after a worker died. */
  restart(): StreamWriter {
    this.writer = new StreamWriter({
      page: this.page,
      tracks: this.pages,
      settings: this.settings,
      allocate: (_id: number, kind: TrackKind) => this.allocate(kind),
      now: () => this.now(),
      wall: () => this.wallNow(),
    });
    return this.writer;
  }

  allocate(kind: TrackKind): Promise<SharedArrayBuffer> {
    const page = createTrackPage(kind, this.settings.maxBytesPerTrack, this.firstSequence);
    this.pages.push(page);
    return Promise.resolve(page);
  }

  now(): MonoMillis {
    return monoMillis(this.mono);
  }

  wallNow(): WallMillis {
    return wallMillis(this.wall);
  }

  /** Moves both clocks. */
  pass(ms: number): void {
    this.mono += ms;
    this.wall += ms;
  }

  track(index: number): TrackView {
    return new TrackView(this.pages[index] as SharedArrayBuffer);
  }
}

export function info(dts: number, duration: number, key = false, discontinuity = false): FrameInfo {
  return { dts: ticks(dts), ptsOffset: 0, duration, key, discontinuity };
}

/** Bytes that say which frame they are, anywhere in them. */
export function payload(n: number, size: number): Uint8Array {
  return new Uint8Array(size).fill(n & 0xff);
}
