import { afterEach, expect, test } from "bun:test";
import type { Log } from "../../../src/base/log.ts";
import type { IngestInit } from "../../../src/control/messages.ts";
import type { StreamSettings } from "../../../src/control/stream/managed_stream.ts";
import { StreamTable } from "../../../src/control/stream/stream_table.ts";
import type { WorkerLauncher } from "../../../src/control/supervise/supervised_worker.ts";
import { makeHttpApp } from "../../../src/egress/http/app.ts";
import type { OpenedStream, Refusal, StreamDoor } from "../../../src/egress/door.ts";
import { systemClock } from "../../../src/host/clock.ts";
import { spawnWorkerFrom } from "../../../src/host/worker.ts";
import { eventually } from "../../eventually.ts";
import { type Fault, FAULTS, type FaultyInit } from "./faults.ts";

const ENTRY = new URL("./faulty_worker.ts", import.meta.url).href;

const settings = (name: string): StreamSettings => ({
  name,
  url: `rtsp://camera/${name}`,
  shownUrl: `rtsp://camera/${name}`,
  values: {},
  alwaysOn: true,
  idleMillis: 10_000,
  limits: { segmentMillis: 480, partMillis: 120, windowMillis: 20_000, maxBytesPerTrack: 1 << 20 },
});

/** The controller's stream table over real workers, and the web server's answers over its pages, in this process. */
class Server implements StreamDoor {
  readonly lines: string[] = [];
  readonly starts = new Map<string, number>();
  readonly #orders = new Map<string, SharedArrayBuffer>();
  readonly #added: ((stream: string, page: SharedArrayBuffer) => void)[] = [];
  readonly table: StreamTable;
  readonly app;

  constructor(...names: string[]) {
    const say = (line: string) => void this.lines.push(line);
    const logOf = (stream: string): Log => {
      const put = (line: string) => say(`${stream}: ${line}`);
      return { debug() {}, info: put, warn: put, error: put, debugging: false };
    };
    const launcher: WorkerLauncher = {
      launch: (name, init, on) => {
        const { stream } = init as IngestInit;
        this.starts.set(stream, (this.starts.get(stream) ?? 0) + 1);
        const more: FaultyInit = { order: this.#order(stream) };
        return spawnWorkerFrom(ENTRY, name, { ...init as IngestInit, ...more }, on);
      },
    };
    this.table = new StreamTable({
      tagsOf: () => [],
      launcher,
      clock: systemClock,
      logOf,
      logLevel: () => "info",
      tap: undefined,
      random: () => 0.5,
      putLog: (line) => say(line.message),
      trackAdded: (stream, page) => this.#added.forEach((run) => run(stream, page)),
      closed() {},
    });
    this.app = makeHttpApp({
      door: this,
      assets: () => undefined,
      clock: systemClock,
      log: logOf("http"),
      list: () => Promise.resolve(this.table.list()),
    });
    void this.table.configure(names.map(settings));
  }

  /** The door of the web server. */
  open(name: string): Promise<OpenedStream | Refusal> {
    const answer = this.table.open({ stream: name, remote: "", url: "", protocol: "HLS" });
    if (!answer.allowed) return Promise.resolve(answer);
    const { page, tracks } = answer;
    return Promise.resolve({
      name,
      page,
      tracks,
      onTracks: (run) => void this.#added.push((stream, added) => stream === name && run(added)),
      onClosed() {},
    });
  }

  touch(name: string): void {
    this.table.touch(name);
  }

  #order(stream: string): SharedArrayBuffer {
    let order = this.#orders.get(stream);
    if (order === undefined) this.#orders.set(stream, order = new SharedArrayBuffer(4));
    return order;
  }

  order(stream: string, fault: Fault): void {
    Atomics.store(new Int32Array(this.#order(stream)), 0, FAULTS.indexOf(fault));
  }

  async get(path: string): Promise<{ status: number; text: string }> {
    const answer = await this.app(new Request(`http://host${path}`), { remote: "" });
    return { status: answer.status, text: await answer.text() };
  }

  playlist(stream: string): Promise<{ status: number; text: string }> {
    return this.get(`/hls/${stream}/0/index.m3u8`);
  }

  async close(): Promise<void> {
    this.app.close();
    await this.table.close();
  }
}

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

function serve(...names: string[]): Server {
  const server = new Server(...names);
  closers.push(() => server.close());
  return server;
}

const newest = (text: string) => Number([...text.matchAll(/^(\d+)\.m4s/gm)].at(-1)?.[1] ?? NaN);
const count = (text: string, what: string) => text.split(what).length - 1;

const SAID: Partial<Record<Fault, RegExp>> = {
  throw: /victim: ingest worker ended: .*a camera's poison[^]*starts again in 0\.1 s/,
  reject: /victim: ingest worker ended: .*a forgotten promise[^]*starts again in 0\.1 s/,
  exit: /victim: ingest worker ended: .*code 3; starts again in 0\.1 s/,
  loop: /victim: ingest worker ended: no heartbeat for \d\.\d s; starts again in 0\.1 s/,
};

for (const [fault, said] of Object.entries(SAID) as [Fault, RegExp][]) {
  test(`${fault}: that worker alone starts again, viewers are served meanwhile and go on`, async () => {
    const server = serve("victim", "other");
    for (const name of ["victim", "other"]) {
      await eventually(
        async () => (await server.playlist(name)).text.includes(".m4s\n"),
        () => [name, server.lines],
      );
    }
    const before = (await server.playlist("victim")).text;
    const part = /#EXT-X-PART:.*URI="([^"]+)"/.exec(before)?.[1];

    server.order("victim", fault);
    // whatever the worker does, what is in the buffer is served
    let served = 0;
    while (server.starts.get("victim") === 1) {
      expect((await server.playlist("victim")).status).toBe(200);
      expect((await server.get(`/hls/victim/0/${part}`)).status).toBe(200);
      if (server.starts.get("victim") === 1) served++;
      await Bun.sleep(20);
    }
    expect(server.lines.join("\n")).toMatch(said);
    // none of these answers waited for the next worker
    if (fault === "loop") expect(served).toBeGreaterThan(3);

    await eventually(async () => {
      const { text } = await server.playlist("victim");
      return newest(text) > newest(before) + 2 && text.includes("#EXT-X-DISCONTINUITY\n");
    }, () => server.lines);
    const after = (await server.playlist("victim")).text;
    expect(count(after, "#EXT-X-DISCONTINUITY\n")).toBe(1);
    const other = (await server.playlist("other")).text;
    expect(other).not.toContain("#EXT-X-DISCONTINUITY\n");
    expect(newest(other)).toBeGreaterThan(newest(after) - 20);
    expect(Object.fromEntries(server.starts)).toEqual({ victim: 2, other: 1 });
    expect(server.lines.filter((l) => l.startsWith("other") || l.startsWith("http"))).toEqual([]);
  }, 60_000);
}

test("a worker that fails at every start is started ever more slowly, and recovers once it can", async () => {
  const server = serve("victim", "other");
  server.order("victim", "throw at once");
  await eventually(() => (server.starts.get("victim") ?? 0) >= 7, () => server.lines);
  const delays = server.lines.flatMap((l) => /starts again in ([\d.]+) s/.exec(l)?.[1] ?? []).map(Number);
  expect(delays.slice(0, 5)).toEqual([0.1, 0.1, 0.1, 0.1, 0.1]);
  expect(delays[5]).toBeGreaterThan(0.1);
  const refused = await server.get("/hls/victim/index.m3u8");
  expect([refused.status, refused.text]).toEqual([503, expect.stringContaining("offline")]);
  expect(server.starts.get("other")).toBe(1);

  server.order("victim", "none");
  await eventually(async () => (await server.playlist("victim")).status === 200, () => server.lines);
  expect(server.table.list().find((s) => s.name === "victim")?.state).toBe("online");
}, 60_000);
