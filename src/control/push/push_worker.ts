import type { Clock } from "../../base/clock.ts";
import type { Log, LogLevel, LogLine } from "../../base/log.ts";
import { SupervisedWorker, type WorkerLauncher } from "../supervise/supervised_worker.ts";
import type { PushedStream, PushInit, PushOrder, PushReport, PushWorkerOrder } from "./push_messages.ts";

/** How long pushes may take to say goodbye to their receivers, milliseconds. */
const STOP_GRACE_MILLIS = 800;

export interface PushWorkerPorts {
  readonly launcher: WorkerLauncher;
  readonly clock: Clock;
  logLevel(): LogLevel;
  random(): number;
  putLog(line: LogLine): void;
}

/** Where a stream's frames are. */
export interface StreamPages {
  readonly page: SharedArrayBuffer;
  readonly tracks: readonly SharedArrayBuffer[];
}

interface Pushed extends StreamPages {
  readonly tracks: SharedArrayBuffer[];
  readonly pushes: Map<number, PushOrder>;
}

/** A worker that runs the pushes of some streams, kept running while there are any. */
export class PushWorker {
  readonly #worker: SupervisedWorker;
  readonly #streams = new Map<string, Pushed>();
  /** Pushes that were asked to end. */
  readonly #ending = new Set<number>();
  #started = false;

  constructor(ports: PushWorkerPorts, log: Log, report: (report: PushReport) => void) {
    this.#worker = new SupervisedWorker({
      name: "push",
      launcher: ports.launcher,
      clock: ports.clock,
      log,
      random: () => ports.random(),
      init: (vitals): PushInit => ({
        vitals: vitals.shared,
        logLevel: ports.logLevel(),
        streams: [...this.#streams.keys()].map((stream) => this.#told(stream)),
      }),
      message: (message) => {
        const said = message as PushReport;
        if (said.type === "log") ports.putLog(said.line);
        else report(said);
      },
      // what was to end has ended with the worker, and is not started again with it
      failed: (why) => {
        for (const id of [...this.#ending]) report({ type: "pushEnded", id, why, refused: false });
      },
    });
  }

  /** Streams whose pushes it runs. */
  get size(): number {
    return this.#streams.size;
  }

  has(stream: string): boolean {
    return this.#streams.has(stream);
  }

  /** Runs a push of a stream whose frames are in `pages`. */
  add(stream: string, pages: StreamPages, push: PushOrder): void {
    const known = this.#streams.get(stream);
    const pushed = known ?? { page: pages.page, tracks: [...pages.tracks], pushes: new Map() };
    pushed.pushes.set(push.id, push);
    this.#streams.set(stream, pushed);
    if (!this.#started) {
      this.#started = true;
      this.#worker.start();
    } else if (known === undefined) this.#post({ type: "addStream", added: this.#told(stream) });
    else this.#post({ type: "push", stream, push });
  }

  /** Asks a push to end; it then reports `pushEnded`. `handOver`: another server goes on with it. */
  end(id: number, handOver: boolean): void {
    this.#ending.add(id);
    this.#post({ type: "endPush", id, ...(handOver ? { handOver } : {}) });
  }

  /** A push has ended: it is not started again with the worker. With its last push the stream is let go. */
  forget(stream: string, id: number): void {
    this.#ending.delete(id);
    const pushed = this.#streams.get(stream);
    pushed?.pushes.delete(id);
    if (pushed?.pushes.size === 0) this.drop(stream);
  }

  /** Lets go of a stream and all that it sends. */
  drop(stream: string): void {
    const dropped = this.#streams.get(stream);
    if (dropped === undefined) return;
    for (const id of dropped.pushes.keys()) this.#ending.delete(id);
    this.#streams.delete(stream);
    this.#post({ type: "dropStream", stream });
  }

  trackAdded(stream: string, page: SharedArrayBuffer): void {
    this.#streams.get(stream)?.tracks.push(page);
    this.#post({ type: "track", stream, page });
  }

  logLevelChanged(level: LogLevel): void {
    this.#post({ type: "logLevel", level });
  }

  async stop(): Promise<void> {
    await this.#worker.stop(STOP_GRACE_MILLIS);
  }

  #told(stream: string): PushedStream {
    const { page, tracks, pushes } = this.#streams.get(stream) as Pushed;
    return { stream, page, tracks: [...tracks], pushes: [...pushes.values()] };
  }

  #post(order: PushWorkerOrder): void {
    this.#worker.post(order);
  }
}
