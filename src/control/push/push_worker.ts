import type { Clock } from "../../base/clock.ts";
import type { Log, LogLevel, LogLine } from "../../base/log.ts";
import { SupervisedWorker, type WorkerLauncher } from "../supervise/supervised_worker.ts";
import type { PushInit, PushOrder, PushReport, PushWorkerOrder } from "./push_messages.ts";

/** How long pushes may take to say goodbye to their receivers, milliseconds. */
const STOP_GRACE_MILLIS = 800;

export interface PushWorkerPorts {
  readonly launcher: WorkerLauncher;
  readonly clock: Clock;
  logLevel(): LogLevel;
  random(): number;
  putLog(line: LogLine): void;
}

/** The worker that runs all pushes of one stream, kept running while there are any. */
export class PushWorker {
  readonly #worker: SupervisedWorker;
  readonly #pushes = new Map<number, PushOrder>();
  readonly #tracks: SharedArrayBuffer[];

  constructor(
    stream: string,
    pages: { readonly page: SharedArrayBuffer; readonly tracks: readonly SharedArrayBuffer[] },
    first: PushOrder,
    ports: PushWorkerPorts,
    log: Log,
    report: (report: PushReport) => void,
  ) {
    this.#pushes.set(first.id, first);
    this.#tracks = [...pages.tracks];
    this.#worker = new SupervisedWorker({
      name: "push",
      launcher: ports.launcher,
      clock: ports.clock,
      log,
      random: () => ports.random(),
      init: (vitals): PushInit => ({
        vitals: vitals.shared,
        logLevel: ports.logLevel(),
        stream,
        page: pages.page,
        tracks: [...this.#tracks],
        pushes: [...this.#pushes.values()],
      }),
      message: (message) => {
        const said = message as PushReport;
        if (said.type === "log") ports.putLog(said.line);
        else report(said);
      },
    });
    this.#worker.start();
  }

  /** Pushes that it runs. */
  get size(): number {
    return this.#pushes.size;
  }

  add(push: PushOrder): void {
    this.#pushes.set(push.id, push);
    this.#post({ type: "push", push });
  }

  /** Asks a push to end; it then reports `pushEnded`. */
  end(id: number): void {
    this.#post({ type: "endPush", id });
  }

  /** A push has ended: it is not started again with the worker. */
  forget(id: number): void {
    this.#pushes.delete(id);
  }

  trackAdded(page: SharedArrayBuffer): void {
    this.#tracks.push(page);
    this.#post({ type: "track", page });
  }

  logLevelChanged(level: LogLevel): void {
    this.#post({ type: "logLevel", level });
  }

  async stop(): Promise<void> {
    await this.#worker.stop(STOP_GRACE_MILLIS);
  }

  #post(order: PushWorkerOrder): void {
    this.#worker.post(order);
  }
}
