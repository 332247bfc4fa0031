import { expect, test } from "bun:test";
import { type InputCounts, InputMeter } from "../../src/ingest/input_meter.ts";

function source(meter: InputMeter) {
  const counts = { packets: 0, bytes: 0, jitterMillis: 0 };
  const close = meter.open((into: InputCounts) => {
    into.packets += counts.packets;
    into.bytes += counts.bytes;
    into.jitterMillis = Math.max(into.jitterMillis, counts.jitterMillis);
  });
  return { counts, close };
}

test("InputMeter sums attempts, and takes the last counts of one that ended", () => {
  const meter = new InputMeter();
  const first = source(meter);
  first.counts.packets = 10;
  expect(meter.sum().packets).toBe(10);
  first.counts.packets = 15;
  first.close();
  first.close();
  const second = source(meter);
  second.counts.packets = 3;
  second.counts.bytes = 99;
  expect(meter.sum()).toMatchObject({ packets: 18, bytes: 99 });
});

test("InputMeter never falls when a source counts anew", () => {
  const meter = new InputMeter();
  const { counts } = source(meter);
  counts.packets = 100;
  meter.sum();
  counts.packets = 2;
  expect(meter.sum().packets).toBe(100);
  counts.packets = 7;
  expect(meter.sum().packets).toBe(105);
});

test("InputMeter's jitter is that of the worst track now", () => {
  const meter = new InputMeter();
  const a = source(meter), b = source(meter);
  a.counts.jitterMillis = 4;
  b.counts.jitterMillis = 9;
  expect(meter.sum().jitterMillis).toBe(9);
  b.close();
  expect(meter.sum().jitterMillis).toBe(4);
});
