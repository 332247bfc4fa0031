import { expect, test } from "bun:test";
import { PartLatency } from "../../../../src/egress/http/segments/part_latency.ts";
import { makeHttpApp } from "../../../../src/egress/http/app.ts";
import { settle, TestApp } from "../test_app.ts";

test("parts are timed from their last frame, once they come; what was there before is not", async () => {
  const t = new TestApp();
  const latency = new PartLatency();
  const app = makeHttpApp({
    door: t.door,
    assets: () => undefined,
    clock: t.clock,
    log: { debug() {}, info() {}, warn() {}, error() {}, debugging: false },
    latency,
    list: () => Promise.resolve([]),
  });
  const camera = await t.camera(4);
  await t.get("/hls/cam/0/index.m3u8", {}, app);
  expect(latency.take()).toEqual([]);
  camera.writeUntil(4.2);
  t.clock.time += 3; // the bell was rung; the worker wakes 3 ms later
  await settle();
  const [measured] = latency.take();
  expect(measured?.stream).toBe("cam");
  // Video alone: nobody watches the audio rendition, so its parts are not made. In the bucket of 2.5 to 5 ms.
  expect(measured?.latency.counts).toEqual([0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0]);
  expect(measured?.latency.sum).toBe(3);
  app.close();
});
