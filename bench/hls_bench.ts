/**
 * LL-HLS over real sockets: how long from the write of a part's last frame until the part is in the hands of 10
 * clients in another thread, and how many requests a second one core answers (by wrk, where it is installed).
 *
 * `part_ms`: the hinted part was asked for early. `playlist_part_ms`: blocking playlist request, then the part.
 */
import { systemClock } from "../src/host/clock.ts";
import { serveHttp } from "../src/host/http.ts";
import { makeHttpApp } from "../src/egress/http/app.ts";
import { SyntheticCamera, TestDoor, TestStream, VIDEO } from "../tests/egress/http/test_door.ts";

const CLIENTS = 10;
const PARTS = 150;
/** Parts of 200 ms come four times as fast as in life. */
const PACE_MILLIS = 50;
const PARTS_IN_SEGMENT = 10;

type Mode = "part" | "playlist";
interface Order {
  readonly url: string;
  readonly mode: Mode;
  /** Count of the first part that is waited for, from the start of the stream. */
  readonly from: number;
}
/** When each client had each part. */
type Report = readonly { readonly count: number; readonly at: number }[];

async function client({ url, mode, from }: Order, out: { count: number; at: number }[]): Promise<void> {
  for (let count = from; count < from + PARTS; count++) {
    const msn = Math.floor(count / PARTS_IN_SEGMENT), part = count % PARTS_IN_SEGMENT;
    if (mode === "playlist") {
      const list = await fetch(`${url}/index.m3u8?_HLS_msn=${msn}&_HLS_part=${part}`);
      if (!(await list.text()).includes(`${msn}.${part}.m4s`)) {
        throw new Error(`no part ${msn}.${part}: ${list.status}`);
      }
    }
    const answer = await fetch(`${url}/${msn}.${part}.m4s`);
    const { length } = await answer.arrayBuffer().then((b) => new Uint8Array(b));
    if (answer.status !== 200 || length < 1000) throw new Error(`part ${msn}.${part}: ${answer.status}`);
    out.push({ count, at: systemClock.mono() });
  }
}

if (Bun.isMainThread) await main();
else {
  addEventListener("message", async (event: MessageEvent<Order>) => {
    const out: { count: number; at: number }[] = [];
    await Promise.all(Array.from({ length: CLIENTS }, () => client(event.data, out)));
    postMessage(out satisfies Report);
  });
}

function percentiles(values: number[]) {
  values.sort((a, b) => a - b);
  const at = (share: number) =>
    Number((values[Math.min(values.length - 1, Math.floor(values.length * share))] ?? NaN).toFixed(3));
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

async function main(): Promise<void> {
  const door = new TestDoor();
  const log = { debug() {}, info() {}, warn: console.error, error: console.error, debugging: false };
  const app = makeHttpApp({
    door,
    assets: () => undefined,
    clock: systemClock,
    log,
    list: () => Promise.resolve([]),
  });
  const server = await serveHttp({ hostname: "127.0.0.1", port: 0, webSockets: true }, app);
  const stream = new TestStream("cam", systemClock);
  door.streams.set("cam", stream);
  const camera = new SyntheticCamera(stream);
  await camera.add(VIDEO);
  const root = `http://127.0.0.1:${server.port}/hls/cam`;
  camera.writeUntil(4);
  await (await fetch(`${root}/0/index.m3u8`)).text();
  const worker = new Worker(import.meta.url);
  let from = 20;
  const results: Record<string, unknown> = { bench: "hls", clients: CLIENTS, parts: PARTS };
  for (const mode of ["part", "playlist"] as const) {
    const done = new Promise<Report>((resolve) => {
      worker.onmessage = (event: MessageEvent<Report>) => resolve(event.data);
    });
    worker.postMessage({ url: `${root}/0`, mode, from } satisfies Order);
    await systemClockDelay(300);
    const written = new Map<number, number>();
    for (let count = from; count < from + PARTS; count++) {
      // All frames of the part but the last, then the last alone.
      camera.writeUntil((count + 1) * 0.2 - 0.04);
      written.set(count, systemClock.mono());
      camera.writeUntil((count + 1) * 0.2);
      await systemClockDelay(PACE_MILLIS);
    }
    const delays = (await done).map(({ count, at }) => at - (written.get(count) ?? NaN));
    results[mode === "part" ? "part_ms" : "playlist_part_ms"] = percentiles(delays);
    from += PARTS;
  }
  worker.terminate();
  if (Bun.which("wrk") !== null) {
    const msn = Math.floor(from / PARTS_IN_SEGMENT) - 2;
    results["requests_per_s"] = {
      part: await wrk(`${root}/0/${msn}.3.m4s`),
      segment: await wrk(`${root}/0/${msn}.m4s`),
      playlist: await wrk(`${root}/0/index.m3u8`),
      playlist_gzip: await wrk(`${root}/0/index.m3u8`, "-H", "Accept-Encoding: gzip"),
    };
  }
  console.log(JSON.stringify(results));
  app.close();
  await server.stop(false);
}

function systemClockDelay(ms: number): Promise<void> {
  return new Promise((resolve) => void systemClock.after(ms, resolve));
}

/** Requests a second with 50 connections. */
async function wrk(url: string, ...options: string[]): Promise<number> {
  const child = Bun.spawn(["wrk", "-t1", "-c50", "-d2s", ...options, url], { stdout: "pipe" });
  const text = await new Response(child.stdout).text();
  if (text.includes("Non-2xx")) throw new Error(text);
  return Math.round(Number(/Requests\/sec:\s+([0-9.]+)/.exec(text)?.[1]));
}
