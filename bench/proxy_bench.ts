/**
 * 1 000 LL-HLS viewers of one stream behind nginx, which caches with the configuration of the README: how often each part
 * and each blocked playlist is asked for here, what comes to the viewers, and what it costs both. Viewers are a process
 * of their own.
 */
import { startFogcast } from "../tests/peers/fogcast.ts";
import { readmeConfiguration, startCachingNginx } from "../tests/peers/nginx.ts";
import { Cameras, streamsYaml } from "./camera.ts";
import { printMeasurement } from "./measurement.ts";
import { cpuSeconds, processTree } from "./proc_stat.ts";

const VIEWERS = 1000;
const STREAM_BITS = 2_000_000;
const MEASURE_MILLIS = 10_000;
/** Parts of a second of the stream. */
const PARTS_PER_SECOND = 5;

const cameras = await Cameras.start(1, STREAM_BITS);
const server = await startFogcast(streamsYaml(cameras, 1));
const nginx = await startCachingNginx(readmeConfiguration().replaceAll("/cams/", "/"), server.url);
const viewers = Bun.spawn(
  [process.execPath, "run", `${import.meta.dir}/viewers.ts`, nginx.url, "cam0", String(VIEWERS)],
  { stdout: "pipe", stderr: "inherit" },
);
const lines = viewers.stdout.pipeThrough(new TextDecoderStream()).getReader();
await lines.read();
const pids = { ours: processTree(server.pid), theirs: [nginx.pid] };
const before = { ours: cpuSeconds(pids.ours), theirs: cpuSeconds(pids.theirs) };
const from = performance.now();
await Bun.sleep(MEASURE_MILLIS);
const seconds = (performance.now() - from) / 1000;
const cpu = {
  ours: (cpuSeconds(pids.ours) - before.ours) / seconds,
  theirs: (cpuSeconds(pids.theirs) - before.theirs) / seconds,
};
viewers.kill("SIGTERM");
const got = JSON.parse((await lines.read()).value ?? "{}") as {
  parts: number;
  bytes: number;
  failures: number;
};
await viewers.exited;
// 404: a part that did not come is cached for a second only
const shared = [...nginx.counts()].filter(([path, { viewers }]) =>
  viewers > 1 && /\.m4s$|_HLS_msn/.test(path)
);
const upstream = shared.reduce((sum, [, count]) => sum + count.upstream, 0);
printMeasurement("proxy", `${VIEWERS} viewers behind nginx`, {
  addresses: shared.length,
  requestsOfViewers: shared.reduce((sum, [, count]) => sum + count.viewers, 0),
  upstreamPerAddress: upstream / shared.length,
  partsOfAll: got.parts / (VIEWERS * PARTS_PER_SECOND * seconds),
  failures: got.failures,
  cpuPercent: cpu.ours * 100,
  nginxCpuPercent: cpu.theirs * 100,
}, { upstreamPerAddress: { max: 1.05 }, failures: { max: 0 } });
await nginx.stop();
await server.stop();
cameras.close();
