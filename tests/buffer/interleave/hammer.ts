import { createTrackPage } from "../../../src/buffer/track_page.ts";
import { CONTROL_WORDS, LAPPED, READ, type RunInit, STOP, TORN, WRITTEN } from "./frames.ts";

export interface HammerResult {
  readonly torn: number;
  readonly read: number;
  readonly lapped: number;
  readonly written: number;
}

export interface HammerOptions {
  readonly folder: string;
  readonly readers: number;
  readonly capacity: number;
  /** Most bytes of a frame. */
  readonly most: number;
  readonly window: number;
  readonly pauseEvery: number;
  readonly firstSequence?: number;
  readonly millis: number;
  /** Ends before its time. */
  enough(so: HammerResult): boolean;
}

/** One writer and several readers, each a real worker, on one page. */
export async function hammer(o: HammerOptions): Promise<HammerResult> {
  const page = createTrackPage("video", o.capacity, o.firstSequence ?? 0);
  const shared = new SharedArrayBuffer(CONTROL_WORDS * 4);
  const control = new Int32Array(shared);
  const workers: Worker[] = [];
  const done: Promise<unknown>[] = [];
  for (let n = 0; n <= o.readers; n++) {
    const worker = new Worker(new URL("./hammer_worker.ts", import.meta.url).href, { type: "module" });
    const init: RunInit = {
      role: n === 0 ? "writer" : "reader",
      folder: o.folder,
      page,
      control: shared,
      most: o.most,
      window: o.window,
      pauseEvery: o.pauseEvery,
    };
    done.push(
      new Promise((resolve, reject) => {
        worker.onmessage = resolve;
        worker.onerror = (event) => reject(new Error(event.message));
      }),
    );
    worker.postMessage(init);
    workers.push(worker);
  }
  const count = (word: number) => Atomics.load(control, word);
  const so = () => ({ torn: count(TORN), read: count(READ), lapped: count(LAPPED), written: count(WRITTEN) });
  const all = Promise.all(done);
  all.catch(() => Atomics.store(control, STOP, 1));
  const until = performance.now() + o.millis;
  while (performance.now() < until && !o.enough(so()) && count(STOP) === 0) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  Atomics.store(control, STOP, 1);
  await all;
  for (const worker of workers) worker.terminate();
  return so();
}
