import { afterAll, beforeAll, expect, test } from "bun:test";
import { connectTcp, type TcpConnection } from "../../../src/host/tcp.ts";
import { type ClipCamera, startClipCamera } from "../../peers/clip_camera.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import {
  residentBytes,
  segmentAhead,
  streamsYaml,
  untilState,
  variantsOf,
} from "../../peers/fogcast_streams.ts";
import { PartReader } from "../../peers/part_reader.ts";

const MEGABYTE = 1024 * 1024;
const HALF_OPEN = 200;

let camera: ClipCamera;
let fogcast: RunningFogcast;
let reader: PartReader;
/** All that the server answered in these tests. */
let answers = "";

beforeAll(async () => {
  camera = await startClipCamera();
  fogcast = await startFogcast(streamsYaml({
    cam: { source: camera.url("cam"), transport: "tcp", alwaysOn: "true" },
    offline: { source: "rtsp://admin:hush@127.0.0.1:1/", alwaysOn: "true" },
    "on-demand": { source: "rtsp://admin:hush@127.0.0.1:1/" },
  }));
  await untilState(fogcast, "cam", "online");
  await untilState(fogcast, "offline", "waiting");
  const [video] = await variantsOf(fogcast, "cam");
  reader = await PartReader.open(video?.url ?? "");
}, 60_000);

afterAll(async () => {
  await reader?.close();
  await fogcast?.stop();
  camera?.close();
});

async function ask(
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; text: string; headers: Headers }> {
  const answer = await fetch(fogcast.url + path, { signal: AbortSignal.timeout(30_000), ...init });
  const text = answer.headers.get("content-type")?.startsWith("video") ? "" : await answer.text();
  answers += `${path.slice(0, 100)}: ${text}\n`;
  return { status: answer.status, text, headers: answer.headers };
}

/** Sends bytes as they are and answers what comes back until the server closes, or for `ms`. */
async function raw(bytes: string, ms = 3000): Promise<string> {
  let text = "";
  const { port } = new URL(fogcast.url);
  await new Promise<void>((resolve, reject) => {
    const connected = connectTcp({ host: "127.0.0.1", port: Number(port), timeoutMs: 15_000 }, {
      data: (data) => {
        text += new TextDecoder().decode(data);
        if (text.includes("\r\n\r\n")) resolve();
      },
      close: () => resolve(),
    });
    connected.then((tcp) => {
      tcp.write(new TextEncoder().encode(bytes));
      setTimeout(() => tcp.destroy(), ms);
    }, reject);
  });
  answers += `${text}\n`;
  return text;
}

const STATUS: readonly { path: string; method?: string; status: number }[] = [
  { path: "/hls/nobody/index.m3u8", status: 404 },
  { path: "/hls/nobody/0/index.m3u8", status: 404 },
  { path: "/hls/nobody/0/1.0.m4s", status: 404 },
  { path: "/hls/cam/9/index.m3u8", status: 404 },
  { path: "/hls/cam/zero/index.m3u8", status: 404 },
  { path: "/hls/cam/0/1.0.m4s", status: 404 },
  { path: "/hls/cam/0/rubbish.m4s", status: 404 },
  { path: "/hls/cam/0/99999999999999999999.0.m4s", status: 404 },
  { path: "/hls/cam/", status: 404 },
  { path: "/hls/%2e%2e/%2e%2e/etc/passwd", status: 404 },
  { path: "/..%2f..%2fetc/passwd", status: 404 },
  { path: "/hls/%00/index.m3u8", status: 404 },
  { path: "/hls/%ff%fe/index.m3u8", status: 404 },
  { path: "/hls/%/index.m3u8", status: 404 },
  { path: "/nothing", status: 404 },
  { path: "/hls/cam/index.m3u8?muxed=2", status: 400 },
  { path: "/hls/cam/0/index.m3u8?_HLS_msn=-1", status: 400 },
  { path: "/hls/cam/0/index.m3u8?_HLS_msn=abc", status: 400 },
  { path: "/hls/cam/0/index.m3u8?_HLS_msn=1e9", status: 400 },
  { path: "/hls/cam/0/index.m3u8?_HLS_msn=99999999999999", status: 400 },
  { path: "/hls/cam/0/index.m3u8?_HLS_part=1", status: 400 },
  { path: "/hls/cam/0/index.m3u8?_HLS_msn=1&_HLS_part=x", status: 400 },
  { path: "/hls/cam/0/index.m3u8?_HLS_skip=NO", status: 400 },
  { path: "/hls/cam/index.m3u8", method: "POST", status: 405 },
  { path: "/hls/cam/index.m3u8", method: "DELETE", status: 405 },
  { path: "/streams.json", method: "PUT", status: 405 },
  { path: "/hls/offline/index.m3u8", status: 503 },
  { path: "/hls/offline/0/index.m3u8", status: 503 },
];

for (const { path, method = "GET", status } of STATUS) {
  test(`${method} ${path}: ${status}`, async () => {
    const answer = await ask(path, { method });
    expect([answer.status, answer.text]).toEqual([status, expect.stringMatching(/^.{3,300}\n?$/)]);
    if (status === 405) expect(answer.headers.get("allow")).toContain("GET");
    if (status === 503) expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  });
}

test("a stream that is started on demand and fails: 503 with Retry-After", async () => {
  const answer = await ask("/hls/on-demand/index.m3u8");
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(0);
  expect(answer.text).not.toContain("hush");
}, 60_000);

test("addresses and headers of 100 KB are refused, or looked at without harm", async () => {
  const url = await raw(`GET /hls/${"x".repeat(100_000)}/index.m3u8 HTTP/1.1\r\nHost: a\r\n\r\n`);
  expect(url).toMatch(/^(HTTP\/1\.1 (404|414|431|400) |$)/);
  const header = await raw(`GET / HTTP/1.1\r\nHost: a\r\nX-Long: ${"x".repeat(100_000)}\r\n\r\n`);
  expect(header).toMatch(/^(HTTP\/1\.1 (200|431|400) |$)/);
  const many = await raw(`GET / HTTP/1.1\r\nHost: a\r\n${"X-Many: 1\r\n".repeat(10_000)}\r\n`);
  expect(many).toMatch(/^(HTTP\/1\.1 (200|431|400) |$)/);
  const query = await ask(`/hls/cam/0/index.m3u8?${"_HLS_msn=1&".repeat(300)}`);
  expect([200, 400, 414]).toContain(query.status);
});

test("what is no HTTP is answered 400 or hung up on", async () => {
  for (
    const bytes of [
      "\x00\x01\x02\x03\r\n\r\n",
      "GET\r\n\r\n",
      "RTSP/1.0 200 OK\r\n\r\n",
      "GET / HTTP/9.9\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzzz\r\n",
      `POST /streams.json HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999\r\n\r\n`,
    ]
  ) {
    expect(await raw(bytes, 1000)).toMatch(/^(HTTP\/1\.[01] (400|404|405|413|431|501|505) |$)/);
  }
}, 60_000);

test("ranges that cannot be are refused", async () => {
  const list = (await ask("/hls/cam/0/index.m3u8")).text;
  const file = /#EXT-X-PART:.*URI="([^"]+)"/.exec(list)?.[1];
  const range = (value: string) => ask(`/hls/cam/0/${file}`, { headers: { range: value } });
  expect((await range("bytes=99999999-")).status).toBe(416);
  expect((await range("bytes=5-2")).status).toBeOneOf([200, 416]);
  expect((await range("lines=1-2")).status).toBe(200);
  expect((await range("bytes=0-9")).status).toBe(206);
});

test(`${HALF_OPEN} half-open connections disturb nobody`, async () => {
  const before = residentBytes(fogcast.pid);
  const { port } = new URL(fogcast.url);
  const open: TcpConnection[] = [];
  let closed = 0;
  const connect = async () => {
    const tcp = await connectTcp({ host: "127.0.0.1", port: Number(port), timeoutMs: 15_000 }, {
      data() {},
      close: () => void closed++,
    });
    tcp.write(new TextEncoder().encode("GET /hls/cam/index.m3u8 HTTP/1.1\r\nHost: a\r\nX-Slow: "));
    open.push(tcp);
  };
  await Promise.all(Array.from({ length: HALF_OPEN }, connect));
  const parts = reader.parts;
  for (let n = 0; n < 10; n++) {
    for (const tcp of open) tcp.write(Uint8Array.of(0x61));
    expect((await ask("/streams.json")).status).toBe(200);
    await Bun.sleep(100);
  }
  // none of them has been closed by then: who asked was answered beside all of them
  expect([open.length, closed]).toEqual([HALF_OPEN, 0]);
  await until(20_000, "parts go on", () => Promise.resolve(reader.parts >= parts + 5 || undefined));
  expect(residentBytes(fogcast.pid) - before).toBeLessThan(40 * MEGABYTE);
  for (const tcp of open) tcp.destroy();
  await until(20_000, "all are closed", () => Promise.resolve(closed === HALF_OPEN || undefined));
}, 60_000);

test("1000 viewers that hang up while they are held leave nothing behind", async () => {
  const list = (await ask("/hls/cam/0/index.m3u8")).text;
  const msn = segmentAhead(list);
  const before = residentBytes(fogcast.pid);
  for (let n = 0; n < 10; n++) {
    const stop = new AbortController();
    const held = Array.from(
      { length: 100 },
      () => fetch(`${fogcast.url}/hls/cam/0/index.m3u8?_HLS_msn=${msn}`, { signal: stop.signal }),
    );
    await Bun.sleep(20);
    stop.abort();
    await Promise.allSettled(held);
  }
  expect(residentBytes(fogcast.pid) - before).toBeLessThan(60 * MEGABYTE);
  expect((await ask("/hls/cam/0/index.m3u8")).status).toBe(200);
}, 60_000);

test("no answer showed the program's inside, and the viewer lost not one part", async () => {
  const parts = reader.parts;
  await until(20_000, "more parts", () => Promise.resolve(reader.parts >= parts + 3 || undefined));
  expect(reader.faults).toEqual([]);
  expect(answers.length).toBeGreaterThan(1000);
  expect(answers).not.toMatch(/^\s+at |\.[tj]s:\d|bunfs|node_modules|Error:|hush/m);
  expect(fogcast.output()).not.toMatch(/worker ended|Something went wrong|^\s+at |hush/m);
}, 60_000);
