/**
 * Fragmented MP4 on one core: frames of 4 Mbit/s at 25 frames/s (one key frame in 50, eight times as large) that lie in
 * shared memory, written as parts of 5 frames, segments of 2 s, and parts of AAC. ffmpeg remuxes the same kind of data
 * in the same run. One line of JSON each.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type FragmentSample, fragmentSize, writeFragment } from "../src/wire/container/mp4/fragment.ts";
import { encodeInit } from "../src/wire/container/mp4/init.ts";

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

function measure(run: () => number): { MBps: number } {
  let best = 0;
  for (let round = 0; round < 12; round++) {
    const from = performance.now();
    let bytes = 0;
    do bytes += run(); while (performance.now() - from < 60);
    best = Math.max(best, bytes / (performance.now() - from) / 1000);
  }
  return { MBps: Math.round(best) };
}

/** MB/s of CPU time in which ffmpeg copies 10 minutes of such video into fragments, less what its start takes. */
function ffmpegSpeed(cut: readonly string[]): number {
  const folder = mkdtempSync(join(tmpdir(), "fogcast-bench-"));
  try {
    const short = join(folder, "short.mp4");
    const input = join(folder, "in.mp4");
    const encode = [
      "-v",
      "error",
      "-f",
      "lavfi",
      "-i",
      "testsrc2=s=640x360:r=25",
      "-t",
      "4",
      "-c:v",
      "libx264",
    ];
    const rate = ["-preset", "ultrafast", "-b:v", "4M", "-minrate", "4M", "-maxrate", "4M", "-bufsize", "1M"];
    spawnSync("ffmpeg", [...encode, ...rate, "-x264-params", "nal-hrd=cbr:keyint=50", short]);
    spawnSync("ffmpeg", ["-v", "error", "-stream_loop", "149", "-i", short, "-c", "copy", input]);
    const time = (seconds: readonly string[]) => {
      const args = [
        "-benchmark",
        "-y",
        "-i",
        input,
        ...seconds,
        "-c",
        "copy",
        ...cut,
        "-f",
        "mp4",
        "/dev/null",
      ];
      const said = spawnSync("ffmpeg", args, { encoding: "utf8" }).stderr;
      const m = /utime=([\d.]+)s stime=([\d.]+)s/.exec(said);
      return Number(m?.[1] ?? NaN) + Number(m?.[2] ?? NaN);
    };
    const bytes = statSync(input).size;
    return Math.round(bytes / Math.max(1e-3, time([]) - time(["-t", "0.1"])) / 1e6);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

for (const load of loads) {
  const out = new Uint8Array(8 << 20);
  const fresh = measure(() => writeAll(load));
  const reused = measure(() => writeInPlace(load, out));
  const fragments = Math.ceil(load.samples.length / load.perFragment);
  const bytes = writeAll(load);
  const header = load.samples.reduce((left, s) => left - s.data.length, bytes);
  console.log(JSON.stringify({
    bench: "mp4",
    name: load.name,
    MBps: fresh.MBps,
    reusedMBps: reused.MBps,
    bytesAFragment: Math.round(bytes / fragments),
    headerBytes: Math.round(header / fragments),
    ...(load.ffmpeg === undefined ? {} : { ffmpegMBps: ffmpegSpeed(load.ffmpeg) }),
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
