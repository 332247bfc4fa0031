import { afterAll, beforeAll, expect, test } from "bun:test";
import { ScriptedCamera } from "../../link/rtsp/scripted_camera.ts";
import { type ClipCamera, startClipCamera } from "../../peers/clip_camera.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { residentBytes, streamsYaml, untilState, variantsOf } from "../../peers/fogcast_streams.ts";
import { PartReader } from "../../peers/part_reader.ts";
import { SDP } from "./camera_faults.ts";
import { FLOODS, pour } from "./floods.ts";

const MEGABYTE = 1024 * 1024;
/** Most that the whole server may grow by while all these cameras flood it: buffers, and garbage not yet collected. */
const GROWTH_MAX = FLOODS.length * 40 * MEGABYTE;

const cameras = new Map<string, ScriptedCamera>();
const poured = new Map<string, Promise<number>>();
let healthy: ClipCamera;
let fogcast: RunningFogcast;
let reader: PartReader;
let before = 0;
let most = 0;
let opened = 0;
let watch: ReturnType<typeof setInterval>;
/** Cameras wait with their flood for this. */
let open: () => void = () => {};
const gate = new Promise<void>((resolve) => open = resolve);

beforeAll(async () => {
  healthy = await startClipCamera();
  const streams: Record<string, Record<string, string>> = {
    healthy: { source: healthy.url("healthy"), transport: "tcp", alwaysOn: "true" },
  };
  for (const flood of FLOODS) {
    const camera = await ScriptedCamera.open(SDP, (method, count, _request, tcp) => {
      if (method === "PLAY" && count === 0) {
        poured.set(flood.name, gate.then(() => pour(flood, tcp)).finally(() => tcp.end()));
      }
      return undefined;
    });
    cameras.set(flood.name, camera);
    streams[flood.name] = { source: camera.url(), transport: "tcp", timeout: "60s", alwaysOn: "true" };
  }
  fogcast = await startFogcast(streamsYaml(streams));
  await untilState(fogcast, "healthy", "online");
  const [video] = await variantsOf(fogcast, "healthy");
  reader = await PartReader.open(video?.url ?? "");
  await until(20_000, "all cameras play", () => Promise.resolve(poured.size === FLOODS.length || undefined));
  before = residentBytes(fogcast.pid);
  watch = setInterval(() => most = Math.max(most, residentBytes(fogcast.pid)), 50);
  opened = performance.now();
  open();
}, 60_000);

afterAll(async () => {
  clearInterval(watch);
  await reader?.close();
  await fogcast?.stop();
  for (const camera of cameras.values()) camera.close();
  healthy?.close();
});

for (const { name, megabytes } of FLOODS) {
  test(`${name}: all ${megabytes} MB are read, then the camera is asked again`, async () => {
    const started = performance.now();
    const taken = await poured.get(name);
    console.log(`${name}: ${Math.round(taken ?? 0)} MB in ${Math.round(performance.now() - started)} ms`);
    expect(taken).toBeGreaterThanOrEqual(megabytes);
    await until(
      30_000,
      `${name} is said to have ended`,
      () =>
        Promise.resolve(
          fogcast.output().includes(`${name}: camera closed the connection; next try`) || undefined,
        ),
    );
    const camera = cameras.get(name) as ScriptedCamera;
    await until(30_000, `another try of ${name}`, () => Promise.resolve(camera.accepted >= 2 || undefined));
  }, 150_000);
}

test("the server's memory stayed bounded", () => {
  console.log(
    `grown by ${Math.round((most - before) / MEGABYTE)} MiB, from ${Math.round(before / MEGABYTE)}`,
  );
  expect(most - before).toBeLessThan(GROWTH_MAX);
});

test("what could not be used is counted and said once a second at most", () => {
  const lines = (name: string) =>
    fogcast.output().split("\n").filter((l) => l.includes(`WARN  rtsp  ${name}: `));
  expect(lines("picture-without-end").join("\n")).toMatch(
    /access unit damaged ×\d+, last access unit too large/,
  );
  const seconds = (performance.now() - opened) / 1000;
  const attempts = (name: string) => (cameras.get(name) as ScriptedCamera).accepted;
  for (const { name } of FLOODS) {
    const said = new Map<string, number>();
    for (const line of lines(name)) {
      const what = line.slice(line.indexOf(name)).replaceAll(/\d+/g, "N");
      said.set(what, (said.get(what) ?? 0) + 1);
    }
    // several sessions, each with a first and a last word
    const often = [...said].filter(([, times]) => times > seconds + 2 * attempts(name));
    expect([name, often]).toEqual([name, []]);
  }
});

test("the healthy stream lost not one part", async () => {
  const parts = reader.parts;
  await until(20_000, "5 more parts", () => Promise.resolve(reader.parts >= parts + 5 || undefined));
  expect(reader.faults).toEqual([]);
  expect(fogcast.output()).not.toMatch(/worker ended|^\s+at /m);
}, 60_000);
