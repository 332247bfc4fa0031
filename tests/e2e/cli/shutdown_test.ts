import { afterEach, expect, test } from "bun:test";
import { ScriptedCamera } from "../../link/rtsp/scripted_camera.ts";
import { startClipCamera } from "../../peers/clip_camera.ts";
import { answeredText } from "../../peers/answered.ts";
import { BINARY, startFogcast, until } from "../../peers/fogcast.ts";
import { segmentAhead, streamsYaml, untilState } from "../../peers/fogcast_streams.ts";
import { SDP } from "../faults/camera_faults.ts";

/**
 * Less than what a server would take that waits for whoever does not answer: a camera (10 s) or a viewer who is held (30 s). That it takes less than a second is a bar of restart_bench.ts.
 */
const WAITS_MILLIS = 5500;

const closers: (() => Promise<unknown> | void)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  test(`${signal}: every camera gets its TEARDOWN, none is waited for, exit code 0`, async () => {
    const cameras = await Promise.all([1, 2, 3].map(() => ScriptedCamera.open(SDP, () => undefined)));
    const mute = await ScriptedCamera.open(SDP, (method) => method === "TEARDOWN" ? "silence" : undefined);
    cameras.push(mute);
    for (const camera of cameras) closers.push(() => camera.close());
    const streams = cameras.map((camera, n) => [`cam${n}`, {
      source: camera.url("/cam", "admin:hush@"),
      transport: n === 1 ? "udp" : "tcp",
      alwaysOn: "true",
    }]);
    const fogcast = await startFogcast(streamsYaml(Object.fromEntries(streams)));
    closers.push(() => fogcast.stop());
    await until(
      20_000,
      "all cameras play",
      () => Promise.resolve(cameras.every((c) => c.methods.includes("PLAY")) || undefined),
    );
    const { code, ms } = await fogcast.stop(signal);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(WAITS_MILLIS);
    for (const camera of cameras) {
      expect(camera.requests("TEARDOWN").length).toBe(1);
      expect(camera.requests("TEARDOWN")[0]?.headers.get("session")).toBe("42");
    }
    expect(fogcast.output()).not.toContain("hush");
  }, 60_000);
}

test("a held viewer does not hold up the end", async () => {
  const camera = await startClipCamera();
  closers.push(() => camera.close());
  const fogcast = await startFogcast(
    // long segments: one that is waited for does not come soon, however slow the machine is
    streamsYaml({ cam: { source: camera.url("a"), transport: "tcp", alwaysOn: "true", segment: "10s" } }),
  );
  closers.push(() => fogcast.stop());
  await untilState(fogcast, "cam", "online");
  const text = await answeredText(`${fogcast.url}/hls/cam/0/index.m3u8`);
  const held = fetch(`${fogcast.url}/hls/cam/0/index.m3u8?_HLS_msn=${segmentAhead(text)}`).then(
    (a) => a.status,
    () => 0,
  );
  let answered = false;
  void held.then(() => answered = true);
  // a request behind it is answered: it has come
  await answeredText(`${fogcast.url}/streams.json`);
  expect(answered).toBe(false);
  const { code, ms } = await fogcast.stop();
  expect(code).toBe(0);
  expect(ms).toBeLessThan(WAITS_MILLIS);
  expect([0, 503]).toContain(await held);
}, 60_000);

test("--log-format json: every line is an object with time, level, part and message", async () => {
  const camera = await ScriptedCamera.open(SDP, () => "hang up");
  closers.push(() => camera.close());
  const source = camera.url("/cam", "admin:hush@");
  const yaml = streamsYaml({ "gate": { source, transport: "tcp", alwaysOn: "true" } });
  const script = ["sh", "-c", `exec ${BINARY} "$@" --log-format json`, "sh"];
  const fogcast = await startFogcast(yaml, script);
  closers.push(() => fogcast.stop());
  await fogcast.printed("camera closed the connection");
  await fogcast.stop();
  const lines = fogcast.output().split("\n").slice(0, -1);
  expect(lines.length).toBeGreaterThanOrEqual(2);
  for (const line of lines) {
    const { time, level, part, message } = JSON.parse(line);
    expect(new Date(time).getTime()).toBeWithin(Date.now() - 120_000, Date.now() + 1000);
    expect(level).toMatch(/^(debug|info|warn|error)$/);
    expect([typeof part, typeof message]).toEqual(["string", "string"]);
  }
  expect(lines.some((line) => JSON.parse(line).stream === "gate")).toBe(true);
  expect(fogcast.output()).not.toContain("hush");
}, 60_000);

test("text lines: one each, none empty, the stream's name in it", async () => {
  const camera = await ScriptedCamera.open(SDP, () => "hang up");
  closers.push(() => camera.close());
  const fogcast = await startFogcast(
    streamsYaml({ "gate": { source: camera.url(), transport: "tcp", alwaysOn: "true" } }),
  );
  closers.push(() => fogcast.stop());
  await fogcast.printed("camera closed the connection");
  await fogcast.stop();
  const lines = fogcast.output().split("\n").slice(0, -1);
  for (const line of lines) {
    expect(line).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} (INFO |WARN |ERROR) \S/);
  }
  expect(lines.some((line) => line.includes(" gate: "))).toBe(true);
}, 60_000);
