/**
 * MP4 over WebSockets, 2 Mbit/s: how long from the last byte of a frame handed to the camera's socket until the message
 * with that frame is in a viewer's hands, with one viewer and with a thousand others beside; what a viewer costs in
 * memory and CPU time; that nobody falls behind; and what twenty viewers cost that do not read.
 */
import { BINARY, startFogcast } from "../tests/peers/fogcast.ts";
import { Cameras, streamsYaml } from "./camera.ts";
import { percentile, printMeasurement } from "./measurement.ts";
import { cpuSeconds, memory, processTree } from "./proc_stat.ts";
import { WsClient } from "./ws_client.ts";

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
const url = `${server.url.replace("http", "ws")}/cam0.mp4`;
let latencies: number[] = [];

/** A viewer whose frames are timed. */
async function watch(): Promise<WsClient> {
  const watcher = await WsClient.connect(url, ({ tail, lastAt }) => {
    const sentAt = cameras.sentAt(0, tail);
    if (sentAt !== undefined) latencies.push(lastAt - sentAt);
  });
  watcher.send('{"type":"play"}');
  return watcher;
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
    `${import.meta.dir}/socket_viewers.ts`,
    url,
    `${count}`,
    `${stalled}`,
  ], { stdout: "pipe" });
  const output = viewers.stdout.getReader();
  await output.read();
  // Of all viewers the last to be served.
  const watcher = await watch();
  const round = await measure();
  watcher.close();
  viewers.kill("SIGTERM");
  const said = await output.read();
  await viewers.exited;
  const told = JSON.parse(new TextDecoder().decode(said.value)) as Record<
    "messages" | "bytes" | "skipped" | "closed" | "behind",
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

const first = await watch();
await Bun.sleep(10_000);
const alone = await measure();
first.close();
printMeasurement("mp4 socket", "1 viewer", { ...times(alone), cpuPercent: alone.cpuPercent }, {
  p50Millis: { max: 3 },
});
const many = await withViewers(VIEWERS, 0);
printMeasurement("mp4 socket", `${VIEWERS} viewers`, {
  ...times(many),
  messagesPerSecond: many.messages / ((SETTLE_MILLIS + MEASURE_MILLIS) / 1000),
  viewerKB: (many.private - alone.private) / VIEWERS / KB,
  viewerCpuPercent: (many.cpuPercent - alone.cpuPercent) / VIEWERS,
  skipped: many.skipped,
  closed: many.closed,
  behindFrames: many.behind,
}, {
  viewerKB: { max: 50 },
  skipped: { max: 0 },
  closed: { max: 0 },
  behindFrames: { max: 25 },
  p99Millis: { max: 250 },
});
const slow = await withViewers(STALLED + 1, STALLED);
printMeasurement("mp4 socket", `${STALLED} viewers that do not read`, {
  ...times(slow),
  stalledKB: (slow.private - alone.private) / STALLED / KB,
  readersSkipped: slow.skipped,
}, { stalledKB: { max: 2048 }, readersSkipped: { max: 0 } });
await server.stop();
cameras.close();
