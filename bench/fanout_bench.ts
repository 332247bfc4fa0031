/**
 * What a live segment, part and playlist cost to give out, in CPU time, beside nginx serving the same bytes as files:
 * `wrk` on core 1 asks the servers on core 0 in turn. `ratio` is requests per second of CPU time of our processes, all
 * threads and the camera's stream included, divided by nginx's; each by its best round, as the machine may do other work.
 */
import { BINARY, startFogcast } from "../tests/peers/fogcast.ts";
import { Cameras, streamsYaml } from "./camera.ts";
import { HttpClient } from "./http_client.ts";
import { printMeasurement } from "./measurement.ts";
import { startNginx } from "./nginx.ts";
import { cpuSeconds, processTree } from "./proc_stat.ts";

const ROUNDS = 3;
const SECONDS = 2;
const CONNECTIONS = 64;
const SERVER_CORE = ["taskset", "-c", "0"];
const CLIENT_CORE = ["taskset", "-c", "1"];

interface Run {
  readonly requests: number;
  readonly bytes: number;
  readonly cpu: number;
}

/** Loads `url` for some seconds and takes the server's CPU time over them. */
async function load(url: string, pids: readonly number[], seconds: number): Promise<Run> {
  const before = cpuSeconds(pids);
  const options = ["-t1", `-c${CONNECTIONS}`, `-d${seconds}s`, "--timeout", "10s"];
  const wrk = Bun.spawn([...CLIENT_CORE, "wrk", ...options, url], { stdout: "pipe" });
  const said = await new Response(wrk.stdout).text();
  const cpu = cpuSeconds(pids) - before;
  const total = /(\d+) requests in [\d.]+\w+, ([\d.]+)([KMGT]?)B read/.exec(said);
  if (total === null || /Non-2xx|Socket errors/.test(said)) throw new Error(`${url}\n${said}`);
  const scale = 1024 ** " KMGT".indexOf(total[3] || " ");
  return { requests: Number(total[1]), bytes: Number(total[2]) * scale, cpu };
}

/** The round that was disturbed least by whatever else runs on the machine. */
const best = (runs: readonly Run[]): Run =>
  runs.reduce((a, b) => (a.requests / a.cpu > b.requests / b.cpu ? a : b));

const cameras = await Cameras.start(1, 4_000_000);
const server = await startFogcast(streamsYaml(cameras, 1, { window: "60s" }), [
  ...SERVER_CORE,
  BINARY,
]);
const http = await HttpClient.connect(server.url);
const folder = "hls/cam0/0";
await http.text("/hls/cam0/index.m3u8");
let playlist = "";
while (!/^(\d+)\.m4s$/m.test(playlist)) {
  await Bun.sleep(500);
  playlist = await http.text(`/${folder}/index.m3u8`);
}
const msn = /^(\d+)\.m4s$/m.exec(playlist)?.[1];
const paths = {
  segment: `${folder}/${msn}.m4s`,
  part: `${folder}/${msn}.1.m4s`,
  playlist: `${folder}/index.m3u8`,
};
const files = new Map<string, Uint8Array>();
for (const path of Object.values(paths)) files.set(path, (await http.get(`/${path}`)).body);
// a playlist cannot be frozen: nginx gets ours as it is just before its turn
const nginx = await startNginx(files, Number(new URL(server.url).port) - 1, SERVER_CORE);
const ours = processTree(server.pid);
for (const [name, path] of Object.entries(paths)) {
  if (name === "playlist") nginx.replace(path, (await http.get(`/${path}`)).body);
  const ourRuns: Run[] = [];
  const theirRuns: Run[] = [];
  await load(`${server.url}/${path}`, ours, 1);
  for (let round = 0; round < ROUNDS; round++) {
    ourRuns.push(await load(`${server.url}/${path}`, ours, SECONDS));
    theirRuns.push(await load(`${nginx.url}/${path}`, [nginx.pid], SECONDS));
  }
  const our = best(ourRuns);
  const their = best(theirRuns);
  printMeasurement("fanout", name, {
    bytes: nginx.size(path),
    requestsPerCpuSecond: our.requests / our.cpu,
    nginxRequestsPerCpuSecond: their.requests / their.cpu,
    MBPerCpuSecond: our.bytes / our.cpu / 1e6,
    nginxMBPerCpuSecond: their.bytes / their.cpu / 1e6,
    ratio: our.requests / our.cpu / (their.requests / their.cpu),
    bytesRatio: our.bytes / our.cpu / (their.bytes / their.cpu),
  }, { ratio: { min: 0.8 }, bytesRatio: { min: 0.8 } });
}
http.close();
await nginx.stop();
await server.stop();
cameras.close();
