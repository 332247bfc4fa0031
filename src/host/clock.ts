import type { Clock } from "../base/clock.ts";
import { monoMillis, wallMillis } from "../base/units.ts";

/** Longest delay of `setTimeout`; a longer one fires at once. */
const TIMEOUT_MAX = 0x7fffffff;

let correction = 0;

/**
 * The machine's clock. `mono` counts from the start of the main thread, expressed on the Unix scale as it was then
 * (so it is about the wall clock, but never steps), and is the same in every worker to within 50 µs.
 *
 * Neither runtime's `hrtime` or `performance.now` is comparable between threads: each thread counts from its own
 * start. `timeOrigin`, the wall clock at that start, ties them together, unless the wall clock was set in between
 * (a box without a battery-backed clock, at its first NTP answer): see {@link clockCorrection}.
 */
export const systemClock: Clock = {
  mono: () => monoMillis(performance.timeOrigin + performance.now() - correction),
  wall: () => wallMillis(Date.now()),
  after(ms, run) {
    if (ms <= TIMEOUT_MAX) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    }
    let cancel = () => {};
    const step = (left: number): void => {
      cancel = systemClock.after(Math.min(left, TIMEOUT_MAX), () => {
        if (left > TIMEOUT_MAX) step(left - TIMEOUT_MAX);
        else run();
      });
    };
    step(ms);
    return () => cancel();
  },
};

/**
 * Milliseconds by which the wall clock was set since this thread's `mono` began: what a thread started now must take
 * off its own `timeOrigin`. `Date.now` has whole milliseconds, so a difference below 3 ms is none; a true step is
 * measured at the edge of a millisecond, which takes up to 1 ms.
 */
export function clockCorrection(): number {
  const rough = Date.now() - systemClock.mono();
  if (Math.abs(rough) < 3) return 0;
  const start = Date.now();
  let edge = start;
  while (edge === start) edge = Date.now();
  return edge - systemClock.mono();
}

/** Sets what {@link clockCorrection} measured in the parent; called once, by the worker's first lines. */
export function alignClock(parentCorrection: number): void {
  correction = parentCorrection;
}

/** Resolves after `ms` milliseconds, or rejects with the signal's reason as soon as it aborts. */
export function delay(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted === true) return reject(signal.reason);
    const stop = () => {
      cancel();
      reject(signal?.reason);
    };
    const cancel = systemClock.after(ms, () => {
      signal?.removeEventListener("abort", stop);
      resolve();
    });
    signal?.addEventListener("abort", stop, { once: true });
  });
}
