import { expect, test } from "bun:test";
import { alignClock, clockCorrection, delay, systemClock } from "../../src/host/clock.ts";
import { eventually } from "../eventually.ts";

test("mono() never goes back and runs as fast as the wall clock", async () => {
  /** How far the wall clock is ahead; read where nothing came between the two. */
  const ahead = () => {
    for (;;) {
      const before = systemClock.mono();
      const wall = systemClock.wall();
      if (systemClock.mono() - before < 0.5) return wall - before;
    }
  };
  const begun = ahead();
  let last = systemClock.mono();
  for (let i = 0; i < 10_000; i++) {
    const now = systemClock.mono();
    expect(now >= last).toBe(true);
    last = now;
  }
  await Bun.sleep(50);
  expect(Math.abs(ahead() - begun)).toBeLessThan(3);
});

test("clockCorrection() is 0 while nobody sets the wall clock, and measures a step to the millisecond", () => {
  expect(clockCorrection()).toBe(0);
  // as if this thread's clock had been 5 s behind: the wall clock then seems to have been set forward
  alignClock(5000);
  try {
    expect(Math.abs(clockCorrection() - 5000)).toBeLessThan(1.2);
  } finally {
    alignClock(0);
  }
});

test("after() runs once, not before its time, and can be cancelled", async () => {
  const start = performance.now();
  const ran: number[] = [];
  systemClock.after(30, () => ran.push(performance.now()));
  const cancel = systemClock.after(30, () => {
    throw new Error("cancelled, and yet run");
  });
  cancel();
  await eventually(() => ran.length > 0);
  await Bun.sleep(30);
  expect(ran.length).toBe(1);
  expect(ran[0]! - start).toBeGreaterThanOrEqual(29);
});

test("after() waits longer than setTimeout can", async () => {
  let ran = false;
  const cancel = systemClock.after(30 * 86_400_000, () => ran = true);
  await Bun.sleep(20);
  cancel();
  expect(ran).toBe(false);
});

test("delay() ends early with the signal's reason", async () => {
  const abort = new AbortController();
  setTimeout(() => abort.abort(new Error("stop")), 10);
  await expect(delay(5000, abort.signal)).rejects.toThrow("stop");
  await expect(delay(5000, abort.signal)).rejects.toThrow("stop");
  await delay(5, new AbortController().signal);
});
