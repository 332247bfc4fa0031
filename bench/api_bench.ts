/**
 * What the API does in a second, over HTTP and by datagram, and what that costs viewers: how much later than a part's
 * last frame the part is in their hands, without calls, beside 1 000 calls a second, and beside 10 000 datagrams a second.
 * Callers run in a process of their own (`api_callers.ts`), the viewer here.
 */
import { type RunningFogcast, startFogcast } from "../tests/peers/fogcast.ts";
import { Cameras, streamsYaml } from "./camera.ts";
import { percentile, printMeasurement } from "./measurement.ts";
import { Viewer } from "./viewer.ts";

const SETTLE_SECONDS = 2;
const MEASURE_SECONDS = 8;
const VIEWERS = 4;
const BITS_PER_SECOND = 2_000_000;

const cameras = await Cameras.start(1, BITS_PER_SECOND);
const server = await startFogcast(streamsYaml(cameras, 1));
const port = await apiPort(server);
const viewers = await Promise.all(Array.from({ length: VIEWERS }, () => Viewer.join(server.url, "cam0")));
await watch(SETTLE_SECONDS);

const alone = await watch();
printMeasurement("api", "viewers alone", { ...alone, unit: "ms" });

for (
  const [name, face, perSecond, rateBar] of [
    ["1 000 calls/s over HTTP", "http", 1000, 900],
    ["10 000 datagrams/s", "udp", 10_000, 5000],
    ["calls over HTTP, 16 at a time", "http", Infinity, 2000],
    ["datagrams, 64 on their way", "udp", Infinity, 5000],
  ] as const
) {
  const callers = Bun.spawn(
    [
      process.execPath,
      "run",
      `${import.meta.dir}/api_callers.ts`,
      face,
      String(port),
      String(perSecond),
      String(MEASURE_SECONDS),
    ],
    { stdout: "pipe" },
  );
  const { partP50, partP99, partMax, lost } = await watch();
  const { answered, failed, refused, seconds } = await new Response(callers.stdout).json() as Record<
    string,
    number
  >;
  printMeasurement("api", name, {
    answeredPerSecond: (answered ?? 0) / (seconds ?? 1),
    failed,
    refused,
    partP50,
    partP99,
    partMax,
    partP99Added: partP99 - alone.partP99,
    lost,
    unit: "ms",
  }, {
    answeredPerSecond: { min: rateBar },
    lost: { max: 0 },
    partP99: { max: 30 },
  });
}
for (const viewer of viewers) viewer.close();
await server.stop();
cameras.close();

/** Every viewer takes part by part. */
async function watch(seconds = MEASURE_SECONDS) {
  const late: number[] = [];
  const failures = () => viewers.reduce((sum, viewer) => sum + viewer.failures, 0);
  const before = failures();
  const until = performance.now() + seconds * 1000;
  await Promise.all(viewers.map(async (viewer) => {
    while (performance.now() < until) {
      const { body, wholeAt } = await viewer.part();
      const sentAt = cameras.sentAt(0, body);
      if (sentAt !== undefined) late.push(wholeAt - sentAt);
    }
  }));
  return {
    partP50: percentile(late, 0.5),
    partP99: percentile(late, 0.99),
    partMax: Math.max(...late),
    lost: failures() - before,
  };
}

async function apiPort(server: RunningFogcast): Promise<number> {
  return Number((await server.printed(/API on [^\s,]*:\d+/)).split(":").at(-1));
}
