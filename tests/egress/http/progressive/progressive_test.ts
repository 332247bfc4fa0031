import { afterEach, expect, test } from "bun:test";
import { ticks } from "../../../../src/base/units.ts";
import type { Track } from "../../../../src/media/track.ts";
import { readMatroska } from "../../../wire/container/matroska/read_matroska.ts";
import { readMp4 } from "../../../wire/container/mp4/peer_media.ts";
import { settle, TestApp } from "../test_app.ts";
import { ALAW, AUDIO, frameBytes, SyntheticCamera, VIDEO } from "../test_door.ts";

/** An endless answer, read as it comes. */
class Watcher {
  bytes = new Uint8Array(0);
  done = false;
  readonly status: number;
  readonly headers: Headers;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;

  constructor(answer: Response) {
    this.status = answer.status;
    this.headers = answer.headers;
    this.#reader = answer.body?.getReader();
    void this.#read();
  }

  async #read(): Promise<void> {
    for (;;) {
      const next = await this.#reader?.read();
      if (next === undefined || next.done) break;
      this.bytes = Buffer.concat([this.bytes, next.value]) as Uint8Array<ArrayBuffer>;
    }
    this.done = true;
  }

  get text(): string {
    return new TextDecoder().decode(this.bytes);
  }

  /** Waits until there are so many bytes. */
  async until(test: (watcher: Watcher) => boolean): Promise<void> {
    for (let i = 0; !test(this); i++) {
      if (i > 2000) throw new Error(`it did not come: ${this.bytes.length} bytes, done: ${this.done}`);
      await settle(5);
    }
  }

  close(): Promise<void> | undefined {
    return this.#reader?.cancel();
  }
}

const open: Watcher[] = [];
const apps: TestApp[] = [];

afterEach(async () => {
  for (const watcher of open.splice(0)) await watcher.close();
  for (const app of apps.splice(0)) app.app.close();
});

function makeApp(): TestApp {
  const app = new TestApp();
  apps.push(app);
  return app;
}

async function watch(app: TestApp, path: string, init?: RequestInit): Promise<Watcher> {
  const watcher = new Watcher(await app.get(path, init));
  open.push(watcher);
  return watcher;
}

const JSON_TRACK: Track = {
  id: 2,
  kind: "data",
  codec: "json",
  timescale: 90_000,
  config: new Uint8Array(0),
  codecString: "",
  language: "und",
};

test("a viewer gets what there is since the newest key frame at once, then every frame as it comes", async () => {
  const app = makeApp();
  const camera = await app.camera(3);
  const mp4 = await watch(app, "/cam.mp4");
  expect([mp4.status, mp4.headers.get("content-type")]).toEqual([
    200,
    'video/mp4; codecs="avc1.42C00D,mp4a.40.2"',
  ]);
  expect(mp4.headers.get("access-control-allow-origin")).toBe("*");
  expect(mp4.headers.get("cache-control")).toBe("no-store");
  await mp4.until((w) => w.bytes.length > 25 * 1200);
  const before = mp4.bytes.length;
  camera.writeUntil(3.04);
  await mp4.until((w) => w.bytes.length > before);
  const video = readMp4(mp4.bytes).samples.get(1) ?? [];
  // Key frames are at 0 and 2 s.
  expect(video.map((f) => f.data)).toEqual(
    Array.from({ length: 26 }, (_, i) => frameBytes(VIDEO, 50 + i, i === 0)),
  );
  expect(video.map((f) => f.dts)).toEqual(video.map((_, i) => i * 3600));
});

test("two viewers who watch the same get the same bytes, the one who comes later fewer", async () => {
  const app = makeApp();
  const camera = await app.camera(1);
  const first = await watch(app, "/cam.mkv");
  await first.until((w) => w.bytes.length > 30_000);
  const second = await watch(app, "/cam.mkv");
  camera.writeUntil(2.5);
  const third = await watch(app, "/cam.mkv");
  camera.writeUntil(3);
  await first.until((w) => w.bytes.length > 90_000);
  await second.until((w) => w.bytes.length === first.bytes.length);
  expect(second.bytes).toEqual(first.bytes);
  const last = first.bytes.subarray(-1000).toString();
  await third.until((w) => w.bytes.subarray(-1000).toString() === last);
  const header = first.bytes.findIndex((_, i) => first.bytes[i] !== third.bytes[i]);
  expect(header).toBeGreaterThan(100);
  const rest = Buffer.from(third.bytes.subarray(-20_000));
  expect(Buffer.from(first.bytes).includes(rest)).toBe(true);
  expect(third.bytes.length).toBeLessThan(first.bytes.length / 2);
});

test("each frame of a plain stream is the buffer's, in order and whole", async () => {
  const app = makeApp();
  const camera = await app.camera(1, [ALAW]);
  // A stream of sound alone may still show pictures in its first second.
  app.clock.time += 1001;
  const wav = await watch(app, "/cam.wav");
  camera.writeUntil(3);
  await wav.until((w) => w.bytes.length > 100 * 160);
  const found = Buffer.from(wav.bytes.subarray(wav.bytes.length - 50 * 160));
  const expected = Buffer.concat(Array.from({ length: 50 }, (_, i) => frameBytes(ALAW, 100 + i, true)));
  expect(found.equals(expected)).toBe(true);
});

test("who listens to sound alone gets some seconds of it at once", async () => {
  const app = makeApp();
  const camera = await app.camera(10, [ALAW]);
  app.clock.time += 1001;
  const seconds = (watcher: Watcher) => Math.floor(watcher.bytes.length / 8000);
  const first = await watch(app, "/cam.wav");
  await first.until((w) => seconds(w) >= 4);
  // In steps: nobody falls behind by more than five seconds.
  for (const until of [13, 16]) {
    camera.writeUntil(until);
    await first.until((w) => seconds(w) >= until - 6);
  }
  const second = await watch(app, "/cam.wav");
  await second.until((w) => seconds(w) >= 2);
  expect(seconds(second)).toBeLessThan(7);
});

test("ranges have the length that was asked for, from their key frame, and end", async () => {
  const app = makeApp();
  await app.camera(10);
  const picture = async (path: string) => {
    const watcher = await watch(app, path);
    await watcher.until((w) => w.done);
    return readMp4(watcher.bytes).samples.get(1)?.length;
  };
  // Stream times begin at 1 s; key frames are 2 s apart.
  expect(await picture("/cam.mp4?start=3000&stop=5000&rate=0")).toBe(50);
  expect(await picture("/cam.mp4?start=3900&stop=5000&rate=0")).toBe(50);
  expect(await picture("/cam.mp4?start=5000&duration=3.2&dl=x.mp4")).toBe(80);
  expect(await picture("/cam.mp4?start=0&stop=1200")).toBe(5);
  expect(await picture("/cam.mp4?duration=1")).toBe(25);
  expect(await picture("/cam.mp4?buffer=3.5&duration=2&audio=none")).toBe(50);
});

test("what lies in the past comes at the speed of time after its lead, or as fast as was asked", async () => {
  const app = makeApp();
  await app.camera(20);
  const queries = ["buffer=0", "buffer=2", "buffer=0&rate=2", "rate=0"];
  const watchers = await Promise.all(queries.map((query) => watch(app, `/cam.aac?start=1000&${query}`)));
  for (const watcher of watchers) await watcher.until((w) => w.bytes.length > 0);
  app.clock.time += 3000;
  // Frames of 200 bytes with 7 before each, 21.3 ms long.
  const seconds = ({ bytes }: Watcher) => Math.round((bytes.length / 207) * 1024 / 48_000);
  const expected = [3, 5, 6, 20];
  for (const [i, watcher] of watchers.entries()) {
    await watcher.until((w) => seconds(w) >= (expected[i] as number));
  }
  expect(watchers.map(seconds)).toEqual(expected);
});

test("HEAD tells what GET would, without media and without a viewer", async () => {
  const app = makeApp();
  await app.camera(3);
  const cases = [
    "/cam.ts",
    "/cam.mp4?start=1000&stop=2000",
    "/cam.webm",
    "/cam.mp4?start=10&stop=20",
    "/none.ts",
  ];
  for (const path of cases) {
    const head = await app.get(path, { method: "HEAD" });
    expect((await head.bytes()).length).toBe(0);
    const get = await watch(app, path);
    expect([path, head.status, head.headers.get("content-type")])
      .toEqual([path, get.status, get.headers.get("content-type")]);
  }
  const options = await app.get("/cam.ts", { method: "OPTIONS" });
  expect([options.status, options.headers.get("access-control-allow-methods")]).toEqual([
    204,
    "GET, HEAD, OPTIONS",
  ]);
  expect((await app.get("/cam.ts", { method: "POST" })).status).toBe(405);
});

const refused: readonly (readonly [path: string, status: number, text: string])[] = [
  ["/none.mp4", 404, "There is no such stream"],
  ["/NO%20%20SUCH.mp4", 404, "There is no such stream"],
  ["/off.mp4", 503, "The camera is off"],
  ["/cam.mp4?video=huge", 400, 'video: cannot read "huge"'],
  ["/cam.mp4?start=now", 400, 'start: expected a number from 0 to 9007199254740991, got "now"'],
  ["/cam.json?callback=a;b", 400, "callback: expected the name of a function"],
  [
    "/cam.webm",
    406,
    "Cannot give cam as webm: there is no such track that it can carry. It has H.264 (track 0), AAC (track 1). " +
    "These carry it: cam.mp4 cam.ts cam.flv cam.mkv cam.aac cam.h264 hls/cam/index.m3u8",
  ],
  [
    "/cam.mp4?start=0&stop=999",
    416,
    "That lies before what there is: stream times 1000 to 3960 ms, and what comes",
  ],
];

for (const [path, status, text] of refused) {
  test(`${path} is answered ${status}`, async () => {
    const app = makeApp();
    app.door.streams.set("off", { status: 503, reason: "The camera is off" });
    await app.camera(3);
    const answer = await app.get(path);
    expect([answer.status, await answer.text()]).toEqual([status, `${text}\n`]);
  });
}

test("a stream without a key frame is waited for, then answered 503", async () => {
  const app = makeApp();
  const asked = app.get("/cam.ts");
  await settle();
  app.clock.time += 10_001;
  const answer = await asked;
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "2"]);
  expect(await answer.text()).toBe("The stream is offline\n");
});

test("a source that fails while a stream is waited for is told of at once, whatever its page says", async () => {
  const app = makeApp();
  app.stream.writer.begin();
  const asked = app.get("/cam.ts");
  await settle();
  app.stream.close("stream offline: 192.0.2.1 answers 404");
  const answer = await asked;
  expect([answer.status, await answer.text()]).toEqual([503, "stream offline: 192.0.2.1 answers 404\n"]);
});

test("addresses of other files are not taken", async () => {
  const app = makeApp();
  for (const path of ["/", "/index.html", "/streams.json"]) expect((await app.get(path)).status).toBe(200);
  for (const path of ["/cam.exe", "/cam", "/a/cam.mp4", "/%E0%A4%A.mp4"]) {
    expect((await app.get(path)).status).toBe(404);
  }
});

test("a file name may be asked for", async () => {
  const app = makeApp();
  await app.camera(3);
  const named = async (path: string) => (await watch(app, path)).headers.get("content-disposition");
  expect(await named("/cam.ts?dl=")).toBe("attachment; filename=\"cam.ts\"; filename*=UTF-8''cam.ts");
  expect(await named("/cam.ts?dl=T%C3%BCr%22.ts")).toBe(
    "attachment; filename=\"T_r_.ts\"; filename*=UTF-8''T%C3%BCr%22.ts",
  );
  expect(await named("/cam.ts")).toBeNull();
});

test("data comes as JSON, a line each, or as calls of a page's function", async () => {
  const app = makeApp();
  const camera = new SyntheticCamera(app.stream);
  const sink = await camera.sink.addTrack(JSON_TRACK);
  const put = (n: number) => {
    const info = { ptsOffset: 0, duration: 90_000, key: true, discontinuity: false };
    sink.write({ ...info, dts: ticks(n * 90_000) }, new TextEncoder().encode(`{"n":${n}}`));
  };
  put(0);
  app.clock.time += 1001;
  const lines = await watch(app, "/cam.json");
  const calls = await watch(app, "/cam.json?callback=page.take");
  const older = await watch(app, "/cam.json?jsonp=take");
  expect(lines.headers.get("content-type")).toStartWith("application/jsonl");
  expect(calls.headers.get("content-type")).toStartWith("text/javascript");
  put(1);
  await lines.until((w) => w.text === '{"n":0}\n{"n":1}\n');
  await calls.until((w) => w.text === 'page.take({"n":0});\npage.take({"n":1});\n');
  await older.until((w) => w.text === 'take({"n":0});\ntake({"n":1});\n');
});

test("a viewer whose session is stopped, and all whose stream is given up, get an end", async () => {
  const app = makeApp();
  await app.camera(3);
  const [first, second] = [await watch(app, "/cam.ts"), await watch(app, "/cam.mkv?start=1000")];
  await first.until((w) => w.bytes.length > 0);
  expect([first.done, second.done]).toEqual([false, false]);
  app.stream.close();
  await first.until((w) => w.done);
  await second.until((w) => w.done);
  const again = await watch(app, "/cam.ts");
  await again.until((w) => w.bytes.length > 0);
  app.app.leaveSockets("other");
  expect(again.done).toBe(false);
  app.app.leaveSockets("cam");
  await again.until((w) => w.done);
});

test("an answer goes on when the source begins anew", async () => {
  const app = makeApp();
  await app.camera(3);
  const watcher = await watch(app, "/cam.mkv?audio=none");
  await watcher.until((w) => w.bytes.length > 30_000);
  app.stream.writer.end();
  app.clock.time += 5000;
  const again = new SyntheticCamera(app.stream);
  await again.add(VIDEO);
  await again.add(AUDIO);
  const { length } = watcher.bytes;
  again.writeUntil(1);
  await watcher.until((w) => w.bytes.length > length + 30_000);
  const { blocks } = readMatroska(watcher.bytes);
  expect(blocks.map((b) => b.key)).toEqual(Array.from({ length: 50 }, (_, i) => i === 0 || i === 25));
  expect((blocks[25]?.millis as number) - (blocks[24]?.millis as number)).toBeWithin(5000, 5050);
});

test("an answer ends a second after the source went on without one of its tracks", async () => {
  const app = makeApp();
  await app.camera(3);
  const both = await watch(app, "/cam.mp4"), video = await watch(app, "/cam.mp4?audio=none");
  await both.until((w) => w.bytes.length > 30_000);
  app.stream.writer.end();
  const again = new SyntheticCamera(app.stream);
  await again.add(VIDEO);
  again.writeUntil(0.5);
  await settle(300);
  expect(both.done).toBe(false);
  await both.until((w) => {
    app.clock.time += 20;
    return w.done;
  });
  expect(video.done).toBe(false);
});

test("a container that cannot follow a change of its track ends, one that can goes on", async () => {
  const app = makeApp();
  const camera = new SyntheticCamera(app.stream);
  const sink = await camera.add(ALAW);
  camera.writeUntil(1);
  app.clock.time += 1001;
  const wav = await watch(app, "/cam.wav"), mp4 = await watch(app, "/cam.mp4");
  await wav.until((w) => w.bytes.length > 0);
  sink.update({ ...ALAW, channels: 2 });
  camera.writeUntil(1.5);
  await wav.until((w) => w.done);
  const { length } = mp4.bytes;
  camera.writeUntil(2);
  await mp4.until((w) => w.bytes.length > length);
  expect(mp4.done).toBe(false);
  expect(app.errors).toEqual([]);
});
