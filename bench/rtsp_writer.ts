/** A thread of `rtsp_bench.ts`: one H.264 stream of 4 Mbit/s, 25 frames a second, a key frame every two seconds. */
import { ticks } from "../src/base/units.ts";
import { createStreamPage } from "../src/buffer/stream_page.ts";
import { StreamWriter } from "../src/buffer/stream_writer.ts";
import { createTrackPage } from "../src/buffer/track_page.ts";
import { systemClock } from "../src/host/clock.ts";

const FRAME_BYTES = 4_000_000 / 8 / 25;
const GROUP = 50;
/** A key frame is so many times as large as the others. */
const KEY = 5;

const page = createStreamPage();
const track = createTrackPage("video", 64 * 1024 * 1024);
const writer = new StreamWriter({
  page,
  tracks: [],
  allocate: () => Promise.resolve(track),
  settings: {
    segmentMillis: 2000,
    partMillis: 200,
    windowMillis: 20_000,
    maxBytesPerTrack: 64 * 1024 * 1024,
  },
  now: () => systemClock.mono(),
  wall: () => systemClock.wall(),
});
const sps = [0x67, 0x42, 0xc0, 0x0c, 0xd9, 0x05, 0x06, 0x7e, 0x5c, 0x04, 0x40];
const pps = [0x68, 0xcb, 0x8c, 0xb2];
const sink = await writer.begin().addTrack({
  id: 0,
  kind: "video",
  codec: "h264",
  timescale: 90_000,
  config: Uint8Array.of(1, 0x42, 0xc0, 0x0c, 0xff, 0xe1, 0, sps.length, ...sps, 1, 0, pps.length, ...pps),
  codecString: "avc1.42C00C",
  language: "und",
  width: 320,
  height: 180,
  frameRate: 25,
});
const small = FRAME_BYTES * GROUP / (GROUP + KEY - 1);
let count = 0;
const began = systemClock.mono();
const write = () => {
  const key = count % GROUP === 0;
  const size = Math.floor(key ? small * KEY : small);
  const data = new Uint8Array(4 + size).fill(0xaa);
  new DataView(data.buffer).setUint32(0, size);
  data[4] = key ? 0x65 : 0x41;
  sink.write(
    { dts: ticks(count * 3600), ptsOffset: 0, duration: 3600, key, discontinuity: false },
    data,
  );
  count++;
  systemClock.after(Math.max(0, began + count * 40 - systemClock.mono()), write);
};
write();
postMessage({ page, track });
