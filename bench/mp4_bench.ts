/**
 * Fragmented MP4 on one core: frames of 4 Mbit/s at 25 frames/s (one key frame in 50, eight times as large) that lie in
 * shared memory, written as parts of 5 frames, segments of 2 s, and parts of AAC. ffmpeg remuxes the same kind of data
 * in the same run. One line of JSON each.
 */
import { type FragmentSample, fragmentSize, writeFragment } from "../src/wire/container/mp4/fragment.ts";
import { encodeInit } from "../src/wire/container/mp4/init.ts";
import { ffmpegSpeed, measure, VIDEO_LOAD, withInput } from "./media_load.ts";

interface Load {
  readonly name: string;
  readonly perFragment: number;
  readonly samples: FragmentSample[];
  readonly duration: number;
  /** How ffmpeg is told to cut the same way; without it ffmpeg is not asked. */
  readonly ffmpeg?: readonly string[];
}

/** Lays frames one after the other into shared memory, as the ring of a track has them. */
function layFrames(count: number, sizeOf: (i: number) => number, duration: number, keyEvery: number) {
  let total = 0;
  for (let i = 0; i < count; i++) total += sizeOf(i);
  const page = new SharedArrayBuffer(total);
  const bytes = new Uint8Array(page);
  for (let i = 0; i < total; i++) bytes[i] = (i * 7) >> 3;
  const samples: FragmentSample[] = [];
  for (let i = 0, at = 0; i < count; i++) {
    const size = sizeOf(i);
    samples.push({ data: new Uint8Array(page, at, size), duration, ptsOffset: 0, key: i % keyEvery === 0 });
    at += size;
  }
  return samples;
}

// 4 Mbit/s are 20 000 bytes a frame: 49 of a size s and one of 8 s make 50 frames.
const small = Math.floor((20_000 * 50) / 57);
const frame = (i: number) => (i % 50 === 0 ? small * 8 : small + ((i * 37) % 101));
const video = layFrames(1500, frame, 3600, 50);
const audio = layFrames(2800, (i) => 320 + ((i * 37) % 64), 1024, 1);
const byKey = ["-movflags", "empty_moov+default_base_moof+frag_keyframe"];
const byTime = ["-movflags", "empty_moov+default_base_moof", "-frag_duration", "200000"];
const loads: Load[] = [
  { name: "video, parts of 5 frames", perFragment: 5, samples: video, duration: 3600, ffmpeg: byTime },
  { name: "video, segments of 2 s", perFragment: 50, samples: video, duration: 3600, ffmpeg: byKey },
  { name: "AAC, parts of 10 frames", perFragment: 10, samples: audio, duration: 1024 },
];

/** Writes everything once, each fragment into an array of its own, as a response has it; answers the bytes. */
function writeAll({ samples, perFragment, duration }: Load): number {
  let bytes = 0;
  let sequence = 1;
  for (let i = 0; i < samples.length; i += perFragment) {
    const runs = [{ id: 1, baseDts: i * duration, samples: samples.slice(i, i + perFragment) }];
    const out = new Uint8Array(fragmentSize(runs));
    bytes += writeFragment(out, 0, sequence++, runs);
  }
  return bytes;
}

/** As {@link writeAll}, but into one array that is used again: the muxer alone, without the allocator. */
function writeInPlace({ samples, perFragment, duration }: Load, out: Uint8Array): number {
  let bytes = 0;
  for (let i = 0; i < samples.length; i += perFragment) {
    const runs = [{ id: 1, baseDts: i * duration, samples: samples.slice(i, i + perFragment) }];
    bytes += writeFragment(out, 0, i, runs);
  }
  return bytes;
}

/** MB/s of ffmpeg, cutting as each load does. */
const theirs = withInput(
  VIDEO_LOAD,
  "mp4",
  (_, long) =>
    loads.map(({ ffmpeg }) => ffmpeg === undefined ? undefined : ffmpegSpeed(long, [...ffmpeg, "-f", "mp4"])),
);

for (const [i, load] of loads.entries()) {
  const out = new Uint8Array(8 << 20);
  const fresh = measure(() => writeAll(load));
  const reused = measure(() => writeInPlace(load, out));
  const fragments = Math.ceil(load.samples.length / load.perFragment);
  const bytes = writeAll(load);
  const header = load.samples.reduce((left, s) => left - s.data.length, bytes);
  console.log(JSON.stringify({
    bench: "mp4",
    name: load.name,
    MBps: Math.round(fresh),
    reusedMBps: Math.round(reused),
    bytesAFragment: Math.round(bytes / fragments),
    headerBytes: Math.round(header / fragments),
    ...(theirs[i] === undefined ? {} : { ffmpegMBps: Math.round(theirs[i]) }),
  }));
}

{
  const from = performance.now();
  let bytes = 0;
  const track = {
    kind: "video",
    id: 0,
    codec: "h264",
    timescale: 90000,
    config: new Uint8Array(40),
    codecString: "",
    language: "und",
    width: 1920,
    height: 1080,
    frameRate: 25,
  } as const;
  for (let i = 0; i < 20_000; i++) bytes = encodeInit([{ id: 1, track }]).length;
  const micros = ((performance.now() - from) * 1000) / 20_000;
  console.log(
    JSON.stringify({ bench: "mp4", name: "init segment", micros: Number(micros.toFixed(2)), bytes }),
  );
}
