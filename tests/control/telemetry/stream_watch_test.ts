import { expect, test } from "bun:test";
import { Vitals } from "../../../src/control/supervise/vitals.ts";
import type { StreamObservation } from "../../../src/control/stream/managed_stream.ts";
import { Rate } from "../../../src/control/telemetry/rate.ts";
import { placeOf } from "../../../src/control/telemetry/stream_watch.ts";
import { Telemetry } from "../../../src/control/telemetry/telemetry.ts";
import { AUDIO, SyntheticCamera, TestStream, VIDEO } from "../../egress/http/test_door.ts";
import { ManualClock } from "../../manual_clock.ts";
import { QUIET_PORTS } from "./quiet_ports.ts";

function setUp() {
  const clock = new ManualClock();
  const stream = new TestStream("cam", clock);
  let vitals: Vitals | undefined = Vitals.create();
  const telemetry = new Telemetry({
    clock,
    hash: (text) => text,
    refuse: () => {},
    ...QUIET_PORTS,
    observe: (): StreamObservation[] => [
      {
        name: "cam",
        state: "online",
        reason: "",
        source: "rtsp://***@camera.local:554/1",
        tags: ["north"],
        page: stream.page,
        tracks: stream.tracks,
        vitals,
        restarts: 3,
      },
      {
        name: "idle",
        state: "idle",
        reason: "",
        source: "rtsp://other/",
        tags: [],
        page: undefined,
        tracks: [],
        vitals: undefined,
        restarts: 0,
      },
    ],
  });
  const second = () => {
    clock.advance(1000);
    telemetry.look();
  };
  const use = (next: Vitals | undefined) => vitals = next;
  const status = () => telemetry.streams()[0] as ReturnType<Telemetry["streams"]>[number];
  return { clock, stream, telemetry, vitals, use, second, status };
}

test("a stream's counters are summed over its workers, and an input session carries its bytes", () => {
  const t = setUp();
  t.vitals?.set("bytesIn", 100_000);
  t.vitals?.set("packetsIn", 100);
  t.second();
  const restarted = Vitals.create();
  restarted.set("bytesIn", 50_000);
  restarted.set("packetsLost", 4);
  t.use(restarted);
  t.second();
  t.second();
  expect(t.status().input).toMatchObject({ bytesIn: 150_000, packetsIn: 100, packetsLost: 4 });
  expect(t.status()).toMatchObject({ state: "online", inputs: 1, bytesIn: 150_000, workerRestarts: 3 });
  expect(t.telemetry.sessions.list()).toMatchObject([
    { stream: "cam", kind: "input", protocol: "INPUT:RTSP", remote: "camera.local", bytesIn: 150_000 },
  ]);
});

test("an input session ends when nothing comes any more", () => {
  const t = setUp();
  t.vitals?.set("bytesIn", 1000);
  for (let s = 0; s < 20; s++) t.second();
  expect(t.status().inputs).toBe(0);
  expect(t.status().bytesIn).toBe(1000);
});

test("bit rate and jitter are those of now", () => {
  const t = setUp();
  for (let s = 1; s <= 10; s++) {
    t.vitals?.set("bytesIn", s * 250_000);
    t.vitals?.set("jitterMillis", s);
    t.second();
  }
  expect(t.status().bitsPerSecond).toBe(2_000_000);
  expect(t.status().input.jitterMillis).toBe(10);
  t.use(undefined);
  for (let s = 0; s < 6; s++) t.second();
  expect(t.status().bitsPerSecond).toBe(0);
  expect(t.status().input.jitterMillis).toBe(0);
});

test("tracks tell frame rate, key-frame interval, window and memory", async () => {
  const t = setUp();
  const camera = new SyntheticCamera(t.stream);
  await camera.add(VIDEO);
  await camera.add(AUDIO);
  for (let s = 1; s <= 10; s++) {
    camera.writeUntil(s);
    t.second();
  }
  const [video, audio] = t.status().tracks;
  expect(video).toMatchObject({ kind: "video", codec: "h264", width: 320, height: 180, frames: 250 });
  expect(video?.frameRate).toBeCloseTo(25, 5);
  expect(video?.keyFrameSeconds).toBe(2);
  expect(audio).toMatchObject({ kind: "audio", sampleRate: 48_000, channels: 2, keyFrameSeconds: 0 });
  expect(audio?.frameRate).toBeCloseTo(46.875, 0);
  expect(t.status().bufferSeconds).toBeCloseTo(9.95, 1);
  expect(t.status().bufferBytes).toBeGreaterThan(100_000);
});

test("a stream that never ran has a status without numbers", () => {
  const t = setUp();
  t.second();
  expect(t.telemetry.streams()[1]).toMatchObject({
    name: "idle",
    tracks: [],
    bitsPerSecond: 0,
    bufferBytes: 0,
  });
});

test("Rate is 0 until there are two samples, and begins anew when the counter fell", () => {
  const rate = new Rate();
  rate.sample(100, 0);
  expect(rate.perSecond).toBe(0);
  rate.sample(300, 2000);
  expect(rate.perSecond).toBe(100);
  rate.sample(10, 3000);
  expect(rate.perSecond).toBe(0);
});

test("placeOf() finds protocol and host of a source without its credentials", () => {
  expect(placeOf("rtsp://***@cam.local:554/x")).toEqual({ protocol: "INPUT:RTSP", remote: "cam.local" });
  expect(placeOf("rtsps://[2001:db8::1]:322/x")).toEqual({ protocol: "INPUT:RTSPS", remote: "2001:db8::1" });
  expect(placeOf("/media/clip.mp4")).toEqual({ protocol: "INPUT", remote: "" });
});
