import { makeLog } from "../src/base/log.ts";
import { type Clip, readClip } from "../src/app/demo/clip.ts";
import { systemClock } from "../src/host/clock.ts";
import { type PlaySession, type ServedStream, serveRtsp } from "../src/link/rtsp/server.ts";
import { decodeAvcConfig } from "../src/wire/codec/h264/avcc.ts";
import { H264Packetizer } from "../src/wire/protocol/rtp/packetize/h264.ts";
import { PacketWriter } from "../src/wire/protocol/rtp/packetize/packetizer.ts";
import { printSdp } from "../src/wire/protocol/sdp/print.ts";

export const FRAMES_PER_SECOND = 25;
const FRAME_MILLIS = 1000 / FRAMES_PER_SECOND;
const VIDEO_CLOCK = 90_000;
/** How many times as large as another frame a key frame is. */
const KEY_FACTOR = 8;
/** Frames whose time of sending is remembered. */
const REMEMBERED = 4096;
/** A frame ends with its number, so many characters long. */
const STAMP = 8;

/** A picture of the clip, made as large as wanted; its last {@link STAMP} bytes take the frame's number. */
interface StampedFrame {
  readonly data: Uint8Array;
  readonly key: boolean;
}

/**
 * Video cameras inside the bench: each sends the demo clip's pictures in a loop, 25 frames/s, a key frame every 2 s.
 * Decoders would stumble over what is appended to the last slice of each frame (padding and a number), but servers,
 * which do not decode, carry it through: so whoever has the last bytes of a part knows which frame they end with.
 */
export class Cameras {
  readonly #server: { readonly port: number; close(): void };
  readonly #sentAt: Float64Array[];

  private constructor(server: { readonly port: number; close(): void }, sentAt: Float64Array[]) {
    this.#server = server;
    this.#sentAt = sentAt;
  }

  /** Starts `count` cameras of `bitsPerSecond` each; 0 leaves the clip as small as it is. */
  static async start(count: number, bitsPerSecond: number): Promise<Cameras> {
    const clip = await loadClip();
    const frames = stampFrames(clip, bitsPerSecond);
    const stream = describe(clip);
    const sentAt = Array.from({ length: count }, () => new Float64Array(REMEMBERED));
    const quiet = makeLog(() => {}, { stream: "", part: "bench", least: "error" }, () => Date.now());
    const server = await serveRtsp({
      host: "127.0.0.1",
      port: 0,
      clock: systemClock,
      log: quiet,
      describe: (path) => sentAt[Number(path)] === undefined ? undefined : stream,
      play: (session) => {
        const camera = Number(session.path);
        return play(session, clip, frames, (camera * FRAME_MILLIS) / count, sentAt[camera] as Float64Array);
      },
    });
    return new Cameras(server, sentAt);
  }

  url(camera: number): string {
    return `rtsp://127.0.0.1:${this.#server.port}/${camera}`;
  }

  /**
   * `performance.now()` when the last byte of the frame was handed to the socket, of the frame whose last bytes these
   * are; undefined where they are of no frame.
   */
  sentAt(camera: number, bytes: Uint8Array): number | undefined {
    const number = parseInt(new TextDecoder().decode(bytes.subarray(-STAMP)), 16);
    const at = Number.isNaN(number) ? 0 : this.#sentAt[camera]?.[number % REMEMBERED] ?? 0;
    return at === 0 ? undefined : at;
  }

  close(): void {
    this.#server.close();
  }
}

/** The configuration of `count` streams `cam0`, `cam1` …, pulled over TCP. */
export function streamsYaml(cameras: Cameras, count: number, options: Record<string, string> = {}): string {
  if (count === 0) return "";
  const lines = ["streams:"];
  for (let n = 0; n < count; n++) {
    lines.push(`  cam${n}:`, `    source: ${cameras.url(n)}`, "    transport: tcp", "    alwaysOn: true");
    for (const [key, value] of Object.entries(options)) lines.push(`    ${key}: ${value}`);
  }
  return `${lines.join("\n")}\n`;
}

async function loadClip(): Promise<Clip> {
  const read = async (name: string) =>
    new Uint8Array(await Bun.file(new URL(`../src/app/demo/clip/${name}`, import.meta.url)).arrayBuffer());
  return readClip(await read("clip.h264"), await read("clip.aac"));
}

function stampFrames(clip: Clip, bitsPerSecond: number): StampedFrame[] {
  const keys = clip.video.filter((f) => f.key).length;
  const weight = clip.video.length - keys + keys * KEY_FACTOR;
  const unit = (bitsPerSecond / 8 / FRAMES_PER_SECOND) * (clip.video.length / weight);
  return clip.video.map(({ data, key }) => {
    const wanted = Math.round(key ? unit * KEY_FACTOR : unit);
    const padded = new Uint8Array(Math.max(data.length + STAMP, wanted)).fill(0x55);
    padded.set(data);
    lengthenLastUnit(padded, data.length);
    return { data: padded, key };
  });
}

/** Makes the last NAL unit of a frame, `length` bytes long so far, reach to the end of `bytes`. */
function lengthenLastUnit(bytes: Uint8Array, length: number): void {
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (let next = 4 + view.getUint32(0); next < length; next += 4 + view.getUint32(next)) at = next;
  view.setUint32(at, bytes.length - at - 4);
}

function describe(clip: Clip): ServedStream {
  const avc = decodeAvcConfig(clip.description.config);
  if (avc.kind !== "ok") throw new Error("The clip's parameter sets cannot be read");
  const sets = [...avc.value.sps, ...avc.value.pps].map((set) => btoa(String.fromCharCode(...set)));
  const fmtp = new Map([["packetization-mode", "1"], ["sprop-parameter-sets", sets.join(",")]]);
  const sdp = printSdp({
    name: "bench",
    id: 1,
    origin: "127.0.0.1",
    address: "0.0.0.0",
    control: "*",
    medias: [{
      type: "video",
      port: 0,
      control: "video",
      frameRate: FRAMES_PER_SECOND,
      formats: [{ payloadType: 96, encoding: "H264", clockRate: VIDEO_CLOCK, channels: 1, fmtp }],
    }],
  });
  return { sdp, tracks: [{ control: "video", clockRate: VIDEO_CLOCK }] };
}

/** Sends frames to one player until it is gone. `phase`: milliseconds by which they are late, so that cameras alternate. */
function play(
  session: PlaySession,
  clip: Clip,
  frames: readonly StampedFrame[],
  phase: number,
  sentAt: Float64Array,
): () => void {
  const out = new PacketWriter(
    { payloadType: 96, ssrc: 1, sequence: 0 },
    (packet) => session.send(0, packet),
  );
  const packetizer = new H264Packetizer(out);
  packetizer.config(clip.description.config);
  const encoder = new TextEncoder();
  const started = performance.now() + phase;
  let number = 0;
  let timer: ReturnType<typeof setTimeout>;
  const pace = () => {
    for (; started + number * FRAME_MILLIS <= performance.now(); number++) {
      const { data, key } = frames[number % frames.length] as StampedFrame;
      encoder.encodeInto(number.toString(16).padStart(STAMP, "0"), data.subarray(-STAMP));
      packetizer.frame(data, (number * VIDEO_CLOCK) / FRAMES_PER_SECOND, key);
      sentAt[number % REMEMBERED] = performance.now();
    }
    timer = setTimeout(pace, Math.max(0, started + number * FRAME_MILLIS - performance.now()));
  };
  pace();
  return () => clearTimeout(timer);
}
