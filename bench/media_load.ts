/** Media that benchmarks of containers write, and how fast ffmpeg copies the same. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFile, MP4BoxBuffer } from "mp4box";

const VIDEO = [
  ...[
    "-f",
    "lavfi",
    "-i",
    "testsrc2=s=640x360:r=25",
    "-map",
    "0:v",
    "-c:v",
    "libx264",
    "-preset",
    "ultrafast",
  ],
  ...["-b:v", "4M", "-minrate", "4M", "-maxrate", "4M", "-bufsize", "1M"],
  ...["-x264-params", "nal-hrd=cbr:keyint=50"],
];

function run(command: string, args: readonly string[]): string {
  const done = spawnSync(command, args, { encoding: "utf8" });
  if (done.status !== 0) throw new Error(`${command} ${args.join(" ")}: ${done.stderr.slice(-500)}`);
  return done.stderr;
}

/** One access unit of a track as it lies in the file. */
export interface LoadSample {
  readonly data: Uint8Array;
  readonly dts: number;
  readonly duration: number;
  readonly ptsOffset: number;
  readonly key: boolean;
}

/** A clip of four seconds and a file that repeats it for ten minutes; `use` may read both. */
export function withInput<T>(
  encode: readonly string[],
  extension: string,
  use: (short: string, long: string) => T,
): T {
  const folder = mkdtempSync(join(tmpdir(), "fogcast-bench-"));
  try {
    const short = join(folder, `short.${extension}`);
    const long = join(folder, `long.${extension}`);
    run("ffmpeg", ["-v", "error", ...encode, "-t", "4", short]);
    run("ffmpeg", ["-v", "error", "-stream_loop", "149", "-i", short, "-map", "0", "-c", "copy", long]);
    return use(short, long);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Video of 4 Mbit/s, 25 frames/s, a key frame every two seconds. */
export const VIDEO_LOAD: readonly string[] = VIDEO;
/** The same with AAC of 128 kbit/s. */
export const AV_LOAD: readonly string[] = [
  ...["-f", "lavfi", "-i", "testsrc2=s=640x360:r=25", "-f", "lavfi", "-i", "sine=f=440:r=48000"],
  ...[...VIDEO.slice(4), "-map", "1:a", "-c:a", "aac", "-b:a", "128k", "-ac", "2"],
];

/** MB/s of CPU time in which ffmpeg copies a file, less what its start takes. */
export function ffmpegSpeed(input: string, output: readonly string[]): number {
  const time = (seconds: readonly string[]) => {
    const args = [
      "-benchmark",
      "-y",
      "-i",
      input,
      ...seconds,
      "-map",
      "0",
      "-c",
      "copy",
      ...output,
      "/dev/null",
    ];
    const m = /utime=([\d.]+)s stime=([\d.]+)s/.exec(run("ffmpeg", args));
    return Number(m?.[1] ?? NaN) + Number(m?.[2] ?? NaN);
  };
  const start = time(["-t", "0.1"]);
  const whole = Math.min(time([]), time([]), time([]));
  return statSync(input).size / Math.max(1e-3, whole - start) / 1e6;
}

/** The best MB/s of ten rounds; `run` answers the bytes that it wrote. */
export function measure(run: () => number): number {
  let best = 0;
  for (let round = 0; round < 10; round++) {
    const from = performance.now();
    let bytes = 0;
    do bytes += run(); while (performance.now() - from < 60);
    best = Math.max(best, bytes / (performance.now() - from) / 1000);
  }
  return best;
}

/** Samples of the tracks of an MP4 file, each track's one behind the other in shared memory, as the ring has them. */
export function readSamples(path: string): LoadSample[][] {
  const reader = createFile(true);
  reader.appendBuffer(MP4BoxBuffer.fromArrayBuffer(new Uint8Array(readFileSync(path)).buffer, 0), true);
  reader.flush();
  return reader.getInfo().tracks.map(({ id }) => {
    const infos = reader.getTrackSamplesInfo(id);
    const page = new SharedArrayBuffer(infos.reduce((n, s) => n + s.size, 0));
    let at = 0;
    return infos.map((s, i) => {
      const data = new Uint8Array(page, at, s.size);
      data.set(reader.getTrackSample(id, i)?.data ?? new Uint8Array(0));
      at += s.size;
      return { data, dts: s.dts, duration: s.duration, ptsOffset: s.cts - s.dts, key: s.is_sync };
    });
  });
}

/** Samples of a track repeated `times` over, each repetition in memory of its own. */
export function repeatSamples(samples: readonly LoadSample[], times: number): LoadSample[] {
  const span = samples.reduce((n, s) => n + s.duration, 0);
  const size = samples.reduce((n, s) => n + s.data.length, 0);
  const page = new SharedArrayBuffer(size * times);
  const out: LoadSample[] = [];
  let at = 0;
  for (let i = 0; i < times; i++) {
    for (const s of samples) {
      const data = new Uint8Array(page, at, s.data.length);
      data.set(s.data);
      at += s.data.length;
      out.push({ ...s, data, dts: s.dts + i * span });
    }
  }
  return out;
}
