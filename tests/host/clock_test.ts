import { expect, test } from "bun:test";
import { alignClock, clockCorrection, delay, systemClock } from "../../src/host/clock.ts";

test("mono() never goes back and runs as fast as the wall clock", async () => {
  const [mono, wall] = [systemClock.mono(), systemClock.wall()];
  let last = mono;
  for (let i = 0; i < 10_000; i++) {
    const now = systemClock.mono();
    expect(now >= last).toBe(true);
    last = now;
  }
  await Bun.sleep(50);
  expect(Math.abs(systemClock.mono() - mono - (systemClock.wall() - wall))).toBeLessThan(3);
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
  let at = 0;
  systemClock.after(30, () => at = performance.now());
  const cancel = systemClock.after(30, () => {
    throw new Error("cancelled, and yet run");
  });
  cancel();
  await Bun.sleep(60);
  expect(at - start).toBeGreaterThanOrEqual(29);
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
