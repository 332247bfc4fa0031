import { describe, expect, test } from "bun:test";
import { Backoff } from "../../src/base/backoff.ts";
import { type LogLine, makeLog } from "../../src/base/log.ts";
import { Scope, ScopeClosed } from "../../src/base/scope.ts";
import { Tally } from "../../src/base/tally.ts";
import { ticks, ticksToMicros } from "../../src/base/units.ts";

describe("Scope", () => {
  test("closes what it opened, last first, each awaited, once", async () => {
    const seen: string[] = [];
    const scope = new Scope();
    scope.defer(() => void seen.push("first"));
    scope.defer(async () => {
      await Promise.resolve();
      seen.push("second");
    });
    scope.signal.addEventListener("abort", () => seen.push("abort"));
    const closing = scope.close();
    expect(scope.close()).toBe(closing);
    await closing;
    expect(seen).toEqual(["abort", "second", "first"]);
  });

  test("runs a late closer at once", async () => {
    const scope = new Scope();
    await scope.close();
    let ran = false;
    scope.defer(() => void (ran = true));
    expect(ran).toBe(true);
  });

  test("runs every closer, and then throws the first failure", async () => {
    const scope = new Scope();
    let ran = false;
    scope.defer(() => void (ran = true));
    scope.defer(() => Promise.reject(new Error("broken")));
    let failure: unknown;
    await scope.close().catch((e: unknown) => failure = e);
    expect([ran, (failure as Error).message]).toEqual([true, "broken"]);
  });

  test("a child closes with its parent, or before it", async () => {
    const parent = new Scope();
    const [early, late] = [parent.child(), parent.child()];
    let closed = 0;
    early.defer(() => void closed++);
    late.defer(() => void closed++);
    await early.close();
    expect([closed, parent.closed, late.closed]).toEqual([1, false, false]);
    await parent.close("over");
    expect([closed, late.closed, late.signal.reason]).toEqual([2, true, "over"]);
    expect(parent.child().closed).toBe(true);
  });

  test("race() and check() end with the scope", async () => {
    const scope = new Scope();
    expect(await scope.race(Promise.resolve(3))).toBe(3);
    scope.check();
    const racing = scope.race(new Promise(() => {}));
    const ended = scope.ended();
    await scope.close(new Error("why"));
    await ended;
    await scope.ended();
    let failure: unknown;
    await racing.catch((e: unknown) => failure = e);
    expect(failure).toBeInstanceOf(ScopeClosed);
    expect((failure as Error).message).toBe("scope closed because why");
    expect(() => scope.check()).toThrow(ScopeClosed);
    let again: unknown;
    await scope.race(Promise.reject(new Error("late"))).catch((e: unknown) => again = e);
    expect(again).toBeInstanceOf(ScopeClosed);
  });
});

describe("Backoff", () => {
  test("doubles up to the cap, between half the step and the step", () => {
    const low = new Backoff(500, 15_000, () => 0);
    const high = new Backoff(500, 15_000, () => 1);
    expect(Array.from({ length: 7 }, () => low.next())).toEqual([250, 500, 1000, 2000, 4000, 7500, 7500]);
    expect(Array.from({ length: 7 }, () => high.next())).toEqual([
      500,
      1000,
      2000,
      4000,
      8000,
      15_000,
      15_000,
    ]);
    high.reset();
    expect(high.next()).toBe(500);
  });
});

describe("Tally", () => {
  test("says each mishap once a flush, and counts for ever", () => {
    const lines: string[] = [];
    const tally = new Tally((line) => lines.push(line));
    tally.add("rtp gap", "1 → 3");
    tally.add("rtp gap", "511 → 514");
    tally.add("bad packet");
    tally.flush();
    tally.flush();
    tally.add("bad packet");
    tally.flush();
    expect(lines).toEqual(["rtp gap ×2, last 511 → 514", "bad packet", "bad packet"]);
    expect([...tally.totals()]).toEqual([["rtp gap", 2], ["bad packet", 2]]);
  });
});

describe("makeLog()", () => {
  test("hands on lines of its level and above, with what they are about", () => {
    const lines: LogLine[] = [];
    const log = makeLog((line) => lines.push(line), { stream: "cam", part: "rtsp", least: "warn" }, () => 5);
    log.debug("a");
    log.info("b");
    log.warn("c");
    log.error("d");
    expect(lines).toEqual([
      { at: 5, level: "warn", stream: "cam", part: "rtsp", message: "c" },
      { at: 5, level: "error", stream: "cam", part: "rtsp", message: "d" },
    ]);
    expect(log.debugging).toBe(false);
  });
});

test("units convert to the nearest", () => {
  expect(ticksToMicros(ticks(1), 90_000) as number).toBe(11);
  expect(ticksToMicros(ticks(-90_000), 90_000) as number).toBe(-1_000_000);
});
