// Packets per second through RtpTrack into a sink that throws away: streams of 4 Mbit/s, 25 frames/s, H.264.
import { monoMillis } from "../src/base/units.ts";
import { makeLog } from "../src/base/log.ts";
import { Tally } from "../src/base/tally.ts";
import type { FrameSink } from "../src/ingest/frame_sink.ts";
import { openRtpTrack } from "../src/ingest/rtp/rtp_track.ts";
import { RtpTimeline } from "../src/ingest/rtp/timeline.ts";
import { PacketWriter } from "../src/wire/protocol/rtp/packetize/packetizer.ts";
import { H264Packetizer } from "../src/wire/protocol/rtp/packetize/h264.ts";

const STREAMS = 16;
const SECONDS = 60;
const FRAMES = 25;
const BITS_PER_SECOND = 4_000_000;

// A group of one second: a key frame of ten times the size of the others, as cameras send it.
const unit = BITS_PER_SECOND / 8 / (FRAMES + 9);
const SETS = "Z0IAKeKQCgDLYC3AQEBpB4kRUA==,aM48gA==";
const packets: { bytes: Uint8Array; frame: number }[] = [];
let frame = 0;
const writer = new PacketWriter(
  { payloadType: 96, ssrc: 1, sequence: 0 },
  (bytes) => packets.push({ bytes: bytes.slice(), frame }),
);
const packetizer = new H264Packetizer(writer);
for (; frame < FRAMES; frame++) {
  const size = Math.floor(frame === 0 ? unit * 10 : unit);
  const data = new Uint8Array(4 + size);
  // No start codes among the filling.
  for (let i = 4; i < data.length; i++) data[i] = ((i * 37) & 0x7f) | 0x80;
  new DataView(data.buffer).setUint32(0, size);
  data.set(frame === 0 ? [0x65, 0x88, 0x84, 0x00, 0x33] : [0x41, 0x9a, 0x24, 0x6c, 0x41], 4);
  packetizer.frame(data, frame * 3600, false);
}

let frames = 0;
let bytes = 0;
const sink: FrameSink = {
  addTrack: () =>
    Promise.resolve({
      update: () => {},
      write: (_info, data) => {
        frames++;
        bytes += data.length;
      },
    }),
  wallClock: () => {},
};
const tally = new Tally(console.error);
const log = makeLog((l) => console.error(l.message), { stream: "", part: "", least: "info" }, () => 0);
const format = {
  payloadType: 96,
  encoding: "H264",
  clockRate: 90_000,
  channels: 1,
  fmtp: new Map([["sprop-parameter-sets", SETS]]),
};
const tracks = Array.from(
  { length: STREAMS },
  () =>
    openRtpTrack(format, {
      id: 0,
      ordered: false,
      timeline: new RtpTimeline(monoMillis(0)),
      sink,
      tally,
      log,
    }),
);

let sequence = 0;
let sent = 0;
const millis: number[] = [];
for (let second = 0; second < SECONDS; second++) {
  const start = performance.now();
  for (const { bytes: packet, frame: n } of packets) {
    const timestamp = (second * FRAMES + n) * 3600;
    packet[2] = sequence >> 8;
    packet[3] = sequence;
    sequence = (sequence + 1) & 0xffff;
    for (let i = 0; i < 4; i++) packet[4 + i] = timestamp >>> (24 - 8 * i);
    const now = monoMillis(second * 1000 + n * 40);
    for (const track of tracks) track.receive(packet, now);
    sent += STREAMS;
  }
  millis.push(performance.now() - start);
  await Promise.resolve();
}
tally.flush();
// The first seconds warm the compiler up.
const steady = millis.slice(10);
const perSecond = steady.reduce((a, b) => a + b, 0) / steady.length;
console.log(JSON.stringify({
  bench: "rtp",
  streams: STREAMS,
  packets: sent,
  frames,
  megabytes: Math.round(bytes / 1e6),
  packetsPerSecond: Math.round((packets.length * STREAMS) / (perSecond / 1000)),
  megabitsPerSecond: Math.round((STREAMS * BITS_PER_SECOND) / 1e6 / (perSecond / 1000)),
  corePercentPerStream: Number((perSecond / 10 / STREAMS).toFixed(3)),
}));
