/** Shared memory: writer and readers, frames and megabytes a second; doorbell from one worker to another. */
import { monoMillis, ticks, wallMillis } from "../src/base/units.ts";
import { createStreamPage } from "../src/buffer/stream_page.ts";
import { StreamView } from "../src/buffer/stream_view.ts";
import { StreamWriter } from "../src/buffer/stream_writer.ts";
import { createTrackPage } from "../src/buffer/track_page.ts";
import { makeFrameRecord, TrackView } from "../src/buffer/track_view.ts";

declare const self: Worker;

interface Order {
  readonly role: "reader" | "ringer";
  readonly page: SharedArrayBuffer;
  readonly track: SharedArrayBuffer;
  readonly control: SharedArrayBuffer;
}

const STOP = 0;
const READ = 1;
const READY = 2;
const RINGS = 2000;
const CAP = 32 * 1024 * 1024;

const TRACK = {
  id: 0,
  kind: "video",
  codec: "h264",
  timescale: 90_000,
  config: new Uint8Array(40),
  codecString: "avc1.64001F",
  language: "und",
  width: 1920,
  height: 1080,
  frameRate: 25,
} as const;

/** A worker's `performance.now` counts from the worker's start. */
function mono(): number {
  return performance.timeOrigin + performance.now();
}

function makeWriter(page: SharedArrayBuffer, track: SharedArrayBuffer): StreamWriter {
  return new StreamWriter({
    page,
    tracks: [],
    settings: { segmentMillis: 2000, partMillis: 200, windowMillis: 600_000, maxBytesPerTrack: CAP },
    allocate: () => Promise.resolve(track),
    now: () => monoMillis(mono()),
    wall: () => wallMillis(Date.now()),
  });
}

async function work(order: Order): Promise<void> {
  const control = new Int32Array(order.control);
  const record = makeFrameRecord();
  if (order.role === "reader") {
    const view = new TrackView(order.track);
    Atomics.add(control, READY, 1);
    let sum = 0;
    for (let at = 0; Atomics.load(control, STOP) === 0;) {
      const result = view.read(at, record);
      if (result === "lapped") at = Math.max(view.newestKey, view.tail);
      if (result !== "ok") continue;
      sum += (record.data[0] ?? 0) + (record.data[record.size - 1] ?? 0);
      if (view.intact(at)) Atomics.add(control, READ, 1);
      at++;
    }
    if (sum < 0) throw new Error("unreachable");
  } else {
    const sink = await makeWriter(order.page, order.track).begin().addTrack(TRACK);
    const frame = new Uint8Array(4000);
    Atomics.add(control, READY, 1);
    for (let n = 0; n < RINGS; n++) {
      await new Promise((resolve) => setTimeout(resolve, 1));
      sink.write({
        dts: ticks(n * 3600),
        ptsOffset: 0,
        duration: 3600,
        key: n % 50 === 0,
        discontinuity: false,
      }, frame);
    }
  }
  self.postMessage("done");
}

function start(order: Order): Promise<Worker> {
  const worker = new Worker(import.meta.url, { type: "module" });
  return new Promise((resolve, reject) => {
    worker.onmessage = () => resolve(worker);
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(order);
  });
}

async function throughput(readers: number, size: number, seconds: number): Promise<void> {
  const page = createStreamPage();
  const track = createTrackPage("video", CAP);
  const shared = new SharedArrayBuffer(64);
  const control = new Int32Array(shared);
  const done = Array.from({ length: readers }, () => start({ role: "reader", page, track, control: shared }));
  while (Atomics.load(control, READY) < readers) await new Promise((resolve) => setTimeout(resolve, 1));
  const sink = await makeWriter(page, track).begin().addTrack(TRACK);
  const frame = new Uint8Array(size).fill(7);
  const info = { dts: ticks(0), ptsOffset: 0, duration: 3600, key: false, discontinuity: false };
  let n = 0;
  // The first laps touch the memory for the first time.
  for (const end = performance.now() + 300; performance.now() < end; n++) {
    info.dts = ticks(n * 3600);
    info.key = n % 50 === 0;
    sink.write(info, frame);
  }
  const first = n;
  const readBefore = Atomics.load(control, READ);
  const from = performance.now();
  for (const end = from + seconds * 1000; performance.now() < end;) {
    for (let i = 0; i < 64; i++, n++) {
      info.dts = ticks(n * 3600);
      info.key = n % 50 === 0;
      sink.write(info, frame);
    }
  }
  const took = (performance.now() - from) / 1000;
  const read = Atomics.load(control, READ) - readBefore;
  Atomics.store(control, STOP, 1);
  for (const worker of await Promise.all(done)) worker.terminate();
  const frames = Math.round((n - first) / took);
  console.log(JSON.stringify({
    bench: "buffer",
    readers,
    frameBytes: size,
    writtenPerSecond: frames,
    writtenMBPerSecond: Math.round((frames * size) / 1e6),
    readPerSecond: Math.round(read / took),
  }));
}

async function doorbell(): Promise<void> {
  const page = createStreamPage();
  const track = createTrackPage("video", CAP);
  const view = new StreamView(page);
  const frames = new TrackView(track);
  const record = makeFrameRecord();
  const shared = new SharedArrayBuffer(64);
  let over = false;
  const done = start({ role: "ringer", page, track, control: shared }).then((worker) => {
    over = true;
    worker.terminate();
  });
  const late: number[] = [];
  for (let seen = 0; !over;) {
    const bell = view.ring();
    for (; frames.peek(seen, record) === "ok"; seen++) late.push(mono() - record.arrival);
    await view.wait(bell, 100);
  }
  await done;
  late.sort((a, b) => a - b);
  const at = (q: number) => Math.round((late[Math.floor(late.length * q)] ?? NaN) * 1000);
  console.log(
    JSON.stringify({ bench: "doorbell", wakes: late.length, p50Micros: at(0.5), p99Micros: at(0.99) }),
  );
}

if (typeof self !== "undefined" && !isMain()) {
  self.onmessage = (event: MessageEvent) => void work(event.data as Order);
} else {
  for (const readers of [0, 1, 4]) await throughput(readers, 5000, 1);
  await throughput(1, 200, 1);
  await doorbell();
}

function isMain(): boolean {
  return (import.meta as { main?: boolean }).main === true;
}
