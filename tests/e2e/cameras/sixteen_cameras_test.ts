import { afterAll, beforeAll, expect, test } from "bun:test";
import { type ClipCamera, startClipCamera } from "../../peers/clip_camera.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import {
  nextSegmentOf,
  residentBytes,
  streamsYaml,
  untilState,
  variantsOf,
} from "../../peers/fogcast_streams.ts";
import { PartReader } from "../../peers/part_reader.ts";

const COUNT = 16;
const NAMES = Array.from({ length: COUNT }, (_, n) => `cam${n}`);
const MEGABYTE = 1024 * 1024;

let camera: ClipCamera;
let fogcast: RunningFogcast;

beforeAll(async () => {
  camera = await startClipCamera();
  const transports = ["tcp", "udp"];
  const streams = NAMES.map((name, n) => [name, {
    source: camera.url(name),
    transport: transports[n % 2] as string,
    alwaysOn: "true",
  }]);
  fogcast = await startFogcast(streamsYaml(Object.fromEntries(streams)));
}, 30_000);

afterAll(async () => {
  await fogcast?.stop();
  camera?.close();
});

test("16 cameras play at once, each part by part and none missing", async () => {
  await Promise.all(NAMES.map((name) => untilState(fogcast, name, "online")));
  const readers = await Promise.all(NAMES.map(async (name) => {
    const [video] = await variantsOf(fogcast, name);
    expect(video?.codecs).toMatch(/^avc1\.[0-9A-F]{6},mp4a\.40\.2$/);
    return await PartReader.open(video?.url ?? "");
  }));
  await until(
    40_000,
    "20 parts of each",
    () => Promise.resolve(readers.every((r) => r.parts >= 20 || r.faults.length > 0) || undefined),
  );
  await Promise.all(readers.map((r) => r.close()));
  expect(readers.flatMap((r, n) => r.faults.map((fault) => `cam${n}: ${fault}`))).toEqual([]);
  expect(fogcast.output()).not.toMatch(/WARN|ERROR/);
}, 90_000);

test("their memory is bounded, and does not grow while they run", async () => {
  const resident = residentBytes(fogcast.pid);
  console.log(`${COUNT} streams: ${Math.round(resident / MEGABYTE)} MiB resident`);
  expect(resident).toBeLessThan((80 + 10 * COUNT) * MEGABYTE);
  const [video] = await variantsOf(fogcast, "cam0");
  const segments = await nextSegmentOf(video?.url ?? "");
  await until(
    20_000,
    "two more segments",
    async () => await nextSegmentOf(video?.url ?? "") >= segments + 2 || undefined,
  );
  expect(residentBytes(fogcast.pid) - resident).toBeLessThan(40 * MEGABYTE);
}, 40_000);

test("all of them end when they are told to, together", async () => {
  const { code, ms } = await fogcast.stop();
  expect(code).toBe(0);
  // one after the other takes longer; the second that it may take is a bar of restart_bench.ts
  expect(ms).toBeLessThan(COUNT * 500);
});
