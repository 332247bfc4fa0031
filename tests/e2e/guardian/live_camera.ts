import { readFileSync } from "node:fs";
import type { Log } from "../../../src/base/log.ts";
import { type Clip, CLIP_FRAMES_PER_SECOND, readClip } from "../../../src/app/demo/clip.ts";
import { describeClip } from "../../../src/app/demo/camera.ts";
import { systemClock } from "../../../src/host/clock.ts";
import { type PlaySession, serveRtsp } from "../../../src/link/rtsp/server.ts";
import { AacPacketizer } from "../../../src/wire/protocol/rtp/packetize/aac.ts";
import { H264Packetizer } from "../../../src/wire/protocol/rtp/packetize/h264.ts";
import { PacketWriter } from "../../../src/wire/protocol/rtp/packetize/packetizer.ts";

const AAC_SAMPLES = 1024;
const PACE_MILLIS = 10;
const VIDEO_TICKS = 90_000 / CLIP_FRAMES_PER_SECOND;
/** Key frames of the clip are two seconds apart. */
const GROUP = 2 * CLIP_FRAMES_PER_SECOND;

export interface LiveCamera {
  readonly url: string;
  /** Sessions that ever began. */
  readonly sessions: number;
  close(): void;
}

function asset(name: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(
    readFileSync(new URL(`../../../src/app/demo/clip/${name}`, import.meta.url).pathname),
  );
}

/**
 * A camera as real ones are: it encodes once, and whoever comes sees the same pictures, from the last key frame on,
 * with RTP time stamps of their own.
 */
export async function startLiveCamera(): Promise<LiveCamera> {
  const clip = readClip(asset("clip.h264"), asset("clip.aac"));
  const quiet: Log = { debug() {}, info() {}, warn() {}, error() {}, debugging: false };
  // It has run for a while already.
  const started = systemClock.mono() - 7000;
  let sessions = 0;
  const served = describeClip(clip);
  const server = await serveRtsp({
    port: 0,
    host: "127.0.0.1",
    clock: systemClock,
    log: quiet,
    describe: (path) => path === "live" ? served : undefined,
    play: (session) => {
      sessions++;
      return playLive(clip, started, session, sessions);
    },
  });
  return {
    url: `rtsp://127.0.0.1:${server.port}/live`,
    get sessions() {
      return sessions;
    },
    close: () => server.close(),
  };
}

function playLive(clip: Clip, started: number, session: PlaySession, nth: number): () => void {
  const own = nth * 1_234_567;
  const video = new H264Packetizer(
    new PacketWriter({ payloadType: 96, ssrc: nth * 2, sequence: nth * 777 }, (p) => session.send(0, p)),
  );
  video.config(clip.description.config);
  const audio = new AacPacketizer(
    new PacketWriter({ payloadType: 97, ssrc: nth * 2 + 1, sequence: nth * 555 }, (p) => session.send(1, p)),
  );
  const rate = clip.audioConfig.sampleRate;
  const passed = () => (systemClock.mono() - started) / 1000;
  let pictures = Math.floor((passed() * CLIP_FRAMES_PER_SECOND) / GROUP) * GROUP;
  let sounds = Math.ceil(((pictures / CLIP_FRAMES_PER_SECOND) * rate) / AAC_SAMPLES);
  const first = pictures;
  const firstTime = pictures / CLIP_FRAMES_PER_SECOND;
  let cancel = () => {};
  const pace = () => {
    const now = passed();
    for (; pictures <= now * CLIP_FRAMES_PER_SECOND; pictures++) {
      const frame = clip.video[pictures % clip.video.length];
      if (frame !== undefined) video.frame(frame.data, own + (pictures - first) * VIDEO_TICKS, frame.key);
    }
    for (; sounds * AAC_SAMPLES <= now * rate; sounds++) {
      const unit = clip.audio[sounds % clip.audio.length];
      if (unit !== undefined) audio.frame(unit, Math.round(own + sounds * AAC_SAMPLES - firstTime * rate));
    }
    cancel = systemClock.after(PACE_MILLIS, pace);
  };
  pace();
  return () => cancel();
}
