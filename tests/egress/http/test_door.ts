import type { Clock } from "../../../src/base/clock.ts";
import {
  type MonoMillis,
  monoMillis,
  streamMicros,
  ticks,
  type WallMillis,
  wallMillis,
} from "../../../src/base/units.ts";
import { createStreamPage } from "../../../src/buffer/stream_page.ts";
import { type SegmentSettings, StreamWriter } from "../../../src/buffer/stream_writer.ts";
import { createTrackPage } from "../../../src/buffer/track_page.ts";
import type { OpenedStream, Refusal, StreamDoor } from "../../../src/egress/door.ts";
import type { FrameSink, TrackSink } from "../../../src/ingest/frame_sink.ts";
import type { AudioTrack, DataTrack, Track, VideoTrack } from "../../../src/media/track.ts";

/** A clock that tests set; timers are real. */
export class TestClock implements Clock {
  time = 1_000_000;

  mono(): MonoMillis {
    return monoMillis(this.time);
  }

  wall(): WallMillis {
    return wallMillis(Date.UTC(2026, 0, 1) + this.time);
  }

  after(ms: number, run: () => void): () => void {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  }
}

export const SETTINGS: SegmentSettings = {
  segmentMillis: 2000,
  partMillis: 200,
  windowMillis: 30_000,
  maxBytesPerTrack: 16 * 1024 * 1024,
};

/** One stream over real pages and the real writer, as the controller and an ingest worker would hold it. */
export class TestStream {
  readonly page: SharedArrayBuffer;
  readonly tracks: SharedArrayBuffer[] = [];
  readonly writer: StreamWriter;
  readonly #added: ((page: SharedArrayBuffer) => void)[] = [];
  readonly #closed: ((why?: string) => void)[] = [];
  released = 0;

  constructor(readonly name: string, clock: Clock, settings: SegmentSettings = SETTINGS, firstSegment = 0) {
    this.page = createStreamPage({ firstSegment });
    this.writer = new StreamWriter({
      page: this.page,
      tracks: this.tracks,
      allocate: (_id, kind) => {
        const page = createTrackPage(kind, settings.maxBytesPerTrack);
        this.tracks.push(page);
        for (const added of this.#added) added(page);
        return Promise.resolve(page);
      },
      settings,
      now: () => clock.mono(),
      wall: () => clock.wall(),
    });
  }

  open(): OpenedStream {
    return {
      name: this.name,
      page: this.page,
      tracks: [...this.tracks],
      onTracks: (run) => void this.#added.push(run),
      onClosed: (run) => void this.#closed.push(run),
      release: () => void this.released++,
    };
  }

  /** The controller gives the pages up, or says that nothing will come. */
  close(why?: string): void {
    for (const closed of this.#closed) closed(why);
  }
}

/** The controller, as the http worker sees it. */
export class TestDoor implements StreamDoor {
  readonly streams = new Map<string, TestStream | Refusal>();
  opens = 0;
  touches: string[] = [];

  open(name: string): Promise<OpenedStream | Refusal> {
    this.opens++;
    const stream = this.streams.get(name);
    if (stream === undefined) return Promise.resolve({ status: 404, reason: "There is no such stream" });
    return Promise.resolve(stream instanceof TestStream ? stream.open() : stream);
  }

  touch(name: string): void {
    this.touches.push(name);
  }
}

/** 320x180 H.264 as x264 describes it; nothing here decodes it. */
export const VIDEO: VideoTrack = {
  id: 0,
  kind: "video",
  codec: "h264",
  timescale: 90_000,
  config: Uint8Array.of(1, 0x42, 0xc0, 0x0d, 0xff, 0xe1, 0, 4, 0x67, 0x42, 0xc0, 0x0d, 1, 0, 2, 0x68, 0xce),
  codecString: "avc1.42C00D",
  language: "und",
  width: 320,
  height: 180,
  frameRate: 25,
};

export const AUDIO: AudioTrack = {
  id: 1,
  kind: "audio",
  codec: "aac",
  timescale: 48_000,
  config: Uint8Array.of(0x11, 0x90),
  codecString: "mp4a.40.2",
  language: "eng",
  sampleRate: 48_000,
  channels: 2,
};

export const ALAW: AudioTrack = {
  ...AUDIO,
  codec: "alaw",
  timescale: 8000,
  config: new Uint8Array(0),
  codecString: "",
  sampleRate: 8000,
  channels: 1,
};

/** Timed metadata, which comes as often as G.711 here. */
export const ID3: DataTrack = {
  id: 3,
  kind: "data",
  codec: "id3",
  timescale: 90_000,
  config: new Uint8Array(0),
  codecString: "",
  language: "und",
};

interface Lane {
  readonly track: Track;
  readonly sink: TrackSink;
  readonly step: number;
  count: number;
}

/**
 * Frames with made-up bytes on a regular grid, in order of time: video at 25 frames/s with a key frame every `gop`,
 * AAC of 1024 samples, G.711 of 20 ms. Every frame's bytes tell which one it is.
 */
export class SyntheticCamera {
  readonly #lanes: Lane[] = [];
  readonly sink: FrameSink;
  gop = 50;
  /** Numbers of tracks that are silent. */
  readonly muted = new Set<number>();
  /** By number of the track. */
  readonly sinks = new Map<number, TrackSink>();
  /** Moved to when each frame ends, where given. */
  clock: TestClock | undefined;

  constructor(stream: TestStream) {
    this.sink = stream.writer.begin();
    this.sink.wallClock(streamMicros(0), wallMillis(Date.UTC(2026, 5, 1, 12)));
  }

  async add(track: Track): Promise<TrackSink> {
    const step = track.kind === "video"
      ? track.timescale / 25
      : track.codec === "aac"
      ? 1024
      : track.timescale / 50;
    const sink = await this.sink.addTrack(track);
    this.#lanes.push({ track, sink, step, count: 0 });
    this.sinks.set(track.id, sink);
    return sink;
  }

  /** Writes all frames that end up to `seconds` after the start. */
  writeUntil(seconds: number): void {
    for (;;) {
      let next: Lane | undefined;
      let nextAt = Infinity;
      for (const lane of this.#lanes) {
        const at = (lane.count * lane.step) / lane.track.timescale;
        if (at < nextAt) {
          next = lane;
          nextAt = at;
        }
      }
      if (next === undefined || nextAt + next.step / next.track.timescale > seconds + 1e-9) return;
      if (this.clock !== undefined) {
        this.clock.time = 1_000_000 + (nextAt + next.step / next.track.timescale) * 1000;
      }
      this.#write(next);
    }
  }

  #write(lane: Lane): void {
    const { track, step, count } = lane;
    const key = track.kind !== "video" || count % this.gop === 0;
    lane.count++;
    if (this.muted.has(track.id)) return;
    lane.sink.write(
      { dts: ticks(count * step), ptsOffset: 0, duration: step, key, discontinuity: false },
      frameBytes(track, count, key),
    );
  }
}

/** Bytes of frame `count`: the size tells the kind, the first four bytes the number. */
export function frameBytes(track: Track, count: number, key: boolean): Uint8Array {
  const size = track.kind === "video"
    ? (key ? 9000 : 1200 + (count % 7) * 50)
    : track.codec === "aac"
    ? 200
    : 160;
  const data = new Uint8Array(size);
  for (let i = 0; i < size; i++) data[i] = (count * 13 + i * 7) & 0xff;
  new DataView(data.buffer).setUint32(0, count);
  return data;
}
