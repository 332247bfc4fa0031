import { expect, test } from "bun:test";
import type { LogLine } from "../../../src/base/log.ts";
import { LogRing } from "../../../src/control/telemetry/log_ring.ts";

const line = (n: number): LogLine => ({ at: n, level: "info", stream: "", part: "", message: String(n) });
const numbers = (lines: readonly LogLine[]) => lines.map((l) => l.at);

function filled(capacity: number, count: number): LogRing {
  const ring = new LogRing(capacity);
  for (let i = 0; i < count; i++) ring.put(line(i));
  return ring;
}

test("LogRing gives what it has, oldest first", () => {
  expect(numbers(filled(3, 0).since())).toEqual([]);
  expect(numbers(filled(3, 2).since())).toEqual([0, 1]);
  expect(numbers(filled(3, 3).since())).toEqual([0, 1, 2]);
});

test("LogRing keeps the last lines only", () => {
  expect(numbers(filled(3, 10).since())).toEqual([7, 8, 9]);
  expect(filled(3, 10).next).toBe(10);
});

test("LogRing gives the lines after a number, and the newest of them", () => {
  expect(numbers(filled(5, 10).since(8))).toEqual([8, 9]);
  expect(numbers(filled(5, 10).since(2))).toEqual([5, 6, 7, 8, 9]);
  expect(numbers(filled(5, 10).since(10))).toEqual([]);
  expect(numbers(filled(5, 10).since(99))).toEqual([]);
  expect(numbers(filled(5, 10).since(0, 2))).toEqual([8, 9]);
});

for (const [from, count, to] of [[5, 12, 3], [3, 12, 7], [4, 2, 8], [8, 9, 1], [3, 0, 5]] as const) {
  test(`LogRing resized from ${from} to ${to} after ${count} lines goes on`, () => {
    const ring = filled(from, count);
    const kept = ring.since(0, to);
    ring.resize(to);
    expect(ring.since()).toEqual(kept);
    for (let i = count; i < count + 20; i++) ring.put(line(i));
    expect(numbers(ring.since())).toEqual(Array.from({ length: to }, (_, i) => count + 20 - to + i));
  });
}

test("LogRing of no lines keeps one", () => {
  expect(numbers(filled(0, 4).since())).toEqual([3]);
});
