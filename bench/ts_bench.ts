/**
 * MPEG-TS on one core: frames of 4 Mbit/s at 25 frames/s that lie in shared memory, written as parts, as segments and as
 * an endless stream, and read again. ffmpeg copies the same kind of data into MPEG-TS in the same run. One line of JSON
 * each.
 */
import type { Track } from "../src/media/track.ts";
import { TsDemuxer } from "../src/wire/container/ts/demux/demuxer.ts";
import { TsConstantRate } from "../src/wire/container/ts/mux/constant_rate.ts";
import type { TsFrame } from "../src/wire/container/ts/mux/frame.ts";
import { openProgram } from "../src/wire/container/ts/mux/program.ts";
import { TsStreamWriter } from "../src/wire/container/ts/mux/stream.ts";
import { TsUnitWriter } from "../src/wire/container/ts/mux/unit.ts";
import { encodeAvcConfig } from "../src/wire/codec/h264/avcc.ts";
import { ffmpegSpeed, measure, VIDEO_LOAD, withInput } from "./media_load.ts";
import { printMeasurement } from "./measurement.ts";

/** Sets of a 640 × 360 picture, as x264 writes them. */
const SPS = Uint8Array.from(Buffer.from("6764001eacd940a02ff970110000030001000003003c8f162d96", "hex"));
const PPS = Uint8Array.from(Buffer.from("68ebe3cb22c0", "hex"));
const FRAMES = 1500;

/** 4 Mbit/s are 20 000 bytes a frame: 49 of a size s and one of 8 s make 50 frames, each one NAL unit. */
function layFrames(): TsFrame[] {
  const small = Math.floor((20_000 * 50) / 57);
  const sizeOf = (i: number) => (i % 50 === 0 ? small * 8 : small + ((i * 37) % 101));
  let total = 0;
  for (let i = 0; i < FRAMES; i++) total += sizeOf(i);
  const page = new SharedArrayBuffer(total);
  const bytes = new Uint8Array(page);
  for (let i = 0; i < total; i++) bytes[i] = ((i * 7) >> 3) | 4;
  const frames: TsFrame[] = [];
  for (let i = 0, at = 0; i < FRAMES; i++) {
    const size = sizeOf(i);
    new DataView(page).setUint32(at, size - 4);
    bytes[at + 4] = i % 50 === 0 ? 0x65 : 0x41;
    const data = new Uint8Array(page, at, size);
    frames.push({ track: 0, dts: i * 3600, ptsOffset: 0, duration: 3600, key: i % 50 === 0, data });
    at += size;
  }
  return frames;
}

const track: Track = {
  kind: "video",
  id: 0,
  codec: "h264",
  timescale: 90_000,
  config: encodeAvcConfig([SPS], [PPS]),
  codecString: "avc1.64001E",
  language: "und",
  width: 640,
  height: 360,
  frameRate: 25,
};

const frames = layFrames();
const program = openProgram([track]);
const unit = new TsUnitWriter(program);
const stream = new TsStreamWriter(program);
const ffmpeg = withInput(VIDEO_LOAD, "mp4", (_, long) => ffmpegSpeed(long, ["-f", "mpegts"]));
const bars = { MBps: { min: 400 }, timesFfmpeg: { min: 1 } };

/** Writes everything in pieces of `count` frames, each into an array of its own, as a response has it. */
function units(count: number, out?: Uint8Array): number {
  let bytes = 0;
  for (let i = 0; i < FRAMES; i += count) {
    const some = frames.slice(i, i + count);
    bytes += unit.write(out ?? new Uint8Array(unit.size(some, i)), 0, some, i);
  }
  return bytes;
}

function endless(out: Uint8Array): number {
  let bytes = 0;
  for (const frame of frames) bytes += stream.write(out, 0, [frame]);
  return bytes;
}

const room = new Uint8Array(4 << 20);
for (
  const [name, run] of [
    ["write parts of 5 frames", () => units(5)],
    ["write segments of 2 s", () => units(50)],
    ["write segments of 2 s in place", () => units(50, room)],
    ["write frame by frame", () => endless(room)],
    ["write at a constant 5 Mbit/s", () => {
      let bytes = 0;
      const rate = new TsConstantRate(program, { bitsPerSecond: 5e6, send: (b) => bytes += b.length });
      for (const frame of frames) rate.write(frame);
      return bytes;
    }],
  ] as const
) {
  const MBps = measure(run);
  printMeasurement("ts", name, { MBps, ffmpegMBps: ffmpeg, timesFfmpeg: MBps / ffmpeg }, bars);
}

const file = new Uint8Array(stream.size(frames));
stream.write(file, 0, frames);
let seen = 0;
const sink = { track: () => undefined, frame: () => seen++, mishap: () => undefined };
const MBps = measure(() => {
  const demuxer = new TsDemuxer(sink);
  for (let at = 0; at < file.length; at += 1316) demuxer.push(file.subarray(at, at + 1316));
  demuxer.flush();
  return file.length;
});
printMeasurement("ts", "read datagrams of seven packets", { MBps, frames: seen > 0 ? 1 : 0 }, {
  MBps: { min: 100 },
  frames: { min: 1 },
});
