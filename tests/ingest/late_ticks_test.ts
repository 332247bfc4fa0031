import { expect, test } from "bun:test";
import { Scope } from "../../src/base/scope.ts";
import { monoMillis } from "../../src/base/units.ts";
import { LateTicks } from "../../src/ingest/late_ticks.ts";
import { TICK_MILLIS, tickUntil } from "../../src/ingest/tick_until.ts";
import { ManualClock } from "../manual_clock.ts";

test("a tick that comes late is left to the next one, which is taken however late it comes", () => {
  const ticks = new LateTicks();
  const late = [0, 100, 101, 5000, 5000, 101, 100, 101].map((by) => ticks.isLate(700, monoMillis(700 + by)));
  expect(late).toEqual([false, false, true, false, true, false, false, true]);
});

test("tickUntil() looks at every tick, but not right after the machine stood still", async () => {
  const clock = new ManualClock();
  const scope = new Scope();
  const looks: number[] = [];
  const begun = clock.mono();
  const ticking = tickUntil(scope, clock, (now) => looks.push(now - begun) >= 4);
  const settle = () => Bun.sleep(0);
  for (let n = 0; n < 2; n++) {
    clock.advance(TICK_MILLIS);
    await settle();
  }
  clock.stall(1500);
  await settle();
  expect(looks).toEqual([100, 200]);
  for (let n = 0; n < 2; n++) {
    clock.advance(TICK_MILLIS);
    await settle();
  }
  expect(looks).toEqual([100, 200, 1800, 1900]);
  await ticking;
});
