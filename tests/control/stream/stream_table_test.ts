import { expect, test } from "bun:test";
import type { Log } from "../../../src/base/log.ts";
import { wallMillis } from "../../../src/base/units.ts";
import type { IngestInit, OpenQuestion } from "../../../src/control/messages.ts";
import type { StreamSettings } from "../../../src/control/stream/managed_stream.ts";
import { StreamTable, WILDCARDS_MAX } from "../../../src/control/stream/stream_table.ts";
import type { WorkerLauncher } from "../../../src/control/supervise/supervised_worker.ts";
import { Vitals } from "../../../src/control/supervise/vitals.ts";
import { StreamView } from "../../../src/buffer/stream_view.ts";
import { StreamWriter } from "../../../src/buffer/stream_writer.ts";
import { audio, video } from "../../buffer/stream_fixture.ts";
import { ManualClock } from "../../manual_clock.ts";

interface Launched {
  readonly init: IngestInit;
  readonly on: { message(m: unknown): void; exit(why: { readonly error?: string }): void };
  readonly posted: unknown[];
  ended: boolean;
}

function settings(name: string, change: Partial<StreamSettings> = {}): StreamSettings {
  return {
    name,
    url: `rtsp://user:secret@camera/${name}`,
    shownUrl: `rtsp://***@camera/${name}`,
    values: {},
    alwaysOn: false,
    idleMillis: 10_000,
    limits: { segmentMillis: 2000, partMillis: 200, windowMillis: 10_000, maxBytesPerTrack: 1 << 20 },
    ...change,
  };
}

function setUp({ stopsLater = false } = {}) {
  const clock = new ManualClock();
  const launched: Launched[] = [];
  const added: string[] = [];
  const closed: string[] = [];
  const offline: string[] = [];
  const launcher: WorkerLauncher = {
    launch(_name, init, on) {
      const worker: Launched = { init: init as IngestInit, on, posted: [], ended: false };
      launched.push(worker);
      return {
        post(message) {
          worker.posted.push(message);
          if ((message as { type: string }).type === "stop" && !stopsLater) on.message({ type: "stopped" });
        },
        terminate: () => worker.ended = true,
      };
    },
  };
  const nothing = () => {};
  const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, debugging: false };
  const table = new StreamTable({
    tagsOf: () => [],
    launcher,
    clock,
    logOf: () => log,
    logLevel: () => "info",
    tap: undefined,
    random: () => 0.5,
    putLog: nothing,
    trackAdded: (stream) => added.push(stream),
    closed: (stream) => closed.push(stream),
    offline: (stream, why) => offline.push(`${stream}: ${why}`),
  });
  /** Lets time pass while every worker that was not ended beats. */
  const live = (ms: number) => {
    for (let t = 0; t < ms; t += 250) {
      for (const worker of launched) if (!worker.ended) new Vitals(worker.init.vitals).beat();
      clock.advance(250);
    }
  };
  return { clock, launched, added, closed, offline, table, live };
}

const ask = (stream: string): OpenQuestion => ({ stream, remote: "::1", url: "/", protocol: "hls" });
/** Lets promises that are settled already run on. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

test("an on-demand stream starts with its first viewer and is shared by the others", async () => {
  const t = setUp();
  await t.table.configure([settings("cam")]);
  expect(t.launched.length).toBe(0);
  const first = t.table.open(ask("cam"));
  const second = t.table.open(ask("CAM"));
  expect(t.launched.length).toBe(1);
  expect(first.allowed && second.allowed && first.page === second.page).toBe(true);
});

test("an on-demand source stops its configured time after the last viewer, and its pages are given up", async () => {
  const t = setUp();
  await t.table.configure([settings("cam")]);
  t.table.open(ask("cam"));
  t.live(8000);
  t.table.touch("cam");
  t.live(8000);
  expect(t.launched[0]?.ended).toBe(false);
  t.live(4000);
  await settle();
  expect(t.launched[0]?.ended).toBe(true);
  expect(t.closed).toEqual(["cam"]);
  expect(t.table.list()[0]?.state).toBe("idle");
});

test("an always-on stream runs without viewers", async () => {
  const t = setUp();
  await t.table.configure([settings("cam", { alwaysOn: true })]);
  expect(t.launched.length).toBe(1);
  t.live(120_000);
  expect(t.launched[0]?.ended).toBe(false);
});

test("segment numbers of a stream that is set up anew are larger than all before", async () => {
  const t = setUp();
  await t.table.configure([settings("cam", { idleMillis: 1000 })]);
  const first = t.table.open(ask("cam"));
  t.live(5000);
  await settle();
  const second = t.table.open(ask("cam"));
  if (!first.allowed || !second.allowed) throw new Error("not opened");
  expect(new StreamView(second.page).oldestSegment).toBeGreaterThan(new StreamView(first.page).oldestSegment);
  expect(t.launched.length).toBe(2);
});

test("unknown and impossible names are 404, a refused source is 503 with its reason", async () => {
  const t = setUp();
  await t.table.configure([settings("cam")]);
  expect(t.table.open(ask("nobody"))).toMatchObject({ allowed: false, status: 404 });
  expect(t.table.open(ask("../etc"))).toMatchObject({ allowed: false, status: 404 });
  t.table.open(ask("cam"));
  t.launched[0]?.on.message({ type: "state", state: "refused", reason: "401 wrong user or password" });
  expect(t.table.open(ask("cam"))).toMatchObject({ allowed: false, status: 503, retryAfterSeconds: 2 });
  expect(t.table.list()[0]).toMatchObject({ state: "refused", reason: "401 wrong user or password" });
});

test("segment numbers begin above 0 on a machine whose clock was never set", async () => {
  const t = setUp();
  t.clock.wall = () => wallMillis(0);
  await t.table.configure([settings("cam")]);
  const opened = t.table.open(ask("cam"));
  if (!opened.allowed) throw new Error(opened.reason);
  expect(new StreamView(opened.page).oldestSegment).toBe(1);
});

test("listings, which viewers see, do not say where a stream comes from", async () => {
  const t = setUp();
  await t.table.configure([settings("cam")]);
  const { url, shownUrl } = settings("cam");
  const text = JSON.stringify(t.table.list());
  for (const hidden of [url, shownUrl, "secret"]) expect(text).not.toContain(hidden);
});

test("tracks are listed by their numbers, whichever came first", async () => {
  const t = setUp();
  await t.table.configure([settings("cam")]);
  const opened = t.table.open(ask("cam"));
  if (!opened.allowed) throw new Error(opened.reason);
  const worker = t.launched[0] as Launched;
  const session = new StreamWriter({
    page: opened.page,
    tracks: [],
    settings: worker.init.limits,
    now: () => t.clock.mono(),
    wall: () => t.clock.wall(),
    allocate(trackId, kind) {
      worker.on.message({ type: "allocate", id: trackId, trackId, kind });
      return Promise.resolve((worker.posted.at(-1) as { page: SharedArrayBuffer }).page);
    },
  }).begin();
  await session.addTrack(audio(1));
  await session.addTrack(video(0));
  expect(t.table.list()[0]?.tracks.map((track) => track.label)).toEqual(["H.264", "AAC"]);
});

test("a worker that died gets the pages of the one before it", async () => {
  const t = setUp();
  await t.table.configure([settings("cam")]);
  const opened = t.table.open(ask("cam"));
  t.launched[0]?.on.message({ type: "allocate", id: 7, trackId: 0, kind: "video" });
  expect(t.launched[0]?.posted).toMatchObject([{ type: "page", id: 7 }]);
  expect(t.added).toEqual(["cam"]);
  t.launched[0]?.on.exit({ error: "poisoned packet" });
  t.clock.advance(200);
  expect(t.launched.length).toBe(2);
  expect(opened.allowed && t.launched[1]?.init.page === opened.page).toBe(true);
  expect(t.launched[1]?.init.tracks.length).toBe(1);
});

test("a wildcard name is a stream of its own with the settings of its base", async () => {
  const t = setUp();
  await t.table.configure([settings("cam", { alwaysOn: true })]);
  t.table.open(ask("cam+Night"));
  expect(t.launched.map((w) => w.init.stream)).toEqual(["cam", "cam+Night"]);
});

test("wildcard streams are bounded, and forgotten when nobody looks", async () => {
  const t = setUp();
  await t.table.configure([settings("cam", { idleMillis: 1000 })]);
  for (let n = 0; n < WILDCARDS_MAX; n++) expect(t.table.open(ask(`cam+${n}`)).allowed).toBe(true);
  expect(t.table.open(ask("cam+more"))).toMatchObject({ allowed: false, status: 503 });
  t.live(3000);
  await settle();
  expect(t.table.list().map((s) => s.name)).toEqual(["cam"]);
  expect(t.table.open(ask("cam+more")).allowed).toBe(true);
});

test("a change restarts the stream that it touches and no other", async () => {
  const t = setUp();
  await t.table.configure([settings("one", { alwaysOn: true }), settings("two", { alwaysOn: true })]);
  await t.table.configure([
    settings("one", { alwaysOn: true }),
    settings("two", { alwaysOn: true, url: "rtsp://elsewhere/" }),
  ]);
  expect(t.launched.map((w) => `${w.init.stream} ${w.ended}`)).toEqual([
    "one false",
    "two true",
    "two false",
  ]);
  await t.table.configure([settings("one", { alwaysOn: true })]);
  expect(t.launched.at(-1)?.ended).toBe(true);
  expect(t.table.list().map((s) => s.name)).toEqual(["one"]);
  expect(t.launched[0]?.ended).toBe(false);
});

test("an always-on stream that is turned on-demand stops when nobody looks", async () => {
  const t = setUp();
  await t.table.configure([settings("cam", { alwaysOn: true })]);
  await t.table.configure([settings("cam", { alwaysOn: false })]);
  expect(t.launched[0]?.ended).toBe(false);
  t.live(12_000);
  await settle();
  expect(t.launched.map((worker) => worker.ended)).toEqual([true]);
});

test("a new log level reaches workers that run", async () => {
  const t = setUp();
  await t.table.configure([settings("cam", { alwaysOn: true })]);
  t.table.logLevelChanged();
  expect(t.launched[0]?.posted).toContainEqual({ type: "logLevel", level: "info" });
});

test("those who wait for the first media of a stream are told why there will be none, without passwords", async () => {
  const t = setUp();
  await t.table.configure([settings("cam")]);
  expect(t.table.open(ask("cam")).allowed).toBe(true);
  const [worker] = t.launched;
  const state = (state: string, reason: string) => worker?.on.message({ type: "state", state, reason });
  state("refused", "rtsp://user:secret@camera/cam: 401 Unauthorized");
  expect(t.offline).toEqual(["cam: stream offline: rtsp://***@camera/cam: 401 Unauthorized"]);
  expect(t.table.open(ask("cam"))).toMatchObject({ allowed: false, status: 503, retryAfterSeconds: 2 });
  expect(t.closed).toEqual([]);
  state("connecting", "");
  expect(t.table.open(ask("cam")).allowed).toBe(true);
  worker?.on.message({ type: "allocate", id: 1, trackId: 0, kind: "video" });
  // what was there stays to be watched while the source comes back
  state("waiting", "connection lost");
  expect(t.offline).toHaveLength(1);
  expect(t.table.open(ask("cam")).allowed).toBe(true);
});

test("one failure sends nobody away who waits for a source that begins; the second does, with its reason", async () => {
  const t = setUp();
  await t.table.configure([settings("cam")]);
  for (let n = 0; n < 2; n++) {
    t.table.open(ask("cam"));
    const state = (state: string, reason = "") => t.launched[n]?.on.message({ type: "state", state, reason });
    state("waiting", "camera answers 503");
    expect([t.offline.length, t.table.open(ask("cam")).allowed]).toEqual([n, true]);
    state("connecting");
    state("waiting", "camera answers 404");
    expect(t.offline[n]).toBe("cam: stream offline: camera answers 404");
    expect(t.table.open(ask("cam"))).toMatchObject({ status: 503 });
    // stopped and begun anew: the count begins anew too
    t.live(40_000);
    await settle();
  }
});

test("the first failure of a source that was online is forgotten when it is back", async () => {
  const t = setUp();
  await t.table.configure([settings("cam", { alwaysOn: true })]);
  const state = (state: string, reason = "") => t.launched[0]?.on.message({ type: "state", state, reason });
  for (let n = 0; n < 3; n++) {
    state("waiting", "connection lost");
    state("connecting");
    state("online");
  }
  expect(t.offline).toEqual([]);
});

test("a viewer who comes while an on-demand source ends has it started again, in the same pages", async () => {
  const t = setUp({ stopsLater: true });
  await t.table.configure([settings("cam", { idleMillis: 1000 })]);
  const before = t.table.open(ask("cam"));
  t.live(1500);
  expect(t.launched[0]?.posted).toContainEqual({ type: "stop" });
  const came = t.table.open(ask("cam"));
  expect(came.allowed && before.allowed && came.page === before.page).toBe(true);
  t.launched[0]?.on.message({ type: "stopped" });
  await settle();
  expect([t.launched.length, t.closed]).toEqual([2, []]);
  expect(t.launched[1]?.init.page).toBe(came.allowed ? came.page : undefined);
  expect(t.table.list()[0]?.state).toBe("connecting");
  // and ends again when nobody looks
  t.live(1500);
  t.launched[1]?.on.message({ type: "stopped" });
  await settle();
  expect([t.launched.length, t.closed]).toEqual([2, ["cam"]]);
});

test("a machine that stands still does not end the source of somebody who watches", async () => {
  const t = setUp();
  await t.table.configure([settings("cam", { idleMillis: 1000 })]);
  t.table.open(ask("cam"));
  for (let n = 0; n < 5; n++) {
    t.live(500);
    t.table.touch("cam");
    t.clock.stall(1500);
    t.live(250);
    t.table.touch("cam");
  }
  expect([t.launched.length, t.launched[0]?.ended]).toEqual([1, false]);
  t.live(1500);
  await settle();
  expect(t.launched[0]?.ended).toBe(true);
});

test("a worker that was told to end gets no page any more, which nobody would write", async () => {
  const t = setUp({ stopsLater: true });
  await t.table.configure([settings("cam", { idleMillis: 1000 })]);
  t.table.open(ask("cam"));
  t.live(1500);
  expect(t.launched[0]?.posted).toEqual([{ type: "stop" }]);
  t.table.open(ask("cam"));
  t.launched[0]?.on.message({ type: "allocate", id: 1, trackId: 0, kind: "video" });
  t.launched[0]?.on.message({ type: "stopped" });
  await settle();
  expect([t.launched[1]?.init.tracks, t.added]).toEqual([[], []]);
});

test("a stream that is removed while its source ends is not started again", async () => {
  const t = setUp({ stopsLater: true });
  await t.table.configure([settings("cam", { idleMillis: 1000 })]);
  t.table.open(ask("cam"));
  t.live(1500);
  t.table.open(ask("cam"));
  const removed = t.table.configure([]);
  t.launched[0]?.on.message({ type: "stopped" });
  await removed;
  await settle();
  expect([t.launched.length, t.closed]).toEqual([1, ["cam"]]);
});

test("what a stream had before it was stopped does not make it offline when it begins anew", async () => {
  const t = setUp();
  await t.table.configure([settings("cam")]);
  for (let n = 0; n < 2; n++) {
    expect(t.table.open(ask("cam")).allowed).toBe(true);
    const worker = t.launched[n];
    worker?.on.message({ type: "allocate", id: 1, trackId: 0, kind: "video" });
    expect(t.table.open(ask("cam")).allowed).toBe(true);
    worker?.on.message({ type: "state", state: "online", reason: "" });
    t.live(40_000);
    await settle();
    expect(t.closed).toHaveLength(n + 1);
    t.live(40_000);
  }
  expect(t.offline).toEqual([]);
});

test("a source that is away for longer than the window leaves nothing to watch, until it is back", async () => {
  const t = setUp();
  await t.table.configure([settings("cam", { alwaysOn: true })]);
  const [worker] = t.launched;
  const state = (state: string, reason = "") => worker?.on.message({ type: "state", state, reason });
  worker?.on.message({ type: "allocate", id: 1, trackId: 0, kind: "video" });
  state("online");
  t.live(60_000);
  state("waiting", "connection lost");
  t.live(6000);
  state("online");
  t.live(6000);
  state("waiting", "connection lost");
  t.live(9750);
  expect([t.offline, t.table.open(ask("cam")).allowed]).toEqual([[], true]);
  t.live(500);
  expect(t.offline).toEqual(["cam: stream offline: connection lost"]);
  state("connecting");
  expect(t.table.open(ask("cam"))).toMatchObject({ status: 503, reason: "stream offline: connecting again" });
  state("online");
  expect(t.table.open(ask("cam")).allowed).toBe(true);
});
