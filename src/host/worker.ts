import { fileURLToPath } from "node:url";
import { clockCorrection } from "./clock.ts";
import { bun, compiled, EMBEDDED_ROOT, nodeModule } from "./runtime.ts";
import type { FromWorker, ToWorker } from "./worker_messages.ts";

export * from "./worker_thread.ts";

/** Name of a file in `src/app/workers/`, without `.ts`. */
export type WorkerName = string;

export interface WorkerExit {
  /** Stack of what nothing caught, or how else it ended; left out after `terminate` and `port.close()`. */
  readonly error?: string;
}

export interface WorkerListener {
  message(message: unknown): void;
  /** Called once, last, however the worker ended. */
  exit(why: WorkerExit): void;
}

export interface WorkerHandle {
  /** Sends a message; shared memory in it is shared, all else copied. Does nothing once the worker has ended. */
  post(message: unknown): void;
  /** Ends the worker within milliseconds, even in an endless loop; `exit` follows. */
  terminate(): void;
}

const NAME = /^[a-z][a-z0-9_]*$/;

/**
 * Where the entry point of a worker is: `src/app/workers/NAME.ts`, in the source tree or as compile.sh put it into the
 * binary.
 */
export function workerUrl(name: WorkerName): string {
  if (!NAME.test(name)) throw new Error(`No worker can be called ${JSON.stringify(name)}`);
  return compiled
    ? `${EMBEDDED_ROOT}/src/app/workers/${name}.js`
    : new URL(`../app/workers/${name}.ts`, import.meta.url).href;
}

/** Starts a worker by the name of its entry point; `init` is what its `runWorker` function gets. */
export function spawnWorker(name: WorkerName, init: unknown, on: WorkerListener): WorkerHandle {
  return spawnWorkerFrom(workerUrl(name), name, init, on);
}

/** The same for an entry point anywhere: for tests. */
export function spawnWorkerFrom(url: string, name: string, init: unknown, on: WorkerListener): WorkerHandle {
  const life = new WorkerLife(name, on);
  const first: ToWorker = { kind: "init", init, clock: clockCorrection() };
  return bun !== undefined ? spawnWeb(url, name, first, life) : spawnNode(url, name, first, life);
}

/** Turns what a thread says of itself into the one `exit`. */
class WorkerLife {
  readonly #name: string;
  readonly #on: WorkerListener;
  #why: string | undefined;
  #expected = false;
  ended = false;

  constructor(name: string, on: WorkerListener) {
    this.#name = name;
    this.#on = on;
  }

  heard(message: FromWorker): void {
    if (this.ended) return;
    if (message.kind === "message") this.#on.message(message.message);
    else if (message.kind === "failed") this.failed(message.error);
    else this.#expected = true;
  }

  failed(error: string): void {
    this.#why ??= error;
  }

  expectEnd(): void {
    this.#expected = true;
  }

  exited(code: number): void {
    if (this.ended) return;
    this.ended = true;
    if (this.#why !== undefined) this.#on.exit({ error: this.#why });
    else if (this.#expected) this.#on.exit({});
    else this.#on.exit({ error: `Worker ${this.#name} ended by itself with code ${code}` });
  }
}

/** Bun puts an excerpt of the source before the error and its stack. */
function withoutExcerpt(report: string): string {
  const lines = report.split("\n").filter((line) => !/^\s*(\d+ \||\^)/.test(line));
  return lines.join("\n").trim().replace(/^error: /, "Error: ");
}

/** Bun: its own Worker takes 1.3 MB and 1.4 ms; the one of `node:worker_threads` 2.9 MB and 12 ms. */
function spawnWeb(url: string, name: string, first: ToWorker, life: WorkerLife): WorkerHandle {
  const worker = new Worker(url, { type: "module", name });
  worker.addEventListener("message", (event: MessageEvent<FromWorker>) => life.heard(event.data));
  worker.addEventListener("error", (event) => {
    event.preventDefault();
    life.failed(withoutExcerpt(event.message));
  });
  worker.addEventListener("close", (event) => life.exited("code" in event ? Number(event.code) : 0));
  const post = (message: ToWorker): void => worker.postMessage(message);
  post(first);
  return {
    post(message) {
      if (!life.ended) post({ kind: "message", message });
    },
    terminate() {
      life.expectEnd();
      worker.terminate();
    },
  };
}

/** Deno: its own Worker does not tell when it has ended. */
function spawnNode(url: string, name: string, first: ToWorker, life: WorkerLife): WorkerHandle {
  const { Worker } = nodeModule("node:worker_threads");
  const worker = new Worker(fileURLToPath(url), { name });
  worker.on("message", (message: FromWorker) => life.heard(message));
  worker.on("error", (failure: unknown) => {
    life.failed(failure instanceof Error ? failure.stack ?? failure.message : String(failure));
  });
  worker.on("exit", (code: number) => life.exited(code));
  const post = (message: ToWorker): void => worker.postMessage(message);
  post(first);
  return {
    post(message) {
      if (!life.ended) post({ kind: "message", message });
    },
    terminate() {
      life.expectEnd();
      void worker.terminate();
    },
  };
}
