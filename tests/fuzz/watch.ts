import type { CampaignResult } from "./campaign.ts";
import { INPUT_MAX } from "./mutate.ts";

/** What a worker is to do. */
export interface WorkerOrder {
  readonly targets: readonly string[];
  readonly millisEach: number;
  readonly seed: number;
  /** Word 0 counts inputs, word 1 is the length of the input in work; its bytes follow from 16. */
  readonly shared: SharedArrayBuffer;
}

export type WorkerReport =
  | { readonly kind: "done"; readonly target: string; readonly result: CampaignResult }
  | { readonly kind: "end" };

/** An input that has not come back for so long never will, even on a busy machine. */
export const HANG_MILLIS = 8000;
/** How often the worker is looked at. */
const LOOK_MILLIS = 100;

export interface WatchedRun {
  readonly results: ReadonlyMap<string, CampaignResult>;
}

/**
 * Fires at each target for `millisEach`, in a worker. One that hangs is a failure like any other: its worker is ended,
 * and the targets after it go on in a new one.
 */
export async function runWatched(
  targets: readonly string[],
  millisEach: number,
  seed: number,
  onResult: (target: string, result: CampaignResult) => void = () => undefined,
  workerUrl = new URL("./worker.ts", import.meta.url).href,
  hangMillis = HANG_MILLIS,
): Promise<WatchedRun> {
  const results = new Map<string, CampaignResult>();
  const put = (target: string, result: CampaignResult) => {
    results.set(target, result);
    onResult(target, result);
  };
  let left = [...targets];
  while (left.length > 0) {
    const stuck = await runWorker({ targets: left, millisEach, seed, workerUrl, hangMillis, put });
    left = left.filter((t) => !results.has(t));
    if (stuck === undefined) break;
    const target = left.shift() ?? "";
    const why = `did not come back within ${hangMillis} ms`;
    put(target, { inputs: 0, answers: 0, failures: [{ target, input: stuck, why, key: `${target}: hang` }] });
  }
  return { results };
}

/** Undefined when the worker came to its end, else the input that it hangs at. */
function runWorker(o: {
  targets: readonly string[];
  millisEach: number;
  seed: number;
  workerUrl: string;
  hangMillis: number;
  put(target: string, result: CampaignResult): void;
}): Promise<Uint8Array | undefined> {
  const shared = new SharedArrayBuffer(16 + INPUT_MAX);
  const words = new Int32Array(shared, 0, 4);
  const worker = new Worker(o.workerUrl, { type: "module" });
  return new Promise((resolve, reject) => {
    let count = -1;
    let since = performance.now();
    let looked = since;
    const watch = setInterval(() => {
      const seen = Atomics.load(words, 0);
      const now = performance.now();
      // a machine that keeps the watch waiting keeps the worker waiting too
      since += Math.max(0, now - looked - LOOK_MILLIS);
      looked = now;
      if (seen !== count) {
        count = seen;
        since = now;
      } else if (now - since > o.hangMillis + (count === 0 ? 20_000 : 0)) {
        finish();
        resolve(new Uint8Array(shared, 16, Atomics.load(words, 1)).slice());
      }
    }, LOOK_MILLIS);
    const finish = () => {
      clearInterval(watch);
      worker.terminate();
    };
    worker.onerror = (event) => {
      finish();
      reject(new Error(`Fuzz worker failed: ${event.message}`));
    };
    worker.onmessage = ({ data }: MessageEvent<WorkerReport>) => {
      since = performance.now();
      if (data.kind === "done") return o.put(data.target, data.result);
      finish();
      resolve(undefined);
    };
    const { targets, millisEach, seed } = o;
    worker.postMessage({ targets, millisEach, seed, shared } satisfies WorkerOrder);
  });
}
