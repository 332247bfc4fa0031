import { expect, test } from "bun:test";
import type { Log } from "../../../src/base/log.ts";
import {
  BIRTH_MILLIS,
  HANG_MILLIS,
  SupervisedWorker,
  WATCH_MILLIS,
  type WorkerLauncher,
} from "../../../src/control/supervise/supervised_worker.ts";
import { type Vitals } from "../../../src/control/supervise/vitals.ts";
import { ManualClock } from "../../manual_clock.ts";

interface Launched {
  readonly on: { message(m: unknown): void; exit(why: { readonly error?: string }): void };
  readonly posted: unknown[];
  terminated: boolean;
}

function setUp() {
  const clock = new ManualClock();
  const launched: Launched[] = [];
  const vitals: Vitals[] = [];
  const lines: string[] = [];
  const messages: unknown[] = [];
  const launcher: WorkerLauncher = {
    launch(_name, _init, on) {
      const worker: Launched = { on, posted: [], terminated: false };
      launched.push(worker);
      return { post: (m) => worker.posted.push(m), terminate: () => worker.terminated = true };
    },
  };
  const say = (line: string) => lines.push(line);
  const log: Log = { debug: say, info: say, warn: say, error: say, debugging: false };
  const worker = new SupervisedWorker({
    name: "ingest",
    launcher,
    clock,
    log,
    random: () => 0.5,
    init: (v) => vitals.push(v),
    message: (m) => messages.push(m),
  });
  /** Lets time pass while the newest worker beats. */
  const live = (ms: number) => {
    for (let t = 0; t < ms; t += 250) {
      vitals.at(-1)?.beat();
      clock.advance(250);
    }
  };
  return { clock, launched, vitals, lines, messages, worker, live };
}

test("a worker that beats is left alone", () => {
  const t = setUp();
  t.worker.start();
  t.live(60_000);
  expect(t.launched.length).toBe(1);
  expect(t.launched[0]?.terminated).toBe(false);
});

test("a worker that throws is started again, soon and alone", () => {
  const t = setUp();
  t.worker.start();
  t.live(1000);
  t.launched[0]?.on.exit({ error: "boom" });
  t.clock.advance(100);
  expect(t.launched.length).toBe(2);
  expect(t.worker.restarts).toBe(1);
  expect(t.lines[0]).toContain("boom");
});

test("a worker without heartbeat is ended and started again", () => {
  const t = setUp();
  t.worker.start();
  t.live(1000);
  t.clock.advance(HANG_MILLIS + 3 * WATCH_MILLIS);
  expect(t.launched[0]?.terminated).toBe(true);
  expect(t.launched.length).toBe(2);
  expect(t.lines[0]).toContain("no heartbeat");
});

test("the first heartbeat may come late: many workers start at once on slow machines", () => {
  const t = setUp();
  t.worker.start();
  t.clock.advance(BIRTH_MILLIS - WATCH_MILLIS);
  expect(t.launched.length).toBe(1);
  t.clock.advance(4 * WATCH_MILLIS);
  expect(t.launched.length).toBe(2);
});

test("a machine that holds up the watch as well is not taken for a worker that hangs", () => {
  const t = setUp();
  t.worker.start();
  t.live(1000);
  // the watch itself comes four times as late as it should
  for (let n = 0; n < 4; n++) t.clock.stall(4 * WATCH_MILLIS);
  expect(t.launched.length).toBe(1);
  t.clock.advance(HANG_MILLIS + 3 * WATCH_MILLIS);
  expect(t.launched.length).toBe(2);
});

test("restarts past the budget back off, and a healthy time forgives", () => {
  const t = setUp();
  t.worker.start();
  for (let n = 0; n < 40; n++) {
    t.launched.at(-1)?.on.exit({ error: "again" });
    t.clock.advance(100);
  }
  const early = t.launched.length;
  expect(early).toBeLessThan(10);
  for (let n = 0; t.launched.length === early && n < 300; n++) t.clock.advance(100);
  expect(t.launched.length).toBe(early + 1);
  t.live(40_000);
  const before = t.launched.length;
  t.launched.at(-1)?.on.exit({ error: "after a long life" });
  t.clock.advance(100);
  expect(t.launched.length).toBe(before + 1);
});

test("what an ended worker still says is not heard", () => {
  const t = setUp();
  t.worker.start();
  t.launched[0]?.on.exit({ error: "boom" });
  t.clock.advance(100);
  t.launched[0]?.on.message("ghost");
  t.launched[0]?.on.exit({ error: "boom again" });
  t.clock.advance(1000);
  expect(t.messages).toEqual([]);
  expect(t.launched.length).toBe(2);
});

test("stop() asks, waits for the goodbye, then ends", async () => {
  const t = setUp();
  t.worker.start();
  const stopped = t.worker.stop(800);
  expect(t.launched[0]?.posted).toEqual([{ type: "stop" }]);
  t.launched[0]?.on.message({ type: "stopped" });
  await stopped;
  expect(t.launched[0]?.terminated).toBe(true);
  t.clock.advance(60_000);
  expect(t.launched.length).toBe(1);
});

test("stop() does not wait longer than its grace", async () => {
  const t = setUp();
  t.worker.start();
  const stopped = t.worker.stop(800);
  t.clock.advance(800);
  await stopped;
  expect(t.launched[0]?.terminated).toBe(true);
});

test("stop() during a pause before a restart keeps it stopped", async () => {
  const t = setUp();
  t.worker.start();
  t.launched[0]?.on.exit({ error: "boom" });
  await t.worker.stop(800);
  t.clock.advance(60_000);
  expect(t.launched.length).toBe(1);
});
