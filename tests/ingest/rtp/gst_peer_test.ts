import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { joinBytes } from "../../../src/base/bytes.ts";
import { monoMillis } from "../../../src/base/units.ts";
import { openRtpTrack } from "../../../src/ingest/rtp/rtp_track.ts";
import { RtpTimeline } from "../../../src/ingest/rtp/timeline.ts";
import type { Codec } from "../../../src/media/codec.ts";
import type { RtpFormat } from "../../../src/wire/protocol/rtp/format.ts";
import { format } from "../../wire/protocol/rtp/depacketize/collect.ts";
import { GST, gstPackets, haveGst } from "./gst_packets.ts";
import { linesLog, type RecordedFrame, RecordingSink, silentTally } from "./recording_sink.ts";

// Frames of GStreamer's own payloaders, over a real socket.
if (!haveGst) {
  const text =
    `NOT TESTED: RTP of GStreamer's payloaders, because ${GST} is missing (apt install gstreamer1.0-tools)`;
  console.error(text);
  if (process.env["CI"] === "true") throw new Error(text);
}

const VIDEO =
  "videotestsrc is-live=true num-buffers=15 pattern=ball ! video/x-raw,width=320,height=176,framerate=25/1";
const audio = (rate: number, channels: number) =>
  `audiotestsrc is-live=true num-buffers=30 samplesperbuffer=${
    rate / 50
  } ! audio/x-raw,rate=${rate},channels=${channels}`;
const HBR = { streamtype: "5", sizelength: "13", indexlength: "3", indexdeltalength: "3", config: "1190" };

interface Camera {
  readonly codec: Codec;
  readonly pipeline: string;
  readonly format: RtpFormat;
  /** Frames at least, length of each in ticks. */
  readonly frames: number;
  readonly duration: number;
}

const on = (f: RtpFormat, payloadType: number): RtpFormat => ({ ...f, payloadType });

const cameras: readonly Camera[] = [
  {
    codec: "h264",
    pipeline:
      `${VIDEO} ! x264enc tune=zerolatency speed-preset=ultrafast key-int-max=10 ! rtph264pay mtu=600 config-interval=1`,
    format: format("H264", 90_000),
    frames: 15,
    duration: 3600,
  },
  {
    codec: "h265",
    pipeline:
      `${VIDEO} ! x265enc tune=zerolatency speed-preset=ultrafast ! rtph265pay mtu=600 config-interval=1`,
    format: format("H265", 90_000),
    frames: 15,
    duration: 3600,
  },
  {
    codec: "vp8",
    pipeline: `${VIDEO} ! vp8enc deadline=1 ! rtpvp8pay mtu=300`,
    format: format("VP8", 90_000),
    frames: 15,
    duration: 3600,
  },
  {
    codec: "vp9",
    pipeline: `${VIDEO} ! vp9enc deadline=1 cpu-used=8 ! rtpvp9pay mtu=300`,
    format: format("VP9", 90_000),
    frames: 15,
    duration: 3600,
  },
  {
    codec: "jpeg",
    pipeline: `${VIDEO},format=I420 ! jpegenc ! rtpjpegpay pt=26 mtu=600`,
    format: on(format("JPEG", 90_000), 26),
    frames: 15,
    duration: 3600,
  },
  {
    codec: "aac",
    pipeline: `${audio(48_000, 2)} ! audioconvert ! avenc_aac ! rtpmp4gpay`,
    format: format("MPEG4-GENERIC", 48_000, HBR, 2),
    frames: 25,
    duration: 1024,
  },
  {
    codec: "aac",
    pipeline: `${audio(48_000, 2)} ! audioconvert ! avenc_aac ! rtpmp4apay`,
    format: format("MP4A-LATM", 48_000, { cpresent: "0", config: "400023203fc0" }, 2),
    frames: 25,
    duration: 1024,
  },
  {
    codec: "alaw",
    pipeline: `${audio(8000, 1)} ! alawenc ! rtppcmapay`,
    format: on(format("PCMA", 8000), 8),
    frames: 4,
    duration: 0,
  },
  {
    codec: "ulaw",
    pipeline: `${audio(8000, 1)} ! mulawenc ! rtppcmupay`,
    format: on(format("PCMU", 8000), 0),
    frames: 4,
    duration: 0,
  },
  {
    codec: "l16",
    pipeline: `${audio(44_100, 2)} ! audioconvert ! audio/x-raw,format=S16BE ! rtpL16pay`,
    format: format("L16", 44_100, {}, 2),
    frames: 30,
    duration: 0,
  },
  {
    codec: "opus",
    pipeline: `${audio(48_000, 2)} ! opusenc ! rtpopuspay`,
    format: format("OPUS", 48_000, {}, 2),
    frames: 28,
    duration: 960,
  },
  {
    codec: "mp3",
    pipeline: `${audio(44_100, 2)} ! audioconvert ! lamemp3enc ! mpegaudioparse ! rtpmpapay pt=14`,
    format: on(format("MPA", 90_000), 14),
    frames: 10,
    duration: 1152,
  },
];

describe.skipIf(!haveGst)("RTP of GStreamer", () => {
  for (const c of cameras) {
    test(`${c.format.encoding} comes out as ${c.codec} frames`, async () => {
      const packets = await gstPackets(c.pipeline, 8000);
      const sink = new RecordingSink();
      const tally = silentTally();
      const start = packets[0]!.at;
      const track = openRtpTrack(c.format, {
        id: 3,
        ordered: false,
        timeline: new RtpTimeline(monoMillis(start)),
        sink,
        tally,
        log: linesLog([]),
      });
      for (const p of packets) {
        track.receive(p.bytes, monoMillis(p.at));
        await Promise.resolve();
      }
      track.flush(monoMillis(packets.at(-1)!.at));
      await new Promise((done) => setTimeout(done, 0));
      expect([...tally.totals()]).toEqual([]);
      expect(track.counters).toMatchObject({ packets: packets.length, lost: 0, damaged: 0 });
      expect(sink.tracks.length).toBe(1);
      expect(sink.tracks[0]).toMatchObject({ id: 3, codec: c.codec });
      const track0 = sink.tracks[0]!;
      if (track0.kind === "video") expect(track0).toMatchObject({ width: 320, height: 176 });
      expect(sink.frames.length).toBeGreaterThanOrEqual(c.frames);
      expect(sink.frames[0]!.key).toBe(true);
      check(sink.frames, c.duration);
      if (c.codec === "jpeg") decodeJpeg(sink.frames);
    }, 20_000);
  }
});

function check(frames: readonly RecordedFrame[], duration: number): void {
  for (let i = 1; i < frames.length; i++) {
    const [before, frame] = [frames[i - 1]!, frames[i]!];
    expect(frame.dts).toBeGreaterThan(before.dts);
    expect(frame.discontinuity).toBe(false);
    if (duration === 0) expect(frame.dts - before.dts).toBe(before.duration);
    else expect(frame.duration).toBe(duration);
  }
}

/** The images must be whole to a decoder that was not written here. */
function decodeJpeg(frames: readonly RecordedFrame[]): void {
  if (!existsSync("/usr/bin/ffmpeg")) {
    return console.error("NOT TESTED: JPEG against ffmpeg, which is missing");
  }
  const run = spawnSync("/usr/bin/ffmpeg", ["-v", "error", "-f", "mjpeg", "-i", "-", "-f", "framemd5", "-"], {
    input: joinBytes(frames.map((f) => f.data)),
  });
  expect(run.stderr.toString()).toBe("");
  const lines = run.stdout.toString().split("\n").filter((l) => l !== "" && !l.startsWith("#"));
  expect(lines.length).toBe(frames.length);
}
