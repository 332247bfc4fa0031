import { expect, test } from "bun:test";
import type { LogLine } from "../../../src/base/log.ts";
import type { AutoPush, PushConfig } from "../../../src/config/sections/push.ts";
import type {
  PushCounts,
  PushInit,
  PushReport,
  PushWorkerOrder,
} from "../../../src/control/push/push_messages.ts";
import { parseHandedPushes, printHandedPushes } from "../../../src/control/handover/handed_pushes.ts";
import { PushTable } from "../../../src/control/push/push_table.ts";
import { SessionTable } from "../../../src/control/session/session_table.ts";
import { Vitals } from "../../../src/control/supervise/vitals.ts";
import { WIRE } from "../../config/memory_files.ts";
import { ManualClock } from "../../manual_clock.ts";

interface Launched {
  readonly init: PushInit;
  readonly posted: PushWorkerOrder[];
  ended: boolean;
  report(report: PushReport): void;
  crash(): void;
}

function setUp(cores = 4) {
  const clock = new ManualClock();
  const workers: Launched[] = [];
  const lines: string[] = [];
  const touched = new Set<string>();
  const online = new Set(["cam"]);
  const tags = new Map<string, readonly string[]>();
  const busy = new Set<string>();
  const sessions = new SessionTable({ clock, hash: (text) => text, refuse: () => {} });
  const table = new PushTable({
    launcher: {
      launch(_name, init, on) {
        const worker: Launched = {
          init: init as PushInit,
          posted: [],
          ended: false,
          report: (report) => on.message(report),
          crash: () => on.exit({ error: "broken" }),
        };
        workers.push(worker);
        return {
          post(message) {
            worker.posted.push(message as PushWorkerOrder);
            if ((message as PushWorkerOrder).type === "stop") on.message({ type: "stopped" });
          },
          terminate: () => worker.ended = true,
        };
      },
    },
    clock,
    logLevel: () => "info",
    random: () => 0.5,
    putLog: (line: LogLine) => lines.push(`${line.level} ${line.stream}: ${line.message}`),
    pushes: [WIRE],
    cores,
    sessions,
    variables: () => new Map([["room", "hall"]]),
    streams: () =>
      ["cam", "cam+a", "cam+b", "yard"].map((name) => ({
        name,
        online: online.has(name),
        tags: tags.get(name) ?? [],
      })),
    open: (stream) =>
      busy.has(stream)
        ? { allowed: false, status: 503, reason: "not yet", retryAfterSeconds: 1 }
        : stream.startsWith("cam")
        ? { allowed: true, name: stream, page: new SharedArrayBuffer(8), tracks: [] }
        : { allowed: false, status: 404, reason: "no such stream" },
    touch: (stream) => touched.add(stream),
    sourceOf: () => "rtsp://camera/1",
  });
  const live = (ms: number) => {
    for (let t = 0; t < ms; t += 250) {
      for (const worker of workers) if (!worker.ended) new Vitals(worker.init.vitals).beat();
      clock.advance(250);
    }
  };
  return { clock, sessions, busy, workers, lines, touched, online, tags, table, live };
}

const auto = (change: Partial<AutoPush> = {}): AutoPush => ({
  name: "lobby",
  stream: "cam",
  target: "wire://239.0.0.1:5000/$stream",
  scheduleTime: 0,
  completeTime: 0,
  startRule: undefined,
  endRule: undefined,
  inhibit: [],
  ...change,
});
const config = (pushes: readonly AutoPush[], change: Partial<PushConfig> = {}): PushConfig => ({
  waitMillis: 3000,
  maxSpeed: 0,
  auto: new Map(pushes.map((p) => [p.name, p])),
  ...change,
});

test("a push started by hand gets its variables, and a worker that other pushes of the stream share", () => {
  const t = setUp();
  expect(t.table.start("cam", "wire://joe:hush@h/$stream?ttl=9&video=none")).toBe(1);
  expect(t.table.start("cam", "wire://second")).toBe(2);
  expect(t.workers.length).toBe(1);
  expect(t.workers[0]?.init.streams[0]?.pushes).toEqual([
    {
      id: 1,
      kind: "wire",
      url: "wire://joe:hush@h/cam",
      shown: "wire://***@h/cam?ttl=9&video=none",
      values: { ttl: 9 },
      select: { video: "none" },
      startedAt: t.clock.wall(),
      sentMillis: 0,
    },
  ]);
  expect(t.workers[0]?.posted.map((o) => o.type)).toEqual(["push"]);
  expect(t.table.list().map((p) => [p.given, p.target])).toEqual([
    ["wire://***@h/$stream?ttl=9&video=none", "wire://***@h/cam?ttl=9&video=none"],
    ["wire://second", "wire://second"],
  ]);
});

test("what cannot be pushed is refused with the reason, and leaves nothing behind", () => {
  const t = setUp();
  expect(t.table.start("cam", "smoke://signal")).toBe(
    "expected the target of a push: wire (wire://239.1.2.3:5000)",
  );
  expect(t.table.start("yard", "wire://h")).toBe("yard: no such stream");
  expect(t.table.list()).toEqual([]);
  expect(t.workers).toEqual([]);
});

test("a push that ends is forgotten, and the worker stops with the last one", () => {
  const t = setUp();
  t.table.start("cam", "wire://a");
  t.table.start("cam", "wire://b");
  expect(t.table.stop(1)).toBe(true);
  t.workers[0]?.report({ type: "pushEnded", id: 1, why: "", refused: false });
  expect(t.table.list().map((p) => p.id)).toEqual([2]);
  t.workers[0]?.report({ type: "pushEnded", id: 2, why: "no route", refused: false });
  expect(t.table.list()).toEqual([]);
  expect(t.workers[0]?.posted.at(-1)).toEqual({ type: "stop" });
  expect(t.lines).toEqual([
    "info cam: push to wire://a stopped",
    "warn cam: push to wire://b ended: no route",
  ]);
  expect(t.table.stop(1)).toBe(false);
});

test("counts and the last ten log lines of a push are kept", () => {
  const t = setUp();
  t.table.start("cam", "wire://a");
  const counts = {
    id: 1,
    activeMillis: 5,
    bytes: 6,
    packets: 7,
    lost: 0,
    retransmitted: 0,
    mediaMillis: 8,
    tracks: [0],
  };
  t.workers[0]?.report({ type: "pushRuns", id: 1 });
  t.workers[0]?.report({ type: "pushCounts", counts: [counts, { ...counts, id: 99 }] });
  for (let n = 0; n < 12; n++) {
    const line: LogLine = { at: n, level: "info", stream: "cam", part: "wire", message: `line ${n}` };
    t.workers[0]?.report({ type: "pushLog", id: 1, line });
  }
  const [push] = t.table.list();
  expect(push?.running).toBe(true);
  expect(push?.counts).toEqual(counts);
  expect(push?.logs.map((l) => l.message)).toEqual(Array.from({ length: 10 }, (_, n) => `line ${n + 2}`));
  expect(t.lines.length).toBe(12);
});

test("an automatic push starts when its stream sends, keeps it running, and ends with its pages", () => {
  const t = setUp();
  t.online.clear();
  t.table.configure(config([auto()]));
  t.live(3000);
  expect(t.table.list()).toEqual([]);
  t.online.add("cam");
  t.live(1000);
  expect(t.table.list().map((p) => [p.stream, p.auto, p.target])).toEqual([
    ["cam", "lobby", "wire://239.0.0.1:5000/cam"],
  ]);
  t.live(5000);
  expect(t.table.list().length).toBe(1);
  expect([...t.touched]).toEqual(["cam"]);
  t.online.clear();
  t.table.closed("cam");
  expect(t.table.list()).toEqual([]);
});

test("a lost push starts again after the wait, later each time, and anew when it held", () => {
  const t = setUp();
  t.table.configure(config([auto()]));
  const starts: number[] = [];
  const lose = (refused = false) => {
    const id = t.table.list()[0]?.id ?? -1;
    t.workers.at(-1)?.report({ type: "pushEnded", id, why: "gone", refused });
    const from = t.clock.mono();
    for (let n = 0; n < 100 && t.table.list().length === 0; n++) t.live(1000);
    starts.push(Math.round((t.clock.mono() - from) / 1000));
  };
  lose();
  lose();
  lose();
  lose(true);
  t.live(60_000);
  lose();
  expect(starts).toEqual([3, 6, 12, 48, 3]);
  expect(t.lines[0]).toBe("warn cam: push to wire://239.0.0.1:5000/cam ended: gone; again in 3.0 s");
});

test("with a wait of 0 a lost push stays lost", () => {
  const t = setUp();
  t.table.configure(config([auto()], { waitMillis: 0 }));
  t.live(1000);
  t.workers[0]?.report({ type: "pushEnded", id: 1, why: "gone", refused: false });
  t.live(60_000);
  expect(t.table.list()).toEqual([]);
});

test("schedule, rules, exceptions and the speed limit decide who starts, and who stops", () => {
  const t = setUp();
  const now = Math.floor(t.clock.wall() / 1000);
  t.online.add("cam+a").add("cam+b");
  const stopped = (id: number) =>
    t.workers.some((w) => w.posted.some((o) => o.type === "endPush" && o.id === id));
  t.table.configure(config([
    auto({ name: "later", scheduleTime: now + 5, completeTime: now + 10 }),
    auto({ name: "wild", stream: "cam+", inhibit: ["cam+b"] }),
    auto({ name: "never", startRule: { variable: "stream", operator: 3, value: "cam" } }),
    auto({ name: "past", completeTime: now - 1 }),
  ]));
  t.live(1000);
  expect(t.table.list().map((p) => [p.auto, p.stream])).toEqual([["wild", "cam+a"]]);
  t.live(5000);
  expect(t.table.list().map((p) => p.auto)).toEqual(["wild", "later"]);
  expect(stopped(2)).toBe(false);
  t.live(5000);
  expect(stopped(2)).toBe(true);
  t.table.configure(config([auto({ name: "a" }), auto({ name: "b" }), auto({ name: "c" })], { maxSpeed: 1 }));
  expect(stopped(1)).toBe(true);
  expect(t.table.list().length).toBe(3);
  t.live(1000);
  expect(t.table.list().length).toBe(4);
});

test("a push of #tag sends the streams that have it, begins and ends with it, and can be kept from others", () => {
  const t = setUp();
  t.online.add("cam+a").add("cam+b");
  t.table.configure(config([auto({ stream: "#day", inhibit: ["#secret"] })]));
  t.live(1000);
  expect(t.table.list()).toEqual([]);
  t.tags.set("cam", ["night"]).set("cam+a", ["day"]).set("cam+b", ["day", "secret"]).set("yard", ["day"]);
  t.live(1000);
  expect(t.table.list().map((p) => p.stream)).toEqual(["cam+a"]);
  expect(t.table.matching("#day")).toEqual(["cam+a", "cam+b", "yard"]);
  expect(t.table.matching("#nobody")).toEqual([]);
  t.tags.set("cam+a", []);
  t.live(1000);
  expect(t.workers.some((w) => w.posted.some((o) => o.type === "endPush" && o.id === 1))).toBe(true);
});

test("variables of the configuration stand in targets and decide in rules", () => {
  const t = setUp();
  const target = "wire://h/$room/${room}s";
  t.table.configure(config([
    auto({ name: "in", target, startRule: { variable: "room", operator: 2, value: "hall" } }),
    auto({ name: "out", target, startRule: { variable: "room", operator: 3, value: "hall" } }),
  ]));
  t.live(1000);
  expect(t.table.list().map((p) => [p.auto, p.target])).toEqual([["in", "wire://h/hall/halls"]]);
});

test("another target ends the push of the old one, and a push without an end is made once", () => {
  const t = setUp();
  const now = Math.floor(t.clock.wall() / 1000);
  t.table.configure(config([auto({ scheduleTime: now - 1 })]));
  t.live(1000);
  t.workers[0]?.report({ type: "pushEnded", id: 1, why: "gone", refused: false });
  t.live(60_000);
  expect(t.table.list()).toEqual([]);
  t.table.configure(config([auto({ target: "wire://other" })]));
  expect(t.table.list().map((p) => p.target)).toEqual(["wire://other"]);
  t.table.configure(config([auto({ target: "wire://third" })]));
  expect(t.workers[1]?.posted).toContainEqual({ type: "endPush", id: 2 });
});

test("a worker that is started again gets the pushes that still run, and later tracks", () => {
  const t = setUp();
  t.table.start("cam", "wire://a");
  t.table.start("cam", "wire://b");
  t.workers[0]?.report({ type: "pushEnded", id: 1, why: "x", refused: false });
  const page = new SharedArrayBuffer(16);
  t.table.trackAdded("cam", page);
  t.live(1000);
  t.clock.advance(4000);
  t.clock.advance(1000);
  expect(t.workers.length).toBe(2);
  expect(t.workers[1]?.init.streams[0]?.pushes.map((p) => p.id)).toEqual([2]);
  expect(t.workers[1]?.init.streams[0]?.tracks).toEqual([page]);
});

test("streams share workers until these have enough, and a worker ends with its last stream", () => {
  const t = setUp(3);
  for (let n = 0; n < 40; n++) expect(t.table.start(`cam${n}`, "wire://a")).toBe(n + 1);
  expect(t.workers.length).toBe(2);
  const held = t.workers.map((w) => 1 + w.posted.filter((o) => o.type === "addStream").length);
  expect(held).toEqual([20, 20]);
  // a second push of a stream goes where the first one is
  t.table.start("cam0", "wire://b");
  expect(t.workers[0]?.posted.at(-1)).toMatchObject({ type: "push", stream: "cam0", push: { id: 41 } });
  t.table.closed("cam0");
  expect(t.workers[0]?.posted.at(-1)).toEqual({ type: "dropStream", stream: "cam0" });
  for (let n = 1; n < 40; n++) t.table.closed(`cam${n}`);
  expect(t.workers.map((w) => w.posted.at(-1))).toEqual([{ type: "stop" }, { type: "stop" }]);
  expect(t.table.list()).toEqual([]);
});

test("a push that sends is a session of its stream, counted once, until it ends", () => {
  const t = setUp();
  t.table.start("cam", "wire://[ff02::1]:5000");
  t.table.start("cam", "wire://joe:hush@host:5000/x");
  const counts = {
    activeMillis: 5,
    bytes: 1000,
    packets: 10,
    lost: 1,
    retransmitted: 0,
    mediaMillis: 8,
    tracks: [0],
  };
  const say = (...said: readonly (Partial<PushCounts> & { id: number })[]) =>
    t.workers[0]?.report({ type: "pushCounts", counts: said.map((c) => ({ ...counts, ...c })) });
  say({ id: 1 }, { id: 2, activeMillis: 0, bytes: 0, packets: 0, lost: 0 });
  expect(t.sessions.counts("cam")).toEqual({ viewer: 0, input: 0, output: 1 });
  say({ id: 1, bytes: 1500, packets: 15 }, { id: 2 });
  const rows = () => t.sessions.of("cam").map((s) => [s.kind, s.protocol, s.remote, s.bytesOut]);
  expect(rows()).toEqual([["output", "OUTPUT:WIRE", "ff02::1", 1500], [
    "output",
    "OUTPUT:WIRE",
    "host",
    1000,
  ]]);
  // its worker was started anew
  say({ id: 1, bytes: 200, packets: 2, lost: 0 });
  expect(rows()[0]?.[3]).toBe(1700);
  expect(t.sessions.sumsOf("cam")).toMatchObject({ bytesOut: 2700, packets: 27, packetsLost: 2 });
  t.workers[0]?.report({ type: "pushEnded", id: 1, why: "gone", refused: false });
  expect(t.sessions.counts().output).toBe(1);
  t.table.closed("cam");
  expect(t.sessions.counts().output).toBe(0);
});

test("an automatic push that sent all it was asked for runs again when its stream has been away", () => {
  const t = setUp();
  t.table.configure(config([auto({ target: "wire://h" })]));
  t.workers[0]?.report({ type: "pushEnded", id: 1, why: "all was sent", refused: false, complete: true });
  t.live(60_000);
  expect(t.table.list()).toEqual([]);
  expect(t.lines).toEqual(["info cam: push to wire://h ended: all was sent"]);
  t.online.clear();
  t.live(2000);
  t.online.add("cam");
  t.live(2000);
  expect(t.table.list().map((p) => p.id)).toEqual([2]);
});

test("a stream that cannot be opened now is tried again soon, one that is not there late", () => {
  const t = setUp();
  t.busy.add("cam");
  t.table.configure(config([auto()]));
  expect(t.lines).toEqual(["error cam: push lobby does not start: cam: not yet"]);
  t.busy.clear();
  t.live(4000);
  expect(t.table.list().length).toBe(1);
  t.online.add("yard");
  t.table.configure(config([auto({ stream: "yard" })]));
  t.live(20_000);
  expect(t.lines.filter((line) => line.includes("no such stream")).length).toBe(1);
});

const NOTHING_SENT: PushCounts = {
  id: 0,
  activeMillis: 0,
  bytes: 0,
  packets: 0,
  lost: 0,
  retransmitted: 0,
  mediaMillis: 0,
  tracks: [],
};

test("pushes go on in the server that takes over, when it has ended here", async () => {
  const t = setUp();
  const startedAt = t.clock.wall();
  expect(t.table.start("cam", "wire://joe:hush@h/$stream/$second?ttl=9")).toBe(1);
  expect(t.table.start("cam", "wire://stopped")).toBe(2);
  t.table.configure(config([auto()]));
  expect(t.table.list().map((p) => p.auto)).toEqual([undefined, undefined, "lobby"]);
  t.table.stop(2);
  t.live(250);
  t.workers[0]?.report({ type: "pushCounts", counts: [{ ...NOTHING_SENT, id: 1, mediaMillis: 1200 }] });
  t.table.rest();
  const released = t.table.release("cam");
  let ended = false;
  void released.then(() => ended = true);
  for (const id of [1, 2, 3]) {
    // what was to end anyhow says so to its receivers
    const order = id === 2 ? { type: "endPush", id } : { type: "endPush", id, handOver: true };
    expect(t.workers[0]?.posted).toContainEqual(order as PushWorkerOrder);
    await Promise.resolve();
    expect(ended).toBe(false);
    t.workers[0]?.report({ type: "pushEnded", id, why: "", refused: false, session: `session ${id}` });
  }
  const handed = parseHandedPushes(printHandedPushes(await released));
  expect(handed.next).toBe(4);
  expect(handed.pushes.map((p) => [p.id, p.given, p.startedAt, p.sentMillis])).toEqual([
    [1, "wire://joe:hush@h/$stream/$second?ttl=9", startedAt, 1200],
    [3, "wire://239.0.0.1:5000/$stream", startedAt, 0],
  ]);
  expect(t.table.list()).toEqual([]);

  const next = setUp();
  next.live(5000);
  next.online.delete("cam");
  next.table.configure(config([auto()]));
  next.table.adopt("cam", handed);
  // the automatic one is the one that runs
  next.online.add("cam");
  next.live(2000);
  expect(next.table.list().map((p) => [p.id, p.auto])).toEqual([[1, undefined], [3, "lobby"]]);
  const order = next.workers[0]?.init.streams[0]?.pushes[0];
  expect(order).toMatchObject({
    id: 1,
    values: { ttl: 9 },
    startedAt,
    sentMillis: 1200,
    session: "session 1",
  });
  // variables stand for what they stood for
  expect(order?.url).toBe((t.workers[0]?.init.streams[0]?.pushes[0])?.url as string);
  expect(next.table.list()[0]).toMatchObject({
    given: "wire://***@h/$stream/$second?ttl=9",
    auto: undefined,
  });
  expect(next.table.start("cam", "wire://third")).toBe(4);
  // handed over again, it has sent both
  next.workers[0]?.report({ type: "pushCounts", counts: [{ ...NOTHING_SENT, id: 1, mediaMillis: 300 }] });
  const again = next.table.release("cam");
  next.live(1000);
  expect((await again).pushes.map((p) => [p.id, p.sentMillis])).toEqual([[1, 1500], [3, 0], [4, 0]]);

  const other = setUp();
  other.table.configure(config([auto({ target: "wire://elsewhere" })]));
  other.table.adopt("cam", { ...handed, pushes: handed.pushes.slice(1) });
  expect(other.table.list().map((p) => p.target)).toEqual(["wire://elsewhere"]);
});

test("a number that is taken is not given twice, and what cannot go on is told", () => {
  const t = setUp();
  t.table.start("cam", "wire://own");
  const push = { id: 1, given: "wire://h/", filled: "wire://h/", startedAt: 1, sentMillis: 0 };
  t.table.adopt("cam", { next: 7, pushes: [push] });
  t.table.adopt("yard", { next: 7, pushes: [{ ...push, filled: "wire://joe:hush@h/" }] });
  expect(t.table.list().map((p) => p.id)).toEqual([1, 7]);
  expect(t.lines).toEqual(["error yard: push to wire://***@h/ does not go on: yard: no such stream"]);
  // an automatic one begins by itself when its stream does
  const given = "wire://239.0.0.1:5000/$stream";
  t.table.configure(config([auto({ stream: "yard", target: given })]));
  t.table.adopt("yard", { next: 7, pushes: [{ ...push, id: 3, given, filled: given, auto: "lobby" }] });
  expect(t.lines.length).toBe(1);
});

test("a push that was to end does not come back with a worker that is started again", () => {
  const t = setUp();
  t.table.start("cam", "wire://first");
  t.table.start("cam", "wire://second");
  t.table.stop(1);
  expect(t.table.list().map((p) => p.id)).toEqual([1, 2]);
  t.workers[0]?.crash();
  expect(t.table.list().map((p) => p.id)).toEqual([2]);
  t.live(1000);
  expect(t.workers[1]?.init.streams[0]?.pushes.map((p) => p.id)).toEqual([2]);
  // with the last one the worker is not started again
  t.table.stop(2);
  t.workers[1]?.crash();
  t.live(1000);
  expect(t.table.list()).toEqual([]);
  expect(t.workers.length).toBe(2);
});
