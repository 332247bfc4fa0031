import { expect, test } from "bun:test";
import { IdleWatch } from "../../../src/control/stream/idle_watch.ts";
import { ManualClock } from "../../manual_clock.ts";

function setUp() {
  const clock = new ManualClock();
  const began = clock.mono();
  const over: number[] = [];
  const watch = new IdleWatch(clock, () => over.push(clock.mono() - began));
  return { clock, over, watch };
}

test("is over when nobody has looked for the time, and tells it once", () => {
  const t = setUp();
  t.watch.touch(10_000);
  t.watch.start();
  t.watch.start();
  t.clock.advance(60_000);
  expect(t.over).toEqual([10_000]);
  expect(t.watch.wanted).toBe(false);
  // begun anew it looks for a while before it tells again
  t.watch.start();
  t.clock.advance(60_000);
  expect(t.over).toEqual([10_000, 60_500]);
});

test("is not over while somebody looks, and as long after the last one as it should", () => {
  const t = setUp();
  t.watch.touch(2000);
  t.watch.start();
  for (let n = 0; n < 40; n++) {
    t.clock.advance(250);
    t.watch.touch(2000);
  }
  expect([t.over, t.watch.wanted]).toEqual([[], true]);
  t.clock.advance(5000);
  expect(t.over).toEqual([12_000]);
});

for (const idle of [0, 100, 1000]) {
  test(`who looks every 250 ms keeps a time of ${idle} ms from being over`, () => {
    const t = setUp();
    t.watch.touch(idle);
    t.watch.start();
    for (let n = 0; n < 20; n++) {
      t.clock.advance(250);
      t.watch.touch(idle);
    }
    expect(t.over).toEqual([]);
    t.clock.advance(5000);
    expect(t.over).toEqual([6000]);
  });
}

test("a machine that stands still for longer than the time leaves those who look the time to say so", () => {
  for (let before = 0; before <= 250; before += 25) {
    for (const still of [300, 800, 1500, 60_000]) {
      const t = setUp();
      t.watch.touch(1000);
      t.watch.start();
      t.clock.advance(before);
      t.clock.stall(still);
      t.clock.advance(250);
      t.watch.touch(1000);
      expect([before, still, t.over]).toEqual([before, still, []]);
      t.clock.advance(1000);
      expect(t.over.length).toBe(1);
    }
  }
});

test("stopped, it tells nothing; forgotten, nobody wants it", () => {
  const t = setUp();
  t.watch.touch(1000);
  t.watch.start();
  t.watch.stop();
  t.clock.advance(5000);
  t.watch.touch(1000);
  expect([t.over, t.watch.wanted]).toEqual([[], true]);
  t.watch.forget();
  expect(t.watch.wanted).toBe(false);
});
