import { streamMicros, ticks } from "../../src/base/units.ts";
import { makeHttpApp } from "../../src/egress/http/app.ts";
import type { ReadAsset } from "../../src/egress/door.ts";
import { systemClock } from "../../src/host/clock.ts";
import { serveHttp } from "../../src/host/http.ts";
import type { TrackSink } from "../../src/ingest/frame_sink.ts";
import type { AudioTrack, DataTrack, Track, VideoTrack } from "../../src/media/track.ts";
import { type AdtsFrame, decodeAdts, describeAdts } from "../../src/wire/codec/aac/adts.ts";
import { H264Assembler } from "../../src/wire/codec/h264/assembler.ts";
import { splitAnnexB } from "../../src/wire/codec/nal.ts";
import { SETTINGS, TestDoor, TestStream } from "./http/test_door.ts";

const RATE = 25;
/** Length of the clip in seconds; it is played in a loop. */
const SECONDS = 8;
/**
 * Large, as the controller's are. hls.js 1.7.4 takes a segment 0 for none (`appendedPart?.fragment.sn || -1` in its
 * fragment tracker): it drops parts of that segment which it has just buffered, loads them again, and puts MPEG-TS a
 * second further each time.
 */
const FIRST_SEGMENT = 400_000_000;

export interface LiveFrame {
  readonly data: Uint8Array;
  readonly key: boolean;
}

export interface LiveTrack {
  readonly track: Track;
  readonly frames: readonly LiveFrame[];
  /** Ticks between two frames. */
  readonly step: number;
}

/** Runs ffmpeg and answers what it wrote to standard output. */
function ffmpeg(...options: string[]): Uint8Array {
  const { stdout, stderr, success } = Bun.spawnSync(["ffmpeg", "-v", "error", ...options, "-"]);
  if (!success) throw new Error(`ffmpeg: ${stderr.toString()}`);
  return stdout;
}

/** A moving test picture, a key frame a second, through the assembler as a camera's would come. */
export function videoClip(size = "320x180"): LiveTrack {
  const source = ["-f", "lavfi", "-i", `testsrc2=s=${size}:r=${RATE}`, "-t", String(SECONDS)];
  const coder = [
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
    "-tune",
    "zerolatency",
    "-g",
    String(RATE),
    "-pix_fmt",
    "yuv420p",
  ];
  const bytes = ffmpeg(...source, ...coder, "-bsf:v", "h264_metadata=aud=insert", "-f", "h264");
  const assembler = new H264Assembler([]);
  const frames: LiveFrame[] = [];
  let units: Uint8Array[] = [];
  const finish = () => {
    const frame = units.length === 0 ? undefined : assembler.unit(units, frames.length * 3600);
    if (frame !== undefined) frames.push({ data: frame.data.slice(), key: frame.key });
    units = [];
  };
  for (const unit of splitAnnexB(bytes)) {
    if (((unit[0] as number) & 31) === 9) finish();
    units.push(unit);
  }
  finish();
  const { description } = assembler;
  if (description === undefined || frames.length !== SECONDS * RATE) {
    throw new Error(`clip of ${frames.length} frames`);
  }
  const { config, codecString, width, height } = description;
  const track: VideoTrack = {
    id: 0,
    kind: "video",
    codec: "h264",
    timescale: 90_000,
    config,
    codecString,
    language: "und",
    width,
    height,
    frameRate: RATE,
  };
  return { track, frames, step: 90_000 / RATE };
}

const TONE = ["-f", "lavfi", "-i", "sine=f=440:r=48000", "-t", String(SECONDS)];

export function aacClip(): LiveTrack {
  const bytes = ffmpeg(...TONE, "-c:a", "aac", "-ac", "2", "-f", "adts");
  const frames: LiveFrame[] = [];
  let track: AudioTrack | undefined;
  for (let at = 0; at < bytes.length;) {
    const frame = decodeAdts(bytes.subarray(at));
    if (frame.kind !== "ok") throw new Error("no ADTS frame");
    track ??= aacTrack(frame.value);
    frames.push({ data: frame.value.payload, key: true });
    at += frame.used;
  }
  return { track: track as AudioTrack, frames, step: 1024 };
}

function aacTrack(frame: AdtsFrame): AudioTrack {
  const described = describeAdts(frame);
  if (described.kind !== "ok") throw new Error("no AAC");
  const { config, codecString, sampleRate, channels } = described.value;
  return {
    id: 1,
    kind: "audio",
    codec: "aac",
    timescale: sampleRate,
    config,
    codecString,
    language: "und",
    sampleRate,
    channels,
  };
}

/** G.711 as a camera sends it: 20 ms packets. */
export function alawClip(): LiveTrack {
  const bytes = ffmpeg(...TONE, "-ar", "8000", "-ac", "1", "-f", "alaw");
  const frames: LiveFrame[] = [];
  for (let at = 0; at + 160 <= bytes.length; at += 160) {
    frames.push({ data: bytes.subarray(at, at + 160), key: true });
  }
  const track: AudioTrack = {
    id: 1,
    kind: "audio",
    codec: "alaw",
    timescale: 8000,
    config: new Uint8Array(0),
    codecString: "",
    language: "und",
    sampleRate: 8000,
    channels: 1,
  };
  return { track, frames, step: 160 };
}

/** Timed metadata: an ID3v2.4 tag with a text frame every half second. */
export function id3Clip(): LiveTrack {
  const frames = Array.from({ length: SECONDS * 2 }, (_, n) => {
    const text = [3, ...new TextEncoder().encode(`tag ${n}`)];
    const frame = [...new TextEncoder().encode("TIT2"), 0, 0, 0, text.length, 0, 0, ...text];
    return { data: Uint8Array.of(0x49, 0x44, 0x33, 4, 0, 0, 0, 0, 0, frame.length, ...frame), key: true };
  });
  const track: DataTrack = {
    id: 2,
    kind: "data",
    codec: "id3",
    timescale: 90_000,
    config: new Uint8Array(0),
    codecString: "",
    language: "und",
  };
  return { track, frames, step: 45_000 };
}

/** An HTTP server in this process with a live stream called `cam`, its frames written when their time has come. */
export class LiveServer {
  /** What the server logged. */
  readonly said: string[] = [];
  /** Numbers of tracks that bring nothing now. */
  readonly muted = new Set<number>();
  readonly #stop: (() => void | Promise<void>)[] = [];
  #port = 0;

  /** `assets` may add files, such as a player's page. */
  static async start(tracks: readonly LiveTrack[], assets: ReadAsset = () => undefined): Promise<LiveServer> {
    const live = new LiveServer();
    const door = new TestDoor();
    const say = (line: string) => void live.said.push(line);
    const app = makeHttpApp({
      door,
      assets,
      clock: systemClock,
      log: { debug() {}, info() {}, warn: say, error: say, debugging: false },
      list: () =>
        Promise.resolve([{ name: "cam", state: "online", reason: "", source: "test:", tracks: [] }]),
    });
    const server = await serveHttp({ hostname: "127.0.0.1", port: 0, webSockets: true }, app);
    live.#port = server.port;
    live.#stop.push(() => app.close(), () => server.stop(false));
    const stream = new TestStream("cam", systemClock, SETTINGS, FIRST_SEGMENT);
    door.streams.set("cam", stream);
    live.#stop.push(await feed(stream, tracks, live.muted));
    return live;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`;
  }

  /** Address of the multivariant playlist. */
  get playlist(): string {
    return `${this.url}/hls/cam/index.m3u8`;
  }

  async stop(): Promise<void> {
    for (const stop of this.#stop.splice(0)) await stop();
  }
}

/** Writes frames in real time until the answer is called. */
async function feed(
  stream: TestStream,
  tracks: readonly LiveTrack[],
  muted: ReadonlySet<number>,
): Promise<() => void> {
  const session = stream.writer.begin();
  const start = systemClock.mono();
  session.wallClock(streamMicros(0), systemClock.wall());
  const lanes: { readonly of: LiveTrack; readonly sink: TrackSink; count: number }[] = [];
  for (const of of tracks) lanes.push({ of, sink: await session.addTrack(of.track), count: 0 });
  const timer = setInterval(() => {
    const seconds = (systemClock.mono() - start) / 1000;
    for (const lane of lanes) {
      const { frames, step, track } = lane.of;
      // A frame is there when it has been filmed, at its end.
      while (((lane.count + 1) * step) / track.timescale <= seconds) {
        const { data, key } = frames[lane.count % frames.length] as LiveFrame;
        const dts = ticks(lane.count * step);
        lane.count++;
        if (muted.has(track.id)) continue;
        lane.sink.write({ dts, ptsOffset: 0, duration: step, key, discontinuity: false }, data);
      }
    }
  }, 5);
  return () => clearInterval(timer);
}
