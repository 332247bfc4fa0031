import { expect, test } from "bun:test";
import { PacedSender, type PacingSettings } from "../../../src/egress/push/datagram/paced_sender.ts";
import { PushMeter } from "../../../src/egress/push/push_meter.ts";
import { ManualClock } from "../../manual_clock.ts";

function setUp(settings: PacingSettings, take = (count: number) => count, endSegments?: () => void) {
  const clock = new ManualClock();
  const meter = new PushMeter(() => {});
  const sent: { at: number; port: number; first: number; size: number }[] = [];
  const from = clock.mono();
  const socket = {
    sendMany(packets: readonly Uint8Array[], port: number) {
      const taken = take(packets.length);
      for (const p of packets.slice(0, taken)) {
        sent.push({ at: clock.mono() - from, port, first: p[0] as number, size: p.length });
      }
      return taken;
    },
  };
  const sender = new PacedSender(
    clock,
    { socket, address: "127.0.0.1", slotBytes: 100, endSegments },
    settings,
    meter,
  );
  const put = (count: number, port = 5000, size = 100) => {
    for (let n = 0; n < count; n++) {
      sender.slot()[0] = n;
      sender.commit(size, port);
    }
    sender.flush();
  };
  return { clock, meter, sent, sender, put };
}

test("what fits a burst leaves at once, each datagram as long as it is", () => {
  const t = setUp({ burst: 8, spreadMillis: 20 });
  t.put(3, 5000, 40);
  t.put(2, 5001);
  expect(t.sent).toEqual([
    { at: 0, port: 5000, first: 0, size: 40 },
    { at: 0, port: 5000, first: 1, size: 40 },
    { at: 0, port: 5000, first: 2, size: 40 },
    { at: 0, port: 5001, first: 0, size: 100 },
    { at: 0, port: 5001, first: 1, size: 100 },
  ]);
  expect([t.meter.packets, t.meter.bytes, t.meter.lost]).toEqual([5, 320, 0]);
});

test("a large frame is spread evenly, in order, and is out in time", () => {
  const t = setUp({ burst: 10, spreadMillis: 20 });
  t.put(110);
  expect(t.sent.length).toBe(10);
  for (let ms = 0; ms < 30; ms++) t.clock.advance(1);
  expect(t.sent.map((s) => s.first)).toEqual(Array.from({ length: 110 }, (_, n) => n));
  expect(t.sent.at(-1)?.at).toBeLessThanOrEqual(20);
  const each = new Map<number, number>();
  for (const { at } of t.sent) each.set(at, (each.get(at) ?? 0) + 1);
  expect(Math.max(...each.values())).toBeLessThanOrEqual(12);
});

test("what comes behind a queue stays behind it", () => {
  const t = setUp({ burst: 4, spreadMillis: 10 });
  t.put(20, 5000);
  t.put(1, 6000);
  expect(t.sent.some((s) => s.port === 6000)).toBe(false);
  for (let ms = 0; ms < 20; ms++) t.clock.advance(1);
  expect(t.sent.length).toBe(21);
  expect(t.sent.at(-1)?.port).toBe(6000);
});

test("without spreading all leaves at once", () => {
  const t = setUp({ burst: 1, spreadMillis: 0 });
  t.put(500);
  expect(t.sent.length).toBe(500);
});

test("at a constant rate some is kept waiting, and late frames leave no gap", () => {
  // 800 bits each: one a millisecond, 40 with each frame
  const t = setUp({ burst: 1, spreadMillis: 0, bitsPerSecond: 800_000 });
  t.put(40);
  t.clock.advance(40);
  expect(t.sent).toEqual([]);
  for (let n = 0; n < 20; n++) {
    t.put(40);
    // every other frame is 30 ms late
    t.clock.advance(n % 2 === 0 ? 70 : 10);
  }
  const gaps = t.sent.slice(1).map(({ at }, n) => at - (t.sent[n]?.at ?? 0));
  expect(Math.max(...gaps)).toBeLessThanOrEqual(2);
  expect(t.sent.length).toBeGreaterThan(20 * 40 * 0.95);
});

test("at a constant rate no more leaves than the rate allows", () => {
  // 800 bits each: one a millisecond
  const t = setUp({ burst: 1, spreadMillis: 0, bitsPerSecond: 800_000 });
  t.put(100);
  for (let ms = 0; ms < 50; ms++) t.clock.advance(1);
  expect(t.sent.length).toBeGreaterThan(45);
  expect(t.sent.length).toBeLessThanOrEqual(60);
  for (let ms = 0; ms < 60; ms++) t.clock.advance(1);
  expect(t.sent.length).toBe(100);
});

test("the queue is bounded: what finds it full is dropped and counted", () => {
  const t = setUp({ burst: 1, spreadMillis: 1000 });
  t.put(9000);
  expect(t.sender.waiting).toBeLessThanOrEqual(8192);
  expect(t.sender.dropped).toBe(9000 - 8192);
});

test("a call that the system refuses is made again, and what it never takes is counted as lost", () => {
  let calls = 0;
  const t = setUp({ burst: 8, spreadMillis: 0 }, (count) => calls++ === 0 ? 0 : count);
  t.put(4);
  expect(t.sent.length).toBe(4);
  const deaf = setUp({ burst: 8, spreadMillis: 0 }, () => 0);
  deaf.put(4);
  expect([deaf.sent.length, deaf.meter.lost]).toEqual([0, 4]);
});

test("closing sends what waits", () => {
  const t = setUp({ burst: 1, spreadMillis: 1000 });
  t.put(50);
  t.sender.close();
  expect(t.sent.length).toBe(50);
});

test("where the system cuts, full datagrams that lie together are handed over as one", () => {
  let calls = 0;
  const t = setUp({ burst: 70, spreadMillis: 0 }, (count) => (calls++, count), () => {});
  t.put(3);
  t.put(1, 5000, 30);
  t.put(2, 5002);
  t.put(1, 5000);
  expect(t.sent.map((s) => [s.port, s.size])).toEqual([[5000, 300], [5000, 30], [5002, 200], [5000, 100]]);
  expect([t.meter.packets, t.meter.bytes]).toEqual([7, 630]);
  t.sent.length = 0;
  // the queue has 64 places: what goes around its end is two, and so is what is more than 64
  t.put(64);
  expect(t.sent.map((s) => s.size)).toEqual([5700, 700]);
});

test("an interface that cannot cut gets datagrams one by one, none of them lost", () => {
  let ended = 0;
  const t = setUp({ burst: 70, spreadMillis: 0 }, (count) => ended === 0 ? 0 : count, () => ended++);
  t.put(5);
  t.put(2);
  expect(ended).toBe(1);
  expect(t.sent.map((s) => s.first)).toEqual([0, 1, 2, 3, 4, 0, 1]);
  expect([t.meter.packets, t.meter.lost]).toEqual([7, 0]);
});
