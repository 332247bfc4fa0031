/**
 * A 2 Mbit/s stream as endless files: how long from the last byte of a frame handed to the camera's socket until that
 * frame is in a viewer's hands, with one viewer and with a thousand others beside; what a viewer costs in memory and CPU
 * time; that nobody falls behind; and what twenty viewers cost that do not read.
 */
import { BINARY, startFogcast } from "../tests/peers/fogcast.ts";
import { Cameras, streamsYaml } from "./camera.ts";
import { percentile, printMeasurement } from "./measurement.ts";
import { cpuSeconds, memory, processTree } from "./proc_stat.ts";
import { ProgressiveClient } from "./progressive_client.ts";

const BITS = 2_000_000;
const VIEWERS = 1000;
const STALLED = 20;
const SETTLE_MILLIS = 4000;
const MEASURE_MILLIS = 8000;
const KB = 1024;

interface Round {
  readonly latencies: readonly number[];
  readonly private: number;
  readonly cpuPercent: number;
}

const cameras = await Cameras.start(1, BITS);
const server = await startFogcast(streamsYaml(cameras, 1, { window: "10s" }), [BINARY]);
const pids = processTree(server.pid);
const url = `${server.url}/cam0.mp4`;
let latencies: number[] = [];

function watch(): Promise<ProgressiveClient> {
  let newest = -1;
  return ProgressiveClient.open(url, (client) => {
    const sentAt = cameras.sentAt(0, client.tail);
    const { frame } = client;
    if (sentAt === undefined || !(frame > newest)) return;
    newest = frame;
    latencies.push(performance.now() - sentAt);
  });
}

/** What the server takes, and how long frames take, over some seconds. */
async function measure(): Promise<Round> {
  await Bun.sleep(SETTLE_MILLIS);
  latencies = [];
  const cpu = cpuSeconds(pids), from = performance.now();
  await Bun.sleep(MEASURE_MILLIS);
  return {
    latencies,
    private: memory(pids).private,
    cpuPercent: (cpuSeconds(pids) - cpu) / ((performance.now() - from) / 100_000),
  };
}

/** Viewers in another process, and what they say in the end. */
async function withViewers(count: number, stalled: number) {
  const viewers = Bun.spawn([
    process.execPath,
    `${import.meta.dir}/progressive_viewers.ts`,
    url,
    `${count}`,
    `${stalled}`,
  ], { stdout: "pipe" });
  const output = viewers.stdout.getReader();
  await output.read();
  const round = await measure();
  viewers.kill("SIGTERM");
  const said = await output.read();
  await viewers.exited;
  const told = JSON.parse(new TextDecoder().decode(said.value)) as Record<
    "bytes" | "closed" | "behind",
    number
  >;
  return { ...round, ...told };
}

const times = ({ latencies }: Round) => ({
  frames: latencies.length,
  p50Millis: percentile(latencies, 0.5),
  p99Millis: percentile(latencies, 0.99),
  maxMillis: Math.max(...latencies),
});

await Bun.sleep(4000);
const watcher = await watch();
const alone = await measure();
printMeasurement("progressive", "1 viewer", { ...times(alone), cpuPercent: alone.cpuPercent }, {
  p50Millis: { max: 3 },
  p99Millis: { max: 30 },
});
const many = await withViewers(VIEWERS, 0);
printMeasurement("progressive", `${VIEWERS} viewers`, {
  ...times(many),
  viewerKB: (many.private - alone.private) / VIEWERS / KB,
  cpuPercent: many.cpuPercent,
  viewerCpuPercent: (many.cpuPercent - alone.cpuPercent) / VIEWERS,
  closed: many.closed,
  behindFrames: many.behind,
}, {
  viewerKB: { max: 50 },
  closed: { max: 0 },
  behindFrames: { max: 25 },
  p99Millis: { max: 250 },
});
const slow = await withViewers(STALLED + 1, STALLED);
printMeasurement("progressive", `${STALLED} viewers that do not read`, {
  ...times(slow),
  stalledKB: (slow.private - many.private) / STALLED / KB,
}, { stalledKB: { max: 1024 } });
watcher.close();
await server.stop();
cameras.close();
