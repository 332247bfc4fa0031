import type { Log, LogLevel } from "../../base/log.ts";
import type { PushOrder, PushReport } from "./push_messages.ts";
import { PushWorker, type PushWorkerPorts, type StreamPages } from "./push_worker.ts";

/** Streams of a worker before another one is started; when there are enough workers, they take more. */
const STREAMS_EACH = 16;
/** Workers at most: what they send is little work, and each more is a thread to wake for every frame. */
const WORKERS_MAX = 4;

/**
 * The workers that push: as few as will do, for many streams in one cost half of what they cost in one each. All pushes of
 * a stream are in the same one.
 */
export class PushWorkers {
  readonly #ports: PushWorkerPorts;
  readonly #most: number;
  readonly #log: Log;
  readonly #report: (report: PushReport) => void;
  #workers: PushWorker[] = [];

  /** `cores`: processors of the machine. */
  constructor(ports: PushWorkerPorts, cores: number, log: Log, report: (report: PushReport) => void) {
    this.#ports = ports;
    this.#most = Math.max(1, Math.min(WORKERS_MAX, cores - 1));
    this.#log = log;
    this.#report = report;
  }

  /** Workers that run. */
  get size(): number {
    return this.#workers.length;
  }

  add(stream: string, pages: StreamPages, push: PushOrder): void {
    (this.#of(stream) ?? this.#choose()).add(stream, pages, push);
  }

  end(stream: string, id: number, handOver: boolean): void {
    this.#of(stream)?.end(id, handOver);
  }

  forget(stream: string, id: number): void {
    this.#let(stream, (worker) => worker.forget(stream, id));
  }

  drop(stream: string): void {
    this.#let(stream, (worker) => worker.drop(stream));
  }

  trackAdded(stream: string, page: SharedArrayBuffer): void {
    this.#of(stream)?.trackAdded(stream, page);
  }

  logLevelChanged(level: LogLevel): void {
    for (const worker of this.#workers) worker.logLevelChanged(level);
  }

  async close(): Promise<void> {
    await Promise.all(this.#workers.splice(0).map((worker) => worker.stop()));
  }

  #of(stream: string): PushWorker | undefined {
    return this.#workers.find((worker) => worker.has(stream));
  }

  /** The one with the fewest streams, or a new one. */
  #choose(): PushWorker {
    const [least] = this.#workers.toSorted((a, b) => a.size - b.size);
    if (least !== undefined && (least.size < STREAMS_EACH || this.#workers.length >= this.#most)) {
      return least;
    }
    const worker = new PushWorker(this.#ports, this.#log, this.#report);
    this.#workers.push(worker);
    return worker;
  }

  /** Changes a stream's worker; one without streams is ended. */
  #let(stream: string, change: (worker: PushWorker) => void): void {
    const worker = this.#of(stream);
    if (worker === undefined) return;
    change(worker);
    if (worker.size > 0) return;
    this.#workers = this.#workers.filter((other) => other !== worker);
    void worker.stop();
  }
}
