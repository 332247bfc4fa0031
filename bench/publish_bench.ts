/**
 * What publishers cost: ffmpeg publishes a clip of 2 Mbit/s over RTSP, once and ten times, into the door alone in this
 * process, which writes the frames into pages. CPU time of the process once it has settled.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Tally } from "../src/base/tally.ts";
import { createStreamPage } from "../src/buffer/stream_page.ts";
import { StreamWriter } from "../src/buffer/stream_writer.ts";
import { createTrackPage } from "../src/buffer/track_page.ts";
import { systemClock } from "../src/host/clock.ts";
import { InputMeter } from "../src/ingest/input_meter.ts";
import { readAnnounced, RtspPublication } from "../src/ingest/rtsp/publication.ts";
import { serveRtsp } from "../src/link/rtsp/server.ts";
import { printMeasurement } from "./measurement.ts";

const SETTLE_MILLIS = 15_000;
const MEASURE_MILLIS = 15_000;
const PAGE_BYTES = 8 * 1024 * 1024;

const quiet = { debug() {}, info() {}, warn() {}, error() {}, debugging: false };
const tally = new Tally(() => {});
const meter = new InputMeter();
const server = await serveRtsp({
  host: "127.0.0.1",
  port: 0,
  clock: systemClock,
  log: quiet,
  describe: () => undefined,
  announce(_asked, sdp) {
    const medias = readAnnounced(sdp);
    if (medias === undefined) return { status: 415, reason: "nothing in it" };
    const writer = new StreamWriter({
      page: createStreamPage(),
      tracks: [],
      allocate: (_id, kind) => Promise.resolve(createTrackPage(kind, PAGE_BYTES)),
      settings: { segmentMillis: 2000, partMillis: 200, windowMillis: 30_000, maxBytesPerTrack: PAGE_BYTES },
      now: () => systemClock.mono(),
      wall: () => systemClock.wall(),
    });
    return new RtspPublication(medias, {
      clock: systemClock,
      log: quiet,
      tally,
      meter,
      begin: () => writer.begin(),
      online() {},
      stopped: () => writer.end(),
    });
  },
});
const folder = mkdtempSync(join(tmpdir(), "fogcast-publish-"));
const clip = join(folder, "clip.mp4");
const picture = "-f lavfi -i testsrc2=s=640x360:r=25 -t 10 -pix_fmt yuv420p -c:v libx264 -preset ultrafast";
const rate = "-tune zerolatency -g 50 -b:v 2M -minrate 2M -maxrate 2M -bufsize 1M -x264-params nal-hrd=cbr";
const made = Bun.spawnSync(["ffmpeg", "-v", "error", ...picture.split(" "), ...rate.split(" "), clip]);
if (made.exitCode !== 0) throw new Error(made.stderr.toString());

async function measure(publishers: number): Promise<void> {
  const running = Array.from({ length: publishers }, (_, i) =>
    Bun.spawn([
      ..."ffmpeg -v error -re -stream_loop -1 -i".split(" "),
      clip,
      ..."-c copy -f rtsp -rtsp_transport tcp".split(" "),
      `rtsp://127.0.0.1:${server.port}/s${i}`,
    ], { stdout: "ignore", stderr: "ignore" }));
  await Bun.sleep(SETTLE_MILLIS);
  const before = { frames: meter.sum().frames, used: process.cpuUsage(), at: systemClock.mono() };
  await Bun.sleep(MEASURE_MILLIS);
  const used = process.cpuUsage(before.used);
  const seconds = (systemClock.mono() - before.at) / 1000;
  const frames = meter.sum().frames - before.frames;
  for (const publisher of running) publisher.kill("SIGKILL");
  await Promise.all(running.map((publisher) => publisher.exited));
  printMeasurement("publish", `${publishers} published over RTSP, 2 Mbit/s each`, {
    corePercent: ((used.user + used.system) / 1e6 / seconds) * 100,
    microsecondsEachFrame: (used.user + used.system) / frames,
    framesEachSecond: frames / publishers / seconds,
    unit: "%",
  }, { corePercent: { max: publishers === 1 ? 0.3 : 2.4 }, framesEachSecond: { min: 24 } });
}

await measure(1);
await measure(10);
server.close();
rmSync(folder, { recursive: true });
process.exit(0);
