/// <reference lib="deno.worker" />
import { runCampaign } from "./campaign.ts";
import { allTargets } from "./targets.ts";
import type { WorkerOrder, WorkerReport } from "./watch.ts";

// Runs campaigns one after the other. It is a worker so that an input that never comes back can be told and ended.
declare const self: {
  onmessage: ((event: MessageEvent<WorkerOrder>) => void) | null;
  postMessage(report: WorkerReport): void;
};

self.onmessage = async ({ data: order }) => {
  const words = new Int32Array(order.shared, 0, 4);
  const bytes = new Uint8Array(order.shared, 16);
  const targets = (await allTargets()).filter((t) => order.targets.includes(t.name));
  for (const target of targets) {
    const result = await runCampaign(target, order.millisEach, order.seed, {
      begin(_target, input) {
        bytes.set(input.subarray(0, bytes.length));
        Atomics.store(words, 1, Math.min(input.length, bytes.length));
        Atomics.add(words, 0, 1);
      },
    });
    self.postMessage({ kind: "done", target: target.name, result });
  }
  self.postMessage({ kind: "end" });
};
