/**
 * How much later than a part's last frame the part is in a viewer's hands: cameras and viewers in this process, the
 * server beside it. Viewers ask over one connection each for the part that the playlist hints at, so that the server
 * holds the request until the frame has come.
 */
import { startFogcast } from "../tests/peers/fogcast.ts";
import { Cameras, streamsYaml } from "./camera.ts";
import { type Bars, percentile, printMeasurement } from "./measurement.ts";
import { Viewer } from "./viewer.ts";

const SETTLE_MILLIS = 3000;
const MEASURE_MILLIS = 8000;

interface Load {
  readonly name: string;
  readonly streams: number;
  readonly viewersEach: number;
  readonly bars: Bars;
}

const PART_BARS: Bars = { partP50: { max: 3 }, partMax: { max: 30 } };
const SOCKET_BARS: Bars = { firstByteP50: { max: 0.5 }, firstByteP99: { max: 3 } };
const loads: readonly Load[] = [
  { name: "1 stream, 1 viewer", streams: 1, viewersEach: 1, bars: SOCKET_BARS },
  { name: "1 stream, 10 viewers", streams: 1, viewersEach: 10, bars: PART_BARS },
  { name: "16 streams, 1 viewer each", streams: 16, viewersEach: 1, bars: SOCKET_BARS },
];
const BITS_PER_SECOND = 2_000_000;

for (const { name, streams, viewersEach, bars } of loads) {
  const cameras = await Cameras.start(streams, BITS_PER_SECOND);
  const server = await startFogcast(streamsYaml(cameras, streams));
  const from = performance.now() + SETTLE_MILLIS;
  const until = from + MEASURE_MILLIS;
  const firstByte: number[] = [];
  const whole: number[] = [];
  let failures = 0;
  const watch = async (camera: number) => {
    const viewer = await Viewer.join(server.url, `cam${camera}`);
    while (performance.now() < until) {
      const { body, firstByteAt, wholeAt } = await viewer.part();
      const sentAt = cameras.sentAt(camera, body);
      if (sentAt === undefined) failures++;
      else if (wholeAt > from) {
        firstByte.push(firstByteAt - sentAt);
        whole.push(wholeAt - sentAt);
      }
    }
    failures += viewer.failures;
    viewer.close();
  };
  await Promise.all(Array.from({ length: streams * viewersEach }, (_, n) => watch(n % streams)));
  await server.stop();
  cameras.close();
  printMeasurement("latency", name, {
    parts: whole.length,
    failures,
    firstByteP50: percentile(firstByte, 0.5),
    firstByteP99: percentile(firstByte, 0.99),
    firstByteMax: Math.max(...firstByte),
    partP50: percentile(whole, 0.5),
    partP99: percentile(whole, 0.99),
    partMax: Math.max(...whole),
    unit: "ms",
  }, { ...bars, failures: { max: 0 } });
}
