/**
 * Ten minutes of one camera, taken by ffmpeg over every output beside one another: how far sound and picture have moved
 * apart by the end, the longest gap in each, and continuity errors. `MINUTES=1` for a shorter run. Not one of those that
 * `run_all.ts` runs.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startClipCamera } from "../tests/peers/clip_camera.ts";
import { startFogcast, until } from "../tests/peers/fogcast.ts";
import { checkTr101290 } from "../tests/peers/tr101290.ts";
import { printMeasurement } from "./measurement.ts";

const SECONDS = Number(process.env["MINUTES"] ?? 10) * 60;
/** What a gap may be longer than a frame, ms: less than half a frame, so that none is missing. */
const GAP_MILLIS = 10;
const VIDEO_MILLIS = 40;
const AUDIO_MILLIS = 1024 / 48;

const outputs: readonly { readonly name: string; readonly path: string; readonly file: string }[] = [
  { name: "TS", path: "/cam.ts", file: "out.ts" },
  { name: "MP4", path: "/cam.mp4", file: "out.mp4" },
  { name: "Matroska", path: "/cam.mkv", file: "out.mkv" },
  { name: "FLV", path: "/cam.flv", file: "out.flv" },
  { name: "LL-HLS", path: "/hls/cam/index.m3u8", file: "hls.mkv" },
  { name: "HLS over TS", path: "/hls/cam/index.m3u8?container=ts", file: "hls_ts.mkv" },
  { name: "DASH", path: "/cmaf/cam/index.mpd", file: "dash.mkv" },
];

const folder = await mkdtemp(join(tmpdir(), "fogcast-drift-"));
const camera = await startClipCamera();
const server = await startFogcast(`streams:\n  cam: { source: "${camera.url("cam")}", alwaysOn: true }\n`);
let held = true;
try {
  await until(
    10_000,
    "a playlist",
    async () => (await fetch(`${server.url}/hls/cam/index.m3u8`)).ok || undefined,
  );
  await Promise.all(outputs.map(async ({ path, file }) => {
    const command = [
      "ffmpeg",
      "-v",
      "error",
      "-i",
      server.url + path,
      "-t",
      String(SECONDS),
      "-map",
      "0:v:0",
      "-map",
      "0:a:0",
    ];
    const child = Bun.spawn([...command, "-c", "copy", join(folder, file)], {
      stdin: "ignore",
      stderr: "pipe",
    });
    const said = await new Response(child.stderr).text();
    if (await child.exited !== 0) throw new Error(`${path}: ${said}`);
  }));
  // as it left the server: ffmpeg above writes counters of its own
  const raw = await take(`${server.url}/cam.ts`, Math.min(SECONDS, 60));
  for (const { name, file } of outputs) {
    const [video, audio] = await Promise.all([times(file, "v:0"), times(file, "a:0")]);
    const between = (a: readonly number[], b: readonly number[]) =>
      (b.at(-1) as number) - (a.at(-1) as number) - ((b[0] as number) - (a[0] as number));
    held = printMeasurement("drift", name, {
      unit: "ms",
      seconds: ((video.at(-1) as number) - (video[0] as number)) / 1000,
      // what is left of the last frames' own lengths is no drift
      drift: Math.abs(driftOf(audio, AUDIO_MILLIS) - driftOf(video, VIDEO_MILLIS)),
      apart: Math.abs(between(video, audio)),
      videoGap: longest(video) - VIDEO_MILLIS,
      audioGap: longest(audio) - AUDIO_MILLIS,
    }, { drift: { max: 10 }, videoGap: { max: GAP_MILLIS }, audioGap: { max: GAP_MILLIS } }) &&
      held;
  }
  const report = checkTr101290(raw, { tablesMillis: 500, pcrMillis: 100 });
  const errors = [...report.errors.values()].reduce((sum, n) => sum + n, 0);
  held = printMeasurement("drift", "errors of TR 101 290 as it is sent", {
    packets: report.packets,
    errors,
    pcrMillis: report.pcrInterval,
  }, { errors: { max: 0 } }) && held;
  if (errors > 0) console.error(Object.fromEntries(report.first));
} finally {
  await server.stop();
  camera.close();
  await rm(folder, { recursive: true, force: true });
}
process.exit(held ? 0 : 1);

/** Presentation times of a track's packets, ms, in order; each once: ffmpeg 5.1 fetches segments of live DASH twice. */
async function times(file: string, stream: string): Promise<number[]> {
  const child = Bun.spawn(
    [
      "ffprobe",
      "-v",
      "error",
      "-select_streams",
      stream,
      "-show_entries",
      "packet=pts_time",
      "-of",
      "csv=p=0",
      join(folder, file),
    ],
    { stdout: "pipe", stderr: "ignore" },
  );
  const text = await new Response(child.stdout).text();
  const all = text.split("\n").filter((line) => /\d/.test(line)).map((line) =>
    Number.parseFloat(line) * 1000
  );
  return [...new Set(all)].sort((a, b) => a - b);
}

/** How much more time has passed than the frames last. */
function driftOf(at: readonly number[], frameMillis: number): number {
  return (at.at(-1) as number) - (at[0] as number) - (at.length - 1) * frameMillis;
}

function longest(at: readonly number[]): number {
  return at.reduce((most, t, n) => n === 0 ? most : Math.max(most, t - (at[n - 1] as number)), 0);
}

/** An endless answer's first seconds. */
async function take(url: string, seconds: number): Promise<Uint8Array> {
  const abort = new AbortController();
  const answer = await fetch(url, { signal: abort.signal });
  const chunks: Uint8Array[] = [];
  const end = performance.now() + seconds * 1000;
  for await (const chunk of answer.body as ReadableStream<Uint8Array>) {
    chunks.push(chunk);
    if (performance.now() > end) break;
  }
  abort.abort();
  const whole = new Uint8Array(chunks.reduce((sum, c) => sum + c.length, 0));
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.length;
  }
  return whole.subarray(0, whole.length - whole.length % 188);
}
