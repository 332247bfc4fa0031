import { afterAll, beforeAll, expect, test } from "bun:test";
import { ScriptedCamera } from "../../link/rtsp/scripted_camera.ts";
import { type ClipCamera, startClipCamera } from "../../peers/clip_camera.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { listed, residentBytes, streamsYaml, untilState, variantsOf } from "../../peers/fogcast_streams.ts";
import { PartReader } from "../../peers/part_reader.ts";
import { CAMERA_FAULTS, SDP } from "./camera_faults.ts";

const MEGABYTE = 1024 * 1024;

const cameras = new Map<string, ScriptedCamera>();
let healthy: ClipCamera;
let fogcast: RunningFogcast;
let reader: PartReader;

beforeAll(async () => {
  healthy = await startClipCamera();
  const streams: Record<string, Record<string, string>> = {
    healthy: { source: healthy.url("healthy"), transport: "tcp", alwaysOn: "true" },
    nobody: { source: "rtsp://127.0.0.1:1/", transport: "tcp", alwaysOn: "true" },
  };
  for (const fault of CAMERA_FAULTS) {
    const camera = await ScriptedCamera.open(fault.sdp ?? SDP, fault.script, fault.connected);
    cameras.set(fault.name, camera);
    const source = camera.url("/cam", "admin:hush@");
    streams[fault.name] = { source, transport: "tcp", timeout: "4s", alwaysOn: "true" };
  }
  fogcast = await startFogcast(streamsYaml(streams));
  await untilState(fogcast, "healthy", "online");
  const [video] = await variantsOf(fogcast, "healthy");
  reader = await PartReader.open(video?.url ?? "");
}, 60_000);

afterAll(async () => {
  await reader?.close();
  await fogcast?.stop();
  for (const camera of cameras.values()) camera.close();
  healthy?.close();
});

for (const { name, reason, refused } of CAMERA_FAULTS) {
  test.concurrent(`${name}: a reason, a log line, 503, another try`, async () => {
    const found = await until(45_000, `${name} fails`, async () => {
      const now = await listed(fogcast, name);
      if (now?.state !== "waiting" && now?.state !== "refused") throw new Error(JSON.stringify(now));
      return now;
    });
    expect(found.reason).toMatch(reason);
    expect(found.state).toBe(refused ? "refused" : "waiting");
    const line = fogcast.output().split("\n").find((l) => l.includes(`${name}: `) && /WARN|ERROR/.test(l));
    expect(line).toMatch(reason);
    const answer = await fetch(`${fogcast.url}/hls/${name}/index.m3u8`);
    expect([answer.status, await answer.text()]).toEqual([503, expect.stringMatching(/offline/)]);
    expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
    if (refused) return;
    const camera = cameras.get(name) as ScriptedCamera;
    await until(30_000, `another try of ${name}`, () => Promise.resolve(camera.accepted >= 2 || undefined));
  }, 100_000);
}

test("a camera that is not there", async () => {
  const { reason } = await untilState(fogcast, "nobody", "waiting");
  expect(reason).toMatch(/^cannot connect to 127\.0\.0\.1:1: /);
});

test("the healthy stream lost not one part, and the server is sound", async () => {
  await until(40_000, "10 more parts", () => Promise.resolve(reader.parts >= 30 || undefined));
  expect(reader.faults).toEqual([]);
  const output = fogcast.output();
  expect(output).not.toMatch(/worker ended|Something went wrong|^\s+at /m);
  expect(output).not.toContain("hush");
  // deno-lint-ignore no-control-regex
  expect(output).not.toMatch(/[\x00-\x09\x0b-\x1f]/);
  const streams = CAMERA_FAULTS.length + 2;
  const resident = residentBytes(fogcast.pid);
  console.log(`${streams} streams: ${Math.round(resident / MEGABYTE)} MiB resident`);
  expect(resident).toBeLessThan((100 + 10 * streams) * MEGABYTE);
}, 60_000);
