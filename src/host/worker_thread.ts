import process from "node:process";
import { alignClock } from "./clock.ts";
import { bun, nodeModule } from "./runtime.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

/** A worker's way to the one who started it. */
export interface WorkerPort {
  post(message: unknown): void;
  /** Takes messages from now on, and those that came before; one taker at a time. */
  onMessage(take: (message: unknown) => void): void;
  /** Ends this worker in order: the other side's `exit` gets no error. */
  close(): never;
}

/** The two calls of a thread's parent port, whatever the runtime calls them. */
interface Channel {
  post(message: FromWorker): void;
  listen(take: (message: ToWorker) => void): void;
}

interface WorkerScope {
  postMessage(message: unknown): void;
  onmessage: ((event: MessageEvent<ToWorker>) => void) | null;
}

function openChannel(): Channel {
  if (bun !== undefined) {
    const scope = globalThis as unknown as WorkerScope;
    return {
      post: (message) => scope.postMessage(message),
      listen: (take) => scope.onmessage = (event) => take(event.data),
    };
  }
  const { parentPort } = nodeModule("node:worker_threads");
  if (parentPort === null) throw new Error("runWorker() outside a worker");
  return {
    post: (message) => parentPort.postMessage(message),
    listen: (take) => void parentPort.on("message", take),
  };
}

/**
 * The body of every worker's entry point. `main` gets what `spawnWorker` was given and the port to its owner; it may
 * return at once, the worker lives on until it is terminated, closes the port, or fails: an error that nothing
 * catches, also in a promise, ends this worker alone and is told to its owner with its stack.
 */
export function runWorker(main: (init: unknown, port: WorkerPort) => void | Promise<void>): void {
  const channel = openChannel();
  let take: ((message: unknown) => void) | undefined;
  let early: unknown[] = [];
  const fail = (failure: unknown): never => {
    const error = failure instanceof Error
      ? failure.stack ?? `${failure.name}: ${failure.message}`
      : String(failure);
    channel.post({ kind: "failed", error });
    process.exit(1);
  };
  process.on("uncaughtException", fail);
  process.on("unhandledRejection", fail);
  const port: WorkerPort = {
    post: (message) => channel.post({ kind: "message", message }),
    onMessage(newTake) {
      take = newTake;
      const waiting = early;
      early = [];
      for (const message of waiting) newTake(message);
    },
    close() {
      channel.post({ kind: "closing" });
      return process.exit(0);
    },
  };
  channel.listen((message) => {
    if (message.kind === "message") {
      if (take === undefined) early.push(message.message);
      else take(message.message);
      return;
    }
    alignClock(message.clock);
    Promise.resolve(message.init).then((init) => main(init, port)).catch(fail);
  });
}
