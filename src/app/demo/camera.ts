import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { ticks } from "../../base/units.ts";
import type { AudioTrack, VideoTrack } from "../../media/track.ts";
import { type PlaySession, type RtspServer, type ServedStream, serveRtsp } from "../../link/rtsp/server.ts";
import { encodeAudioSpecificConfig } from "../../wire/codec/aac/audio_specific_config.ts";
import { TrackSender } from "../../wire/protocol/rtp/packetize/track_sender.ts";
import { printSdp } from "../../wire/protocol/sdp/print.ts";
import { describeMedia, trackFormat } from "../../wire/protocol/sdp/track_format.ts";
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
  const tracks = clipTracks(clip);
  const medias = tracks.map((track, i) => describeMedia(track, { payloadType: 96 + i, control: track.kind }));
  const sdp = printSdp({
    name: "fogcast demo",
    id: 1,
    origin: "127.0.0.1",
    address: "0.0.0.0",
    control: "*",
    medias: medias.filter((media) => media !== undefined),
  });
  return { sdp, tracks: tracks.map((track) => ({ control: track.kind, clockRate: track.timescale })) };
}

function clipTracks(clip: Clip): readonly [VideoTrack, AudioTrack] {
  const { codec, config, codecString, width, height } = clip.description;
  const { sampleRate, channelConfiguration } = clip.audioConfig;
  return [
    {
      kind: "video",
      id: 0,
      codec,
      timescale: VIDEO_CLOCK,
      config,
      codecString,
      language: "und",
      width,
      height,
      frameRate: CLIP_FRAMES_PER_SECOND,
    },
    {
      kind: "audio",
      id: 1,
      codec: "aac",
      timescale: sampleRate,
      config: encodeAudioSpecificConfig(clip.audioConfig),
      codecString: "",
      language: "und",
      sampleRate,
      channels: channelConfiguration,
    },
  ];
}

/** Sends the clip to one player until it is gone. */
function playClip(clip: Clip, clock: Clock, session: PlaySession): () => void {
  const [video, audio] = clipTracks(clip).map((track, i) => {
    const format = trackFormat(track, 96 + i);
    if (format === undefined) throw new Error(`Demo clip: RTP does not carry ${track.codec}`);
    const o = { ssrc: i + 1, sequence: 0, timestampOffset: 0 };
    return new TrackSender(track, format, o, (packet) => session.send(i, packet));
  });
  const sampleRate = clip.audioConfig.sampleRate;
  const started = clock.mono();
  let pictures = 0;
  let sounds = 0;
  let cancel = () => {};
  const pace = () => {
    const elapsed = (clock.mono() - started) / 1000;
    for (; pictures <= elapsed * CLIP_FRAMES_PER_SECOND; pictures++) {
      const frame = clip.video[pictures % clip.video.length];
      if (frame !== undefined) video?.frame(frame.data, ticks(pictures * VIDEO_TICKS), frame.key);
    }
    for (; sounds * AAC_SAMPLES <= elapsed * sampleRate; sounds++) {
      const unit = clip.audio[sounds % clip.audio.length];
      if (unit !== undefined) audio?.frame(unit, ticks(sounds * AAC_SAMPLES), true);
    }
    cancel = clock.after(PACE_MILLIS, pace);
  };
  pace();
  return () => cancel();
}
