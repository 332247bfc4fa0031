/**
 * Memory and CPU of the server, all its processes: with 0, 1 and 16 streams of 4 Mbit/s that nobody watches, and with 0,
 * 100 and 1000 LL-HLS viewers of one stream. Memory is measured once the window is full. Viewers ask for the video's
 * parts one by one, each over a connection of its own; they run in another process, as do the cameras.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BINARY, type RunningFogcast, startCommand, startFogcast } from "../tests/peers/fogcast.ts";
import { Cameras, streamsYaml } from "./camera.ts";
import { type Bars, median, printMeasurement } from "./measurement.ts";
import { cpuSeconds, memory, processTree } from "./proc_stat.ts";

const MB = 1024 * 1024;
const WINDOW_SECONDS = 10;
const STREAM_BITS = 4_000_000;
/** How much longer than the window streams run before memory is measured. */
const SETTLE_MILLIS = 4000;
const MEASURE_MILLIS = 6000;

interface Footprint {
  readonly resident: number;
  readonly proportional: number;
  readonly private: number;
  /** Share of one core. */
  readonly cpu: number;
}

/** Takes memory once a second for some seconds (the median of it counts), and the CPU time over them. */
async function measure(server: RunningFogcast): Promise<Footprint> {
  const pids = processTree(server.pid);
  const cpu = cpuSeconds(pids);
  const from = performance.now();
  const taken: ReturnType<typeof memory>[] = [];
  while (performance.now() - from < MEASURE_MILLIS) {
    await Bun.sleep(1000);
    taken.push(memory(pids));
  }
  return {
    resident: median(taken.map((m) => m.resident)),
    proportional: median(taken.map((m) => m.proportional)),
    private: median(taken.map((m) => m.private)),
    cpu: (cpuSeconds(pids) - cpu) / ((performance.now() - from) / 1000),
  };
}

function print(name: string, at: Footprint, more: Record<string, number> = {}, bars: Bars = {}): void {
  printMeasurement("footprint", name, {
    residentMB: at.resident / MB,
    proportionalMB: at.proportional / MB,
    privateMB: at.private / MB,
    cpuPercent: at.cpu * 100,
    ...more,
  }, bars);
}

/** Without streams, as it is started by hand: all other measurements leave the guardian away. */
async function guarded(): Promise<Footprint> {
  const folder = mkdtempSync(join(tmpdir(), "fogcast-bench-"));
  const config = join(folder, "fogcast.yaml");
  writeFileSync(config, "http:\n  listen: 127.0.0.1:0\n");
  const server = await startCommand([BINARY, "serve", "--config", config]);
  await Bun.sleep(SETTLE_MILLIS);
  const footprint = await measure(server);
  await server.stop();
  rmSync(folder, { recursive: true });
  return footprint;
}

async function withStreams(count: number): Promise<Footprint> {
  const cameras = await Cameras.start(count, STREAM_BITS);
  const server = await startFogcast(streamsYaml(cameras, count, { window: `${WINDOW_SECONDS}s` }));
  await Bun.sleep(SETTLE_MILLIS + (count === 0 ? 0 : WINDOW_SECONDS * 1000));
  const footprint = await measure(server);
  await server.stop();
  cameras.close();
  return footprint;
}

print("idle, with its guardian", await guarded(), {}, {
  residentMB: { max: 80 },
  proportionalMB: { max: 45 },
});
print("idle", await withStreams(0));
const one = await withStreams(1);
print("1 stream", one);
const sixteen = await withStreams(16);
const windowMB = (WINDOW_SECONDS * STREAM_BITS) / 8 / MB;
print("16 streams", sixteen, {
  furtherStreamMB: (sixteen.resident - one.resident) / 15 / MB - windowMB,
  furtherStreamCpuPercent: ((sixteen.cpu - one.cpu) / 15) * 100,
  windowMB,
}, { furtherStreamMB: { max: 6 }, furtherStreamCpuPercent: { max: 1.5 } });

{
  const cameras = await Cameras.start(1, 0);
  const server = await startFogcast(streamsYaml(cameras, 1, { window: `${WINDOW_SECONDS}s` }));
  await Bun.sleep(SETTLE_MILLIS + WINDOW_SECONDS * 1000);
  let alone: Footprint | undefined;
  for (const count of [0, 1, 100, 1000]) {
    const viewers = Bun.spawn([
      process.execPath,
      `${import.meta.dir}/viewers.ts`,
      server.url,
      "cam0",
      `${count}`,
    ], {
      stdout: "pipe",
    });
    const output = viewers.stdout.getReader();
    await output.read();
    await Bun.sleep(SETTLE_MILLIS);
    const at = await measure(server);
    viewers.kill("SIGTERM");
    const said = await output.read();
    await viewers.exited;
    const { parts, failures } = JSON.parse(new TextDecoder().decode(said.value)) as Record<string, number>;
    if (count === 1) alone = at;
    const perViewer = alone === undefined || count <= 1 ? {} : {
      furtherViewerKB: (at.resident - alone.resident) / (count - 1) / 1024,
      furtherViewerCpuPercent: ((at.cpu - alone.cpu) / (count - 1)) * 100,
    };
    const bars: Bars = count <= 1 ? {} : { furtherViewerKB: { max: 50 }, failures: { max: 0 } };
    print(`${count} viewers`, at, { parts: parts ?? 0, failures: failures ?? 0, ...perViewer }, bars);
  }
  await server.stop();
  cameras.close();
}
