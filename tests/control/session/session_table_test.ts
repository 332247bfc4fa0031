import { expect, test } from "bun:test";
import type { SessionKey, SessionReport, SessionRow } from "../../../src/control/session/session_row.ts";
import {
  SESSION_MILLIS,
  SESSION_TAGS_MAX,
  SESSIONS_MAX,
  SessionTable,
} from "../../../src/control/session/session_table.ts";
import { ManualClock } from "../../manual_clock.ts";

function setUp() {
  const clock = new ManualClock();
  const refused: { key: SessionKey; millis: number }[] = [];
  const ended: SessionRow[] = [];
  const table = new SessionTable({
    clock,
    hash: (text) => `#${text.replaceAll("\n", "|")}`,
    refuse: (key, millis) => void refused.push({ key, millis }),
  });
  table.onEnd((row) => ended.push(row));
  const wait = (ms: number) => {
    for (let t = 0; t < ms; t += 1000) {
      clock.advance(1000);
      table.tick();
    }
  };
  /** A worker saw these requests now. */
  const seen = (worker: number, handle: number, bytes: number, opened: SessionReport["opened"] = []) =>
    table.take(worker, {
      opened,
      counts: Float64Array.of(handle, bytes, 1, clock.mono()),
      closed: [],
    });
  return { clock, table, refused, ended, wait, seen };
}

function viewer(change: Partial<SessionKey> & { handle?: number } = {}) {
  return {
    handle: 1,
    stream: "cam",
    remote: "192.0.2.1",
    userAgent: "player",
    protocol: "HLS",
    token: "",
    ...change,
  };
}

test("a session is what a worker reports, in the fields of the API", () => {
  const t = setUp();
  t.seen(0, 1, 1000, [viewer()]);
  t.seen(0, 1, 500);
  const at = t.clock.wall();
  expect(t.table.list()).toEqual([{
    id: "#cam|HLS||192.0.2.1|player",
    stream: "cam",
    remote: "192.0.2.1",
    protocol: "HLS",
    userAgent: "player",
    startedAt: at,
    lastSeenAt: at,
    bytesOut: 1500,
    bytesIn: 0,
    bytesOutPerSecond: 0,
    bytesInPerSecond: 0,
    requests: 2,
    packets: 0,
    packetsLost: 0,
    jitterMillis: 0,
    roundTripMillis: 0,
    tags: [],
    kind: "viewer",
  }]);
});

test("the same viewer at two workers is one session", () => {
  const t = setUp();
  t.seen(0, 1, 100, [viewer()]);
  t.seen(1, 77, 10, [viewer({ handle: 77 })]);
  expect(t.table.list().map((s) => s.bytesOut)).toEqual([110]);
});

test("a session ends 15 s after its last request, once, with its last numbers", () => {
  const t = setUp();
  t.seen(0, 1, 100, [viewer()]);
  t.wait(10_000);
  t.seen(0, 1, 100);
  t.wait(SESSION_MILLIS);
  expect(t.ended.length).toBe(0);
  t.wait(2000);
  expect(t.ended.map((s) => [s.stream, s.bytesOut, s.lastSeenAt - s.startedAt])).toEqual([[
    "cam",
    200,
    10_000,
  ]]);
  expect(t.table.size).toBe(0);
  t.wait(60_000);
  expect(t.ended.length).toBe(1);
});

test("a viewer who comes back under a handle that its worker still has is a new session", () => {
  const t = setUp();
  t.seen(0, 1, 100, [viewer()]);
  t.wait(17_000);
  t.seen(0, 1, 7);
  expect(t.table.list().map((s) => [s.bytesOut, s.requests])).toEqual([[7, 1]]);
  expect(t.table.sums.sessions.viewer).toBe(2);
});

test("counts of handles that nobody opened are nothing, as after the restart of a worker", () => {
  const t = setUp();
  t.seen(0, 1, 100, [viewer()]);
  t.table.forget(0);
  t.seen(0, 1, 100);
  expect(t.table.list().map((s) => s.bytesOut)).toEqual([100]);
  t.table.take(0, { opened: [viewer()], counts: new Float64Array(0), closed: [1] });
  t.seen(0, 1, 100);
  expect(t.table.list().map((s) => s.bytesOut)).toEqual([100]);
});

test("stop() ends the session, tells the workers, and knows for ten minutes who is kept out", () => {
  const t = setUp();
  t.seen(0, 1, 100, [viewer({ token: "secret" })]);
  const [row] = t.table.list();
  expect(t.table.stop("nobody")).toBe(false);
  expect(t.table.stop(row?.id ?? "")).toBe(true);
  expect(t.ended.length).toBe(1);
  expect(t.refused).toMatchObject([{ key: { stream: "cam", token: "secret" }, millis: 600_000 }]);
  t.wait(300_000);
  expect(t.table.refused()).toMatchObject([{ key: { token: "secret" }, millis: 300_000 }]);
  t.wait(300_000);
  expect(t.table.refused()).toEqual([]);
});

test("sums only grow, and are kept for each stream", () => {
  const t = setUp();
  t.seen(0, 1, 100, [viewer()]);
  t.seen(0, 2, 1000, [viewer({ handle: 2, stream: "door" })]);
  t.wait(10_000);
  t.wait(30_000);
  expect(t.table.sums).toMatchObject({ bytesOut: 1100, sessions: { viewer: 2 } });
  expect(t.table.sumsOf("cam")).toMatchObject({ bytesOut: 100, sessions: { viewer: 1 } });
  expect(t.table.sums.viewSeconds).toBe(2 * 15);
  expect(t.table.sumsOf("nobody").bytesOut).toBe(0);
});

test("what viewers say of the packets they were sent is their session's, and the stream's", () => {
  const t = setUp();
  t.seen(0, 1, 100, [viewer({ protocol: "RTSP" })]);
  t.seen(0, 2, 100, [viewer({ handle: 2 })]);
  const say = (receptions: readonly number[]) =>
    t.table.take(0, {
      opened: [],
      counts: new Float64Array(0),
      receptions: Float64Array.from(receptions),
      closed: [],
    });
  say([1, 100, 3, 12.5, 80, 99, 5, 5, 5, 5]);
  say([1, 50, 0, 2, 40]);
  const rows = t.table.list().map((s) => [s.packets, s.packetsLost, s.jitterMillis, s.roundTripMillis]);
  expect(rows).toEqual([[150, 3, 2, 40], [0, 0, 0, 0]]);
  const sums = { packets: 150, packetsLost: 3, viewerPackets: 150, viewerPacketsLost: 3 };
  expect(t.table.sumsOf("cam")).toMatchObject(sums);
  t.table.takeInput({
    stream: "cam",
    remote: "h",
    protocol: "INPUT:RTSP",
    bytes: 1,
    packets: 10,
    packetsLost: 1,
  });
  expect(t.table.sums).toMatchObject({ ...sums, packets: 160, packetsLost: 4 });
  expect(t.table.list().at(-1)).toMatchObject({ kind: "input", packets: 10, packetsLost: 1 });
});

test("inputs are sessions of their own kind, and cannot be stopped as viewers are", () => {
  const t = setUp();
  const input = { stream: "cam", remote: "camera.local", protocol: "INPUT:RTSP", bytes: 4000 };
  t.table.takeInput({ ...input, packets: 10, packetsLost: 1 });
  t.seen(0, 1, 100, [viewer()]);
  expect(t.table.counts("cam")).toEqual({ viewer: 1, input: 1, output: 0 });
  expect(t.table.of("cam").map((s) => s.bytesIn)).toEqual([4000, 0]);
  expect(t.table.stop(t.table.list()[0]?.id ?? "")).toBe(false);
  expect(t.table.sumsOf("cam")).toMatchObject({ bytesIn: 4000, packets: 10, packetsLost: 1 });
});

test("totals() has ten minutes in steps of 5 s, by stream and protocol", () => {
  const t = setUp();
  t.seen(0, 1, 0, [viewer()]);
  t.seen(0, 2, 0, [viewer({ handle: 2, stream: "door+1", protocol: "DASH" })]);
  for (let step = 0; step < 130; step++) {
    t.seen(0, 1, 500);
    t.seen(0, 2, 50);
    t.wait(5000);
  }
  const rows = t.table.totals();
  expect(rows.length).toBe(120);
  expect(rows.at(-1)).toMatchObject({ viewers: 2, inputs: 0, bytesOut: 550, millis: 5000 });
  expect(t.table.totals({ streams: ["cam"] }).at(-1)).toMatchObject({ viewers: 1, bytesOut: 500 });
  expect(t.table.totals({ streams: ["door+"] }).at(-1)).toMatchObject({ viewers: 1, bytesOut: 50 });
  expect(t.table.totals({ protocols: ["DASH"] }).at(-1)).toMatchObject({ viewers: 1, bytesOut: 50 });
  const now = t.clock.wall();
  expect(t.table.totals({ from: now - 10_000, to: now - 5000 }).length).toBe(2);
  expect(t.table.list().map((s) => s.bytesOutPerSecond)).toEqual([100, 10]);
});

test("sessions beyond the limit are counted to their stream as one", () => {
  const t = setUp();
  const opened = Array.from(
    { length: SESSIONS_MAX + 3 },
    (_, n) => viewer({ handle: n, userAgent: `ua${n}` }),
  );
  t.table.take(0, { opened, counts: new Float64Array(0), closed: [] });
  expect(t.table.size).toBe(SESSIONS_MAX + 1);
  t.seen(0, SESSIONS_MAX + 1, 5);
  t.seen(0, SESSIONS_MAX + 2, 6);
  expect(t.table.list().at(-1)).toMatchObject({ remote: "", userAgent: "", bytesOut: 11 });
});

test("a session has tags until it ends, and not without end", () => {
  const { table, wait, seen, ended } = setUp();
  seen(0, 1, 1000, [viewer()]);
  const [row] = table.list();
  const id = row?.id ?? "";
  for (let n = 0; n < SESSION_TAGS_MAX; n++) expect(table.tag(id, `t${n}`)).toBe(true);
  expect(table.tag(id, "t0")).toBe(true);
  expect(table.tag(id, "more")).toBe(false);
  expect(table.tag("nosuch", "t0")).toBe(undefined);
  expect(table.find(id)?.tags.length).toBe(SESSION_TAGS_MAX);
  wait(SESSION_MILLIS + 1000);
  expect(ended[0]?.tags[0]).toBe("t0");
  seen(0, 1, 1000);
  expect(table.list().map((s) => s.tags)).toEqual([[]]);
});

for (const step of [-3_600_000, 3_600_000]) {
  test(`a clock that is set by ${step / 1000} s changes no rate, ends no session and leaves no step out`, () => {
    const t = setUp();
    t.seen(1, 1, 0, [viewer()]);
    for (let n = 0; n < 20; n++) {
      t.seen(1, 1, 1000);
      if (n === 7) t.clock.setWall(step);
      t.wait(1000);
      const [session] = t.table.list();
      if (n >= 5) expect(session?.bytesOutPerSecond).toBe(1000);
    }
    expect(t.ended).toEqual([]);
    expect(t.table.totals().map((row) => [row.millis, row.bytesOut])).toEqual(Array(4).fill([5000, 5000]));
  });
}
