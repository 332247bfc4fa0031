import type { Clock } from "../base/clock.ts";
import type { Log, LogLevel, LogLine } from "../base/log.ts";
import type {
  HttpInit,
  HttpListen,
  HttpOrder,
  HttpReport,
  OpenAnswer,
  OpenQuestion,
  PublicInit,
  StreamLatency,
  StreamSummary,
} from "./messages.ts";
import type { SessionKey } from "./session/session_row.ts";
import type { SessionTable } from "./session/session_table.ts";
import { SupervisedWorker, type WorkerLauncher } from "./supervise/supervised_worker.ts";

export interface HttpWorkersOptions {
  readonly launcher: WorkerLauncher;
  readonly clock: Clock;
  readonly log: Log;
  logLevel(): LogLevel;
  random(): number;
  putLog(line: LogLine): void;
  open(question: OpenQuestion): OpenAnswer;
  list(): readonly StreamSummary[];
  /** What describes the session that a stream sends by itself. */
  describe?(stream: string): string | undefined;
  touch(stream: string): void;
  latency(streams: readonly StreamLatency[]): void;
  readonly sessions: Pick<SessionTable, "take" | "forget" | "refused">;
  readonly listen: readonly HttpListen[];
  readonly public: PublicInit;
  /** Set while another server serves on the public addresses: the first worker answers there until `listen`. */
  readonly socket?: string | undefined;
  /** Of control/limits: counts down the viewers that may still come. */
  readonly admission: SharedArrayBuffer;
  /** Another server may take over one day. */
  readonly mayPassOn?: boolean;
  /** Resolves when a stream that another server writes is ours; undefined when nothing is to be waited for. */
  adopted?(stream: string): Promise<void> | undefined;
  /** How many workers share the port. */
  readonly count: number;
}

/** How long a worker that is not needed any more lets viewers finish. */
const LEAVE_MILLIS = 30_000;
/** When a worker that was started again finds its port taken. */
const AGAIN_MILLIS = 2000;

/** The workers that serve HTTP viewers of every stream, each kept running by itself. */
export class HttpWorkers {
  readonly #o: HttpWorkersOptions;
  readonly #workers: SupervisedWorker[] = [];
  /** Whether workers listen on the public addresses; not before a takeover is complete. */
  #listening: boolean;
  /** The addresses with the ports that the system chose; undefined until a worker listens. */
  #chosen: readonly HttpListen[] | undefined;
  #listened: { resolve(ports: readonly number[]): void; reject(why: Error): void } | undefined;
  #listen: readonly HttpListen[];
  #public: PublicInit;
  #disbelieved = 0;
  #failure = "it said nothing";
  /** Streams that each worker has open, so that later track pages reach it. */
  readonly #opened: Set<string>[] = [];

  constructor(options: HttpWorkersOptions) {
    this.#o = options;
    this.#listening = options.socket === undefined;
    this.#listen = options.listen;
    this.#public = options.public;
  }

  /** Starts all; answers the ports when the first one listens. Rejects when none does within `timeoutMillis`. */
  start(timeoutMillis: number): Promise<readonly number[]> {
    const started = this.#awaitListening(timeoutMillis);
    this.#resize(this.#o.count);
    return started;
  }

  /** Listens on the public addresses, for workers that were started without; answers the ports. */
  listen(timeoutMillis: number): Promise<readonly number[]> {
    this.#listening = true;
    return this.configure(this.#listen, this.#workers.length, timeoutMillis);
  }

  /**
   * Listens on these addresses from now on, with so many workers; answers the ports when the first one does. Rejects,
   * with the addresses as they were, when one cannot be had.
   */
  async configure(
    listen: readonly HttpListen[],
    count: number,
    timeoutMillis: number,
  ): Promise<readonly number[]> {
    const before = this.#listen;
    this.#listen = listen;
    this.#chosen = undefined;
    let ports: readonly number[] = [];
    if (this.#listening) {
      const listened = this.#awaitListening(timeoutMillis);
      for (const worker of this.#workers) worker.post({ type: "listen", listen });
      try {
        ports = await listened;
      } catch (failure) {
        this.#listen = before;
        throw failure;
      }
    }
    this.#resize(count);
    return ports;
  }

  /** Proxies, public addresses and the redirect, for all workers. */
  setPublic(settings: PublicInit): void {
    this.#public = settings;
    const order: HttpOrder = { type: "public", public: settings };
    for (const worker of this.#workers) worker.post(order);
  }

  #awaitListening(timeoutMillis: number): Promise<readonly number[]> {
    return new Promise((resolve, reject) => {
      const late = () => this.#listened?.reject(new Error(`Cannot serve HTTP: ${this.#failure}`));
      const cancel = this.#o.clock.after(timeoutMillis, late);
      const done = () => {
        cancel();
        this.#listened = undefined;
      };
      this.#listened = {
        resolve(ports) {
          done();
          resolve(ports);
        },
        reject(why) {
          done();
          reject(why);
        },
      };
    });
  }

  #resize(count: number): void {
    while (this.#workers.length < count) this.#add(this.#workers.length);
    for (const worker of this.#workers.splice(count)) {
      const n = this.#opened.length - 1;
      this.#opened.pop();
      void worker.stop(LEAVE_MILLIS, { type: "leave" }).then(() => {
        if (this.#workers[n] === undefined) this.#o.sessions.forget(n);
      });
    }
  }

  #add(n: number): void {
    this.#opened.push(new Set());
    const worker = new SupervisedWorker({
      name: "http",
      launcher: this.#o.launcher,
      clock: this.#o.clock,
      log: this.#o.log,
      random: () => this.#o.random(),
      init: (vitals): HttpInit => {
        this.#opened[n]?.clear();
        this.#o.sessions.forget(n);
        return {
          vitals: vitals.shared,
          logLevel: this.#o.logLevel(),
          listen: this.#listening ? this.#chosen ?? this.#listen : [],
          socket: n === 0 ? this.#o.socket : undefined,
          mayPassOn: this.#o.mayPassOn ?? false,
          admission: this.#o.admission,
          refused: this.#o.sessions.refused(),
          public: this.#public,
        };
      },
      message: (message) => {
        const report = message as HttpReport;
        if (report.type === "listening") {
          // a worker that is started again listens where viewers know it
          this.#chosen = this.#listen.map((at, i) => ({ ...at, port: at.port || (report.ports[i] ?? 0) }));
          this.#listened?.resolve(report.ports);
        } else if (report.type === "notListening") this.#notListening(worker, report.why);
        else this.#report(n, report);
      },
      failed: (why) => this.#failure = why,
    });
    this.#workers.push(worker);
    worker.start();
  }

  #notListening(worker: SupervisedWorker, why: string): void {
    if (this.#listened !== undefined) return this.#listened.reject(new Error(why));
    // a worker that was started again, and finds its port taken meanwhile
    this.#o.log.error(`${why}; tries again in ${AGAIN_MILLIS / 1000} s`);
    this.#o.clock.after(AGAIN_MILLIS, () => worker.post({ type: "listen", listen: this.#listen }));
  }

  /** Another server takes over: requests that are not about `ours` go to its socket. */
  passOn(socket: string, ours: readonly string[]): void {
    for (const worker of this.#workers) worker.post({ type: "passOn", socket, ours });
  }

  /** That stream is the other server's from now on. */
  passed(stream: string): void {
    for (const worker of this.#workers) worker.post({ type: "passed", stream });
  }

  /** Closes the public addresses; resolves when all that was under way has ended, or after `millis`. */
  async leave(millis: number): Promise<void> {
    await Promise.all(this.#workers.map((worker) => worker.stop(millis, { type: "leave" })));
  }

  /** A stream has a further track: those who serve it get its page. */
  trackAdded(stream: string, page: SharedArrayBuffer): void {
    this.#tell(stream, { type: "track", stream, page });
  }

  /** A stream's pages are given up, or it is offline before it had any media: `why` is for viewers. */
  closed(stream: string, why?: string): void {
    this.#tell(stream, why === undefined ? { type: "closed", stream } : { type: "closed", stream, why });
    for (const opened of this.#opened) opened.delete(stream);
  }

  /** Keeps a viewer out of all workers for so long. */
  refuse(key: SessionKey, millis: number): void {
    const order: HttpOrder = { type: "refuse", key, millis };
    for (const worker of this.#workers) worker.post(order);
  }

  /** Headers of strangers that claimed to be proxies. */
  get disbelieved(): number {
    return this.#disbelieved;
  }

  /** How often workers were started again. */
  get restarts(): number {
    return this.#workers.reduce((sum, worker) => sum + worker.restarts, 0);
  }

  /** The level of `logLevel()` changed: running workers take it too. */
  logLevelChanged(): void {
    const order: HttpOrder = { type: "logLevel", level: this.#o.logLevel() };
    for (const worker of this.#workers) worker.post(order);
  }

  async stop(graceMillis: number): Promise<void> {
    await Promise.all(this.#workers.map((w) => w.stop(graceMillis)));
  }

  #tell(stream: string, order: HttpOrder): void {
    this.#workers.forEach((worker, n) => {
      if (this.#opened[n]?.has(stream)) worker.post(order);
    });
  }

  #report(n: number, report: Exclude<HttpReport, { type: "listening" | "notListening" }>): void {
    switch (report.type) {
      case "log":
        return this.#o.putLog(report.line);
      case "touch":
        return this.#o.touch(report.stream);
      case "sessions":
        return this.#o.sessions.take(n, report.report);
      case "latency":
        return this.#o.latency(report.streams);
      case "disbelieved":
        this.#disbelieved += report.count;
        return;
      case "describe": {
        const text = this.#o.describe?.(report.stream);
        return this.#post(n, { type: "described", id: report.id, text });
      }
      case "list":
        return this.#post(n, { type: "listed", id: report.id, streams: this.#o.list() });
      case "open": {
        const waits = this.#o.adopted?.(report.question.stream);
        if (waits === undefined) return this.#open(n, report.id, report.question);
        void waits.then(() => this.#open(n, report.id, report.question));
        return;
      }
      case "stopped":
        return;
    }
  }

  #open(n: number, id: number, question: OpenQuestion): void {
    const answer = this.#o.open(question);
    if (answer.allowed) this.#opened[n]?.add(answer.name);
    this.#post(n, { type: "opened", id, answer });
  }

  #post(n: number, order: HttpOrder): void {
    this.#workers[n]?.post(order);
  }
}
