import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { type PlaySession, type RtspServer, type ServedStream, serveRtsp } from "../../link/rtsp/server.ts";
import { encodeAudioSpecificConfig } from "../../wire/codec/aac/audio_specific_config.ts";
import { decodeAvcConfig } from "../../wire/codec/h264/avcc.ts";
import { AacPacketizer } from "../../wire/protocol/rtp/packetize/aac.ts";
import { H264Packetizer } from "../../wire/protocol/rtp/packetize/h264.ts";
import { PacketWriter } from "../../wire/protocol/rtp/packetize/packetizer.ts";
import { printSdp } from "../../wire/protocol/sdp/print.ts";
import { AAC_SAMPLES, type Clip, CLIP_FRAMES_PER_SECOND } from "./clip.ts";

/** Path of the demo camera. */
export const DEMO_PATH = "demo";
/** How often due frames are sent, milliseconds. */
const PACE_MILLIS = 5;
const VIDEO_CLOCK = 90_000;
const VIDEO_TICKS = VIDEO_CLOCK / CLIP_FRAMES_PER_SECOND;

/** A camera for trying out: an RTSP server on a free loopback port that plays the clip in a loop, in real time. */
export function startDemoCamera(clip: Clip, clock: Clock, log: Log): Promise<RtspServer> {
  const stream = describeClip(clip);
  return serveRtsp({
    host: "127.0.0.1",
    port: 0,
    clock,
    log,
    describe: (path) => path === DEMO_PATH ? stream : undefined,
    play: (session) => playClip(clip, clock, session),
  });
}

/** What the clip is as a camera describes it. */
export function describeClip(clip: Clip): ServedStream {
  const avc = decodeAvcConfig(clip.description.config);
  if (avc.kind !== "ok") throw new Error("Demo clip: its parameter sets cannot be read");
  const { sps, pps } = avc.value;
  const sampleRate = clip.audioConfig.sampleRate;
  const asc = encodeAudioSpecificConfig(clip.audioConfig);
  const profile = [...clip.description.config.subarray(1, 4)].map(hex).join("").toUpperCase();
  const sdp = printSdp({
    name: "fogcast demo",
    id: 1,
    origin: "127.0.0.1",
    address: "0.0.0.0",
    control: "*",
    medias: [
      {
        type: "video",
        port: 0,
        control: "video",
        frameRate: CLIP_FRAMES_PER_SECOND,
        formats: [{
          payloadType: 96,
          encoding: "H264",
          clockRate: VIDEO_CLOCK,
          channels: 1,
          fmtp: new Map([
            ["packetization-mode", "1"],
            ["profile-level-id", profile],
            ["sprop-parameter-sets", [...sps, ...pps].map(base64).join(",")],
          ]),
        }],
      },
      {
        type: "audio",
        port: 0,
        control: "audio",
        formats: [{
          payloadType: 97,
          encoding: "MPEG4-GENERIC",
          clockRate: sampleRate,
          channels: clip.audioConfig.channelConfiguration,
          fmtp: new Map([
            ["streamtype", "5"],
            ["profile-level-id", "1"],
            ["mode", "AAC-hbr"],
            ["sizelength", "13"],
            ["indexlength", "3"],
            ["indexdeltalength", "3"],
            ["config", [...asc].map(hex).join("")],
          ]),
        }],
      },
    ],
  });
  return {
    sdp,
    tracks: [{ control: "video", clockRate: VIDEO_CLOCK }, { control: "audio", clockRate: sampleRate }],
  };
}

/** Sends the clip to one player until it is gone. */
function playClip(clip: Clip, clock: Clock, session: PlaySession): () => void {
  const video = new H264Packetizer(
    new PacketWriter({ payloadType: 96, ssrc: 1, sequence: 0 }, (packet) => session.send(0, packet)),
  );
  video.config(clip.description.config);
  const audio = new AacPacketizer(
    new PacketWriter({ payloadType: 97, ssrc: 2, sequence: 0 }, (packet) => session.send(1, packet)),
  );
  const sampleRate = clip.audioConfig.sampleRate;
  const started = clock.mono();
  let pictures = 0;
  let sounds = 0;
  let cancel = () => {};
  const pace = () => {
    const elapsed = (clock.mono() - started) / 1000;
    for (; pictures <= elapsed * CLIP_FRAMES_PER_SECOND; pictures++) {
      const frame = clip.video[pictures % clip.video.length];
      if (frame !== undefined) video.frame(frame.data, pictures * VIDEO_TICKS, frame.key);
    }
    for (; sounds * AAC_SAMPLES <= elapsed * sampleRate; sounds++) {
      const unit = clip.audio[sounds % clip.audio.length];
      if (unit !== undefined) audio.frame(unit, sounds * AAC_SAMPLES);
    }
    cancel = clock.after(PACE_MILLIS, pace);
  };
  pace();
  return () => cancel();
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}

function base64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
