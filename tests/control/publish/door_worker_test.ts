import { expect, test } from "bun:test";
import type { Log } from "../../../src/base/log.ts";
import type { DoorInit, DoorWorkerOrder } from "../../../src/control/publish/door_messages.ts";
import { DoorWorker } from "../../../src/control/publish/door_worker.ts";
import type { PublishAnswer } from "../../../src/control/publish/publish_messages.ts";
import { SILENT_MILLIS } from "../../../src/control/publish/publication.ts";
import type { StreamSettings } from "../../../src/control/stream/managed_stream.ts";
import { StreamTable } from "../../../src/control/stream/stream_table.ts";
import type { WorkerLauncher } from "../../../src/control/supervise/supervised_worker.ts";
import { Vitals } from "../../../src/control/supervise/vitals.ts";
import { StreamView } from "../../../src/buffer/stream_view.ts";
import { StreamWriter } from "../../../src/buffer/stream_writer.ts";
import { info, payload, video } from "../../buffer/stream_fixture.ts";
import { ManualClock } from "../../manual_clock.ts";

const nothing = () => {};
const log: Log = { debug: nothing, info: nothing, warn: nothing, error: nothing, debugging: false };
const settle = () => new Promise<void>((resolve) => setTimeout(resolve, 0));

function settings(name: string, change: Partial<StreamSettings> = {}): StreamSettings {
  return {
    name,
    url: "push://192.0.2.1@hush",
    shownUrl: "push://192.0.2.1@***",
    values: { takeover: false },
    alwaysOn: false,
    idleMillis: 10_000,
    limits: { segmentMillis: 2000, partMillis: 200, windowMillis: 10_000, maxBytesPerTrack: 1 << 20 },
    ...change,
  };
}

/** A controller with one door worker that the test plays. */
async function setUp(streams: readonly StreamSettings[] = [settings("live")]) {
  const clock = new ManualClock();
  const workers: {
    readonly init: DoorInit<string>;
    readonly posted: DoorWorkerOrder[];
    say(message: unknown): void;
    die(): void;
  }[] = [];
  const launcher: WorkerLauncher = {
    launch(_name, init, on) {
      const posted: DoorWorkerOrder[] = [];
      workers.push({
        init: init as DoorInit<string>,
        posted,
        say: (message) => on.message(message),
        die: () => on.exit({ error: "died" }),
      });
      return {
        post: (message) => void posted.push(message as DoorWorkerOrder),
        terminate: nothing,
      };
    },
  };
  const common = {
    launcher,
    clock,
    logLevel: () => "info" as const,
    random: () => 0.5,
    putLog: nothing,
    logOf: () => log,
  };
  const closed: string[] = [];
  const table: StreamTable = new StreamTable({
    tagsOf: () => [],
    ...common,
    tap: undefined,
    trackAdded: (stream, page) => door.trackAdded(stream, page),
    closed: (stream) => closed.push(stream),
    offline: nothing,
  });
  await table.configure(streams);
  const door = new DoorWorker<string>({
    ...common,
    name: "rtsp",
    number: 1000,
    settings: "its own",
    log,
    table,
    sessions: { take: nothing, forget: nothing, refused: () => [] },
    admission: new SharedArrayBuffer(12),
    hashes: { md5: (t) => t, sha256: (t) => t },
    resolve: () => Promise.resolve([]),
    listening: nothing,
  });
  door.start();
  let next = 0;
  const publish = async (stream: string, remote = "192.0.2.1", password = ""): Promise<PublishAnswer> => {
    const worker = workers.at(-1)!;
    const id = next++;
    worker.say({
      type: "publish",
      id,
      question: {
        stream,
        remote,
        url: "",
        protocol: "RTSP",
        userAgent: "",
        password,
        proof: { kind: "none" },
      },
    });
    await settle();
    const order = worker.posted.find((o) => o.type === "published" && o.id === id);
    if (order?.type !== "published") throw new Error("no answer");
    return order.answer;
  };
  const stateOf = (name: string) => table.list().find((s) => s.name === name)?.state;
  const open = (stream: string) => table.open({ stream, remote: "", url: "", protocol: "hls" });
  return { clock, workers, table, door, publish, stateOf, open, closed, worker: () => workers.at(-1)! };
}

type Allowed = Extract<PublishAnswer, { allowed: true }>;
const allowed = (answer: PublishAnswer): Allowed => {
  if (!answer.allowed) throw new Error(answer.reason);
  return answer;
};

test("a stream that nobody publishes into is offline, with the reason", async () => {
  const t = await setUp();
  expect(t.worker().init.settings).toBe("its own");
  expect(t.open("live")).toMatchObject({
    allowed: false,
    status: 503,
    reason: "stream offline: nobody publishes into it",
  });
  expect(t.stateOf("live")).toBe("waiting");
});

test("a publisher writes pages that viewers read, and what it wrote stays when it leaves", async () => {
  const t = await setUp();
  const answer = allowed(await t.publish("live"));
  expect(t.stateOf("live")).toBe("connecting");
  t.worker().say({ type: "allocate", id: 7, session: answer.session, trackId: 0, kind: "video" });
  const order = t.worker().posted.find((o) => o.type === "page");
  if (order?.type !== "page" || order.page === undefined) throw new Error("no page");
  const page = order.page;
  const writer = new StreamWriter({
    page: answer.page,
    tracks: answer.tracks,
    allocate: () => Promise.resolve(page),
    settings: answer.limits,
    now: () => t.clock.mono(),
    wall: () => t.clock.wall(),
  });
  const track = await writer.begin().addTrack(video());
  track.write(info(0, 3600, true), payload(1, 100));
  t.worker().say({ type: "publishing", session: answer.session });
  expect(t.stateOf("live")).toBe("online");
  const opened = t.open("live");
  expect(opened.allowed && opened.tracks).toEqual([page]);
  const vitals = new Vitals(answer.vitals);
  vitals.set("bytesIn", 100);
  const [seen] = t.table.observe();
  expect([seen?.vitals?.get("bytesIn"), seen?.source]).toEqual([100, "rtsp://192.0.2.1"]);
  writer.end();
  t.worker().say({ type: "unpublish", session: answer.session });
  expect(t.stateOf("live")).toBe("waiting");
  expect(t.open("live").allowed).toBe(true);
  expect(new StreamView(answer.page).live).toBe(false);
  // The next one goes on in the same pages.
  const again = allowed(await t.publish("live"));
  expect([again.page === answer.page, again.tracks[0] === page]).toEqual([true, true]);
  t.worker().say({ type: "unpublish", session: again.session });
  t.clock.advance(11_000);
  await settle();
  expect(t.closed).toEqual(["live"]);
});

test("a second publisher is refused while the first one sends, and let in when that is silent", async () => {
  const t = await setUp();
  const first = allowed(await t.publish("live"));
  new Vitals(first.vitals).set("inputAt", t.clock.mono());
  expect(await t.publish("live")).toMatchObject({
    allowed: false,
    status: 503,
    reason: "somebody publishes already",
  });
  t.clock.advance(SILENT_MILLIS + 1);
  const second = allowed(await t.publish("live"));
  expect(t.worker().posted).toContainEqual({
    type: "endPublish",
    session: first.session,
    reason: "another publisher took over",
  });
  // What the first one still says is nothing to the stream.
  t.worker().say({ type: "publishing", session: first.session });
  t.worker().say({ type: "allocate", id: 3, session: first.session, trackId: 0, kind: "video" });
  t.worker().say({ type: "unpublish", session: first.session });
  expect(t.worker().posted).toContainEqual({ type: "page", id: 3, page: undefined });
  expect(t.stateOf("live")).toBe("connecting");
  t.worker().say({ type: "publishing", session: second.session });
  expect(t.stateOf("live")).toBe("online");
});

test("the newest wins where the stream is configured so", async () => {
  const t = await setUp([settings("live", { values: { takeover: true } })]);
  const first = allowed(await t.publish("live"));
  new Vitals(first.vitals).set("inputAt", t.clock.mono());
  expect(allowed(await t.publish("live")).session).not.toBe(first.session);
});

test("who may not publish is told so", async () => {
  const t = await setUp([settings("live"), settings("cam", { url: "rtsp://h/1" })]);
  expect(await t.publish("live", "203.0.113.1")).toMatchObject({ allowed: false, status: 401 });
  expect(await t.publish("live", "203.0.113.1", "hush")).toMatchObject({ allowed: true });
  expect(await t.publish("cam")).toMatchObject({ allowed: false, status: 403 });
  expect(await t.publish("other")).toMatchObject({ allowed: false, status: 404 });
  expect(await t.publish("live+wild")).toMatchObject({ allowed: true, name: "live+wild" });
});

test("a worker that dies takes its publishers with it, and its streams' buffers stay", async () => {
  const t = await setUp();
  const answer = allowed(await t.publish("live"));
  t.worker().say({ type: "allocate", id: 7, session: answer.session, trackId: 0, kind: "video" });
  t.worker().say({ type: "publishing", session: answer.session });
  t.workers[0]!.die();
  expect(t.stateOf("live")).toBe("waiting");
  t.clock.advance(200);
  expect(t.workers.length).toBe(2);
  expect(allowed(await t.publish("live")).tracks.length).toBe(1);
});

test("a publisher is stopped, and told when its stream is set up anew or removed", async () => {
  const t = await setUp();
  const reasons = () => t.worker().posted.flatMap((o) => o.type === "endPublish" ? [o.reason] : []);
  await t.publish("live");
  expect(t.door.stopPublisher("live", "192.0.2.9")).toBe(false);
  expect(t.door.stopPublisher("live", "192.0.2.1")).toBe(true);
  expect(reasons()).toEqual(["stopped"]);
  t.worker().say({ type: "unpublish", session: 1 });
  await t.publish("live");
  await t.table.configure([settings("live", { alwaysOn: true })]);
  expect(reasons()).toEqual(["stopped"]);
  await t.table.configure([settings("live", { url: "push://@other" })]);
  expect(reasons().length).toBe(2);
  t.worker().say({ type: "unpublish", session: 2 });
  allowed(await t.publish("live", "192.0.2.1", "other"));
  await t.table.configure([]);
  expect(reasons().length).toBe(3);
});

test("a door's viewers are answered as HTTP's are, and hear of later tracks", async () => {
  const t = await setUp();
  const answer = allowed(await t.publish("live"));
  const question = { stream: "live", remote: "", url: "", protocol: "RTSP" };
  t.worker().say({ type: "open", id: 1, question });
  expect(t.worker().posted).toContainEqual(expect.objectContaining({ type: "opened", id: 1 }));
  t.worker().say({ type: "allocate", id: 2, session: answer.session, trackId: 0, kind: "audio" });
  expect(t.worker().posted.at(-1)).toMatchObject({ type: "page", id: 2 });
  expect(t.worker().posted.some((o) => o.type === "track" && o.stream === "live")).toBe(true);
  t.door.closed("live");
  expect(t.worker().posted.at(-1)).toEqual({ type: "closed", stream: "live" });
});

test("players are judged by what their stream asks for now, wildcard streams included", async () => {
  const t = await setUp([settings("live", { rtspPassword: "hush" }), settings("free")]);
  let id = 0;
  const judge = (stream: string, password?: string) => {
    const proof = password === undefined ? { kind: "none" } : { kind: "password", user: "any", password };
    t.worker().say({ type: "play", id: ++id, stream, proof });
    const order = t.worker().posted.find((o) => o.type === "mayPlay" && o.id === id);
    return order?.type === "mayPlay" ? order.answer : undefined;
  };
  const asked = [["live"], ["live", "hush"], ["live", "no"], ["live+x", "no"], ["free", "no"], ["none"]];
  expect(asked.map(([stream = "", password]) => judge(stream, password)))
    .toEqual(["wrong", "right", "wrong", "wrong", "open", "open"]);
  // Who only asks makes no stream.
  expect(t.table.list().map((s) => s.name)).toEqual(["free", "live"]);
  const answer = allowed(await t.publish("live"));
  await t.table.configure([settings("live", { rtspPassword: "other" }), settings("free")]);
  expect([judge("live", "hush"), judge("live", "other")]).toEqual(["wrong", "right"]);
  // Whoever publishes goes on.
  expect(t.worker().posted.some((o) => o.type === "endPublish" && o.session === answer.session)).toBe(false);
});
