import { expect, test } from "bun:test";
import { usedBytes } from "../../../src/buffer/page_memory.ts";
import { Admission } from "../../../src/control/limits/admission.ts";
import { budgetBytes, MemoryBudget, STREAM_LEAST } from "../../../src/control/limits/memory_budget.ts";
import { Fixture, info, payload, video } from "../../buffer/stream_fixture.ts";

const MEGABYTE = 1024 * 1024;
const NONE = { maxViewers: 0, bandwidth: 0 };
const IDLE = { viewers: 0, bitsPerSecond: 0 };

test("without limits everybody comes in", () => {
  const admission = new Admission();
  admission.update(NONE, { viewers: 1e6, bitsPerSecond: 1e12 });
  for (let n = 0; n < 1000; n++) expect(admission.enter()).toBeUndefined();
  expect(admission.refused).toBe(0);
});

test("workers count the viewers down together between two counts", () => {
  const admission = new Admission();
  admission.update({ maxViewers: 5, bandwidth: 0 }, { viewers: 3, bitsPerSecond: 0 });
  const workers = [new Admission(admission.shared), new Admission(admission.shared)];
  const answers = [0, 1, 0, 1].map((n) => workers[n]?.enter());
  expect(answers.slice(0, 2)).toEqual([undefined, undefined]);
  expect(answers[2]).toMatch(/as many viewers/);
  expect(answers[3]).toMatch(/as many viewers/);
  expect(admission.refused).toBe(2);
  admission.update({ maxViewers: 5, bandwidth: 0 }, { viewers: 4, bitsPerSecond: 0 });
  expect(admission.enter()).toBeUndefined();
  expect(admission.enter()).toBeDefined();
});

test("new viewers are refused while the traffic is at its limit", () => {
  const admission = new Admission();
  const limits = { maxViewers: 0, bandwidth: 10e6 };
  admission.update(limits, { viewers: 1, bitsPerSecond: 10e6 });
  expect(admission.enter()).toMatch(/sends as much/);
  admission.update(limits, { viewers: 1, bitsPerSecond: 9e6 });
  expect(admission.enter()).toBeUndefined();
  admission.update(NONE, IDLE);
  expect(admission.refused).toBe(1);
});

test("the budget is what is configured, else a quarter of the machine", () => {
  expect(budgetBytes(0, 512 * MEGABYTE)).toBe(128 * MEGABYTE);
  expect(budgetBytes(64 * MEGABYTE, 512 * MEGABYTE)).toBe(64 * MEGABYTE);
});

test("a stream is not started when its first seconds would not fit, and that is counted", () => {
  const budget = new MemoryBudget(STREAM_LEAST - 1);
  expect(budget.start()).toBe(false);
  budget.total = STREAM_LEAST;
  expect(budget.start()).toBe(true);
  expect(budget.refused).toBe(1);
});

test("pages stop growing when the budget is used up, and grow again when there is room", async () => {
  const f = new Fixture({ windowMillis: 600_000 });
  const sink = await f.writer.begin().addTrack(video());
  let n = 0;
  const write = (frames: number) => {
    for (let i = 0; i < frames; i++, n++, f.pass(40)) {
      sink.write(info(n * 3600, 3600, n % 50 === 0), payload(n, 5000));
    }
  };
  write(100);
  const [page] = f.pages;
  const before = usedBytes(page as SharedArrayBuffer);
  expect(before).toBeGreaterThan(500_000);
  const budget = new MemoryBudget(before);
  budget.look(f.pages);
  expect(budget.full).toBe(true);
  write(500);
  expect(usedBytes(page as SharedArrayBuffer) - before).toBeLessThan(100_000);
  // The newest frames are there, the oldest had to go.
  const track = f.track(0);
  expect(track.head).toBe(600);
  expect(track.tail).toBeGreaterThan(450);
  budget.total = 100 * MEGABYTE;
  budget.look(f.pages);
  expect(budget.full).toBe(false);
  write(300);
  expect(usedBytes(page as SharedArrayBuffer)).toBeGreaterThan(before + 1_000_000);
});
