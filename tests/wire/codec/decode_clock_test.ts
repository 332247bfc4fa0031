import { describe, expect, test } from "bun:test";
import { DecodeClock } from "../../../src/wire/codec/decode_clock.ts";
import { ReorderWatch } from "../../../src/wire/codec/reorder_watch.ts";

function run(depth: number, pts: readonly number[], rate = 25): { dts: number[]; pts: number[] } {
  const clock = new DecodeClock();
  clock.frameRate = rate;
  clock.depth = depth;
  const out = { dts: [] as number[], pts: [] as number[] };
  for (const p of pts) {
    clock.next(p);
    out.dts.push(clock.dts);
    out.pts.push(clock.pts);
  }
  return out;
}

describe("DecodeClock", () => {
  test("without reordering gives presentation times as they are", () => {
    expect(run(0, [5, 3605, 7200, 10800]).dts).toEqual([5, 3605, 7200, 10800]);
  });

  test("grows by one where times repeat or step back a little, and lifts the presentation time", () => {
    expect(run(0, [0, 0, 0, 3600, 3000, 7200])).toEqual({
      dts: [0, 1, 2, 3600, 3601, 7200],
      pts: [0, 1, 2, 3600, 3601, 7200],
    });
  });

  test("reorders a pyramid of three B-frames two deep", () => {
    const pts = [0, 14400, 7200, 3600, 10800, 28800, 21600, 18000, 25200];
    expect(run(2, pts).dts).toEqual([-7200, -3600, 0, 3600, 7200, 10800, 14400, 18000, 21600]);
  });

  test("passes on a jump back of more than 10 s", () => {
    expect(run(0, [2_000_000, 2_003_600, 0, 3600]).dts).toEqual([2_000_000, 2_003_600, 0, 3600]);
    expect(run(1, [2_000_000, 0, 3600]).dts).toEqual([1_996_400, -3600, 0]);
  });

  test("passes on a jump ahead with every depth", () => {
    expect(run(2, [0, 3600, 9_000_000, 9_003_600]).dts.slice(2)).toEqual([8_992_800, 8_996_400]);
  });

  test("approaches a larger depth without stepping back or passing a presentation time", () => {
    const clock = new DecodeClock();
    const seen: [number, number][] = [];
    const take = (pts: number) => {
      clock.next(pts);
      seen.push([clock.dts, clock.pts]);
    };
    take(0);
    clock.depth = 2;
    for (const p of [14400, 7200, 3600, 10800, 28800, 21600, 18000, 25200]) take(p);
    for (let i = 1; i < seen.length; i++) {
      const [dts, pts] = seen[i] as [number, number];
      expect(dts).toBeGreaterThan((seen[i - 1] as [number, number])[0]);
      expect(dts).toBeLessThanOrEqual(pts);
    }
    expect(seen.map(([, pts]) => pts)).toEqual([0, 14400, 7200, 3600, 10800, 28800, 21600, 18000, 25200]);
  });

  test("goes on behind what it gave after frames were lost", () => {
    const clock = new DecodeClock();
    clock.depth = 2;
    for (const p of [0, 7200, 3600]) clock.next(p);
    const last = clock.dts;
    clock.restart();
    clock.next(14400);
    expect(clock.dts).toBeGreaterThan(last);
    expect(clock.dts).toBeLessThanOrEqual(14400);
  });
});

describe("ReorderWatch", () => {
  test("sees how deep pictures are reordered", () => {
    const watch = new ReorderWatch();
    expect(
      [[0, 0], [8, 80], [4, 40], [2, 20], [6, 60]].map(([poc, pts]) =>
        watch.picture(poc as number, pts as number)
      ),
    ).toEqual([0, 0, 1, 2, 1]);
  });

  test("takes neither jitter nor a restarted count for reordering", () => {
    const watch = new ReorderWatch();
    expect([watch.picture(0, 0), watch.picture(2, 100), watch.picture(4, 90), watch.picture(0, 200)]).toEqual(
      [0, 0, 0, 0],
    );
  });

  test("expects reordering from a gap behind the first picture", () => {
    const depths = [2, 4, 8].map((poc) => {
      const watch = new ReorderWatch();
      watch.picture(0, 0);
      watch.picture(poc, 100);
      return watch.expected();
    });
    expect(depths).toEqual([0, 1, 2]);
  });
});
