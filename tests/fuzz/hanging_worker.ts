import type { WorkerOrder } from "./watch.ts";

// Stands in for worker.ts: its target "hangs" never comes back, all others are done at once.
declare const self: {
  onmessage: ((event: MessageEvent<WorkerOrder>) => void) | null;
  postMessage(report: unknown): void;
};

self.onmessage = ({ data: order }) => {
  for (const target of order.targets) {
    const words = new Int32Array(order.shared, 0, 4);
    if (target === "hangs") {
      new Uint8Array(order.shared, 16).set([1, 2, 3]);
      Atomics.store(words, 1, 3);
      Atomics.add(words, 0, 1);
      for (;;) Atomics.load(words, 2);
    }
    self.postMessage({ kind: "done", target, result: { inputs: 1, answers: 1, failures: [] } });
  }
  self.postMessage({ kind: "end" });
};
