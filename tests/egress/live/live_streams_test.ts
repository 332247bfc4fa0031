import { expect, test } from "bun:test";
import type { Log } from "../../../src/base/log.ts";
import { monoMillis } from "../../../src/base/units.ts";
import { isRefusal } from "../../../src/egress/door.ts";
import type { LiveStream } from "../../../src/egress/live/live_stream.ts";
import { MORE_TRACKS_MILLIS } from "../../../src/egress/live/live_stream.ts";
import { IDLE_MILLIS, LiveStreams } from "../../../src/egress/live/live_streams.ts";
import { ManualClock } from "../../manual_clock.ts";
import { AUDIO, SyntheticCamera, TestDoor, TestStream, VIDEO } from "../http/test_door.ts";

const VISIT = { remote: "192.0.2.1", url: "http://x/cam.ts", protocol: "TS" };

function silentLog(said: string[] = []): Log {
  const say = (line: string) => void said.push(line);
  return { debug: say, info: say, warn: say, error: say, debugging: false };
}

function openDoor() {
  const clock = new ManualClock();
  const door = new TestDoor();
  const stream = new TestStream("cam", clock);
  door.streams.set("cam", stream);
  const live = new LiveStreams(door, { clock, log: silentLog() });
  return { clock, door, stream, live };
}

async function openCam(live: LiveStreams): Promise<LiveStream> {
  const opened = await live.open("cam", VISIT);
  if (isRefusal(opened)) throw new Error(opened.reason);
  return opened;
}

test("a stream is opened once for all, and let go some time after its last reader", async () => {
  const { clock, door, stream, live } = openDoor();
  const [first, second] = await Promise.all([openCam(live), openCam(live)]);
  expect(first).toBe(second);
  expect(live.get("cam")).toBe(first);
  expect([door.opens, live.size]).toEqual([1, 1]);
  const leave = first.subscribe(() => {});
  clock.advance(2 * IDLE_MILLIS);
  expect(first.closed).toBe(false);
  leave();
  clock.advance(2 * IDLE_MILLIS);
  expect([first.closed, stream.released, live.size]).toEqual([true, 1, 0]);
  await openCam(live);
  expect(door.opens).toBe(2);
  live.close();
});

test("a refusal is answered and asked for again", async () => {
  const { door, live } = openDoor();
  door.streams.set("cam", { status: 503, reason: "The camera is off" });
  expect(await live.open("cam", VISIT)).toEqual({ status: 503, reason: "The camera is off" });
  expect(await live.open("none", VISIT)).toMatchObject({ status: 404 });
  expect([door.opens, live.size]).toEqual([2, 0]);
});

test("the controller hears that a stream is read, about four times a second", async () => {
  const { clock, door, stream, live } = openDoor();
  const camera = new SyntheticCamera(stream);
  await camera.add(VIDEO);
  const opened = await openCam(live);
  let calls = 0;
  opened.subscribe(() => calls++);
  for (let frame = 1; frame <= 25; frame++) {
    clock.advance(40);
    camera.writeUntil(frame / 25);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  expect(calls).toBeGreaterThan(10);
  expect(door.touches.length).toBeWithin(3, 6);
  live.close();
});

test("readers hear that the pages were given up, and the next opens them anew", async () => {
  const { door, stream, live } = openDoor();
  const opened = await openCam(live);
  let closed = 0;
  opened.onClosed(() => closed++);
  opened.onClosed(() => closed += 10)();
  stream.close();
  expect([closed, opened.closed, live.get("cam")]).toEqual([1, true, undefined]);
  opened.onClosed(() => closed++);
  expect(closed).toBe(2);
  await openCam(live);
  expect(door.opens).toBe(2);
  live.close();
});

test("ready() is true at once where video and audio are there", async () => {
  const { clock, stream, live } = openDoor();
  const camera = new SyntheticCamera(stream);
  await camera.add(VIDEO);
  await camera.add(AUDIO);
  const opened = await openCam(live);
  let answer: boolean | undefined;
  const asked = opened.ready(monoMillis(clock.mono() + 5000)).then((is) => answer = is);
  await new Promise((resolve) => setTimeout(resolve, 0));
  expect(answer).toBeUndefined();
  camera.writeUntil(0.2);
  expect(await asked).toBe(true);
  expect(await opened.ready(clock.mono())).toBe(true);
  expect(opened.selectable().map((t) => t.track.codec)).toEqual(["h264", "aac"]);
  live.close();
});

test("ready() waits a second for more than one track, then begins with it", async () => {
  const { clock, stream, live } = openDoor();
  const camera = new SyntheticCamera(stream);
  await camera.add(VIDEO);
  camera.writeUntil(1);
  const opened = await openCam(live);
  expect(await opened.ready(clock.mono())).toBe(false);
  clock.advance(MORE_TRACKS_MILLIS + 1);
  expect(await opened.ready(clock.mono())).toBe(true);
  live.close();
});

test("ready() is false at the deadline, and when the pages are given up", async () => {
  const { clock, stream, live } = openDoor();
  const opened = await openCam(live);
  expect(await opened.ready(clock.mono())).toBe(false);
  const asked = opened.ready(monoMillis(clock.mono() + 60_000));
  stream.close();
  expect(await asked).toBe(false);
  expect(await opened.ready(monoMillis(clock.mono() + 60_000))).toBe(false);
});

test("tracks that the source no longer has are not current, whatever came before its new session", async () => {
  const { clock, stream, live } = openDoor();
  const camera = new SyntheticCamera(stream);
  await camera.add(VIDEO);
  await camera.add(AUDIO);
  camera.writeUntil(3);
  const opened = await openCam(live);
  expect(opened.current().map((t) => t.kind)).toEqual(["video", "audio"]);
  stream.writer.end();
  const again = new SyntheticCamera(stream);
  expect(opened.current().length).toBe(2);
  await again.add(VIDEO);
  again.writeUntil(1);
  expect(await opened.ready(clock.mono())).toBe(false);
  clock.advance(MORE_TRACKS_MILLIS + 1);
  expect(await opened.ready(clock.mono())).toBe(true);
  expect(opened.current().map((t) => t.kind)).toEqual(["video"]);
  live.close();
});

test("bit rates are those of the frames", async () => {
  const { stream, live } = openDoor();
  const camera = new SyntheticCamera(stream);
  await camera.add(VIDEO);
  await camera.add(AUDIO);
  camera.writeUntil(10);
  const [video, audio] = (await openCam(live)).selectable();
  // 49 frames of about 1350 bytes and one of 9000 in two seconds; 200 bytes each 1024 samples.
  expect(video?.bitRate).toBeWithin(290_000, 310_000);
  expect(audio?.bitRate).toBeCloseTo(200 * 8 * 48_000 / 1024, 0);
  live.close();
});
