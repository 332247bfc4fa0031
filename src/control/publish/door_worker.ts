import type { Log, LogLevel, LogLine } from "../../base/log.ts";
import type { StreamSummary } from "../messages.ts";
import type { SessionKey } from "../session/session_row.ts";
import type { SessionTable } from "../session/session_table.ts";
import type { StreamTable } from "../stream/stream_table.ts";
import { SupervisedWorker, type WorkerLauncher, type WorkerName } from "../supervise/supervised_worker.ts";
import type { DoorInit, DoorWorkerOrder, DoorWorkerReport } from "./door_messages.ts";
import { judgePlayer } from "./publish_access.ts";
import { Publications, type PublicationsPorts } from "./publications.ts";

export interface DoorWorkerOptions<S> extends PublicationsPorts {
  /** File of `app/workers/`. */
  readonly name: WorkerName;
  /** Tells its sessions from those of other workers. */
  readonly number: number;
  readonly settings: S;
  readonly launcher: WorkerLauncher;
  readonly log: Log;
  logLevel(): LogLevel;
  random(): number;
  putLog(line: LogLine): void;
  readonly table: Pick<StreamTable, "find" | "open" | "list" | "touch" | "rtspPasswordOf">;
  readonly sessions: Pick<SessionTable, "take" | "forget" | "refused">;
  readonly admission: SharedArrayBuffer;
  /** Where it listens, each time it begins to. */
  listening(ports: readonly number[]): void;
}

/** The worker of one protocol whose peers play and publish on the same port, kept running. */
export class DoorWorker<S> {
  readonly #o: DoorWorkerOptions<S>;
  readonly #worker: SupervisedWorker;
  readonly #publications: Publications;
  /** Streams that it has open, so that later track pages reach it. */
  readonly #opened = new Set<string>();

  constructor(options: DoorWorkerOptions<S>) {
    this.#o = options;
    this.#publications = new Publications(options, (order) => this.#post(order));
    this.#worker = new SupervisedWorker({
      name: options.name,
      launcher: options.launcher,
      clock: options.clock,
      log: options.log,
      random: () => options.random(),
      init: (vitals): DoorInit<S> => {
        this.#opened.clear();
        options.sessions.forget(options.number);
        return {
          vitals: vitals.shared,
          logLevel: options.logLevel(),
          settings: options.settings,
          admission: options.admission,
          refused: options.sessions.refused(),
        };
      },
      message: (message) => this.#report(message as DoorWorkerReport),
      failed: () => this.#publications.clear(),
    });
  }

  start(): void {
    this.#worker.start();
  }

  /** How often it was started again. */
  get restarts(): number {
    return this.#worker.restarts;
  }

  trackAdded(stream: string, page: SharedArrayBuffer): void {
    if (this.#opened.has(stream)) this.#post({ type: "track", stream, page });
  }

  /** A stream's pages are given up, or it is offline before it had any media: `why` is for those who wait. */
  closed(stream: string, why?: string): void {
    if (!this.#opened.delete(stream)) return;
    this.#post(why === undefined ? { type: "closed", stream } : { type: "closed", stream, why });
  }

  /** Keeps a viewer out for so long. */
  refuse(key: SessionKey, millis: number): void {
    this.#post({ type: "refuse", key, millis });
  }

  /** Ends a publisher. False where there is none. */
  stopPublisher(stream: string, remote: string): boolean {
    return this.#publications.stop(stream, remote);
  }

  logLevelChanged(): void {
    this.#post({ type: "logLevel", level: this.#o.logLevel() });
  }

  async stop(graceMillis: number): Promise<void> {
    await this.#worker.stop(graceMillis);
    this.#publications.clear();
  }

  #post(order: DoorWorkerOrder): void {
    this.#worker.post(order);
  }

  #report(report: DoorWorkerReport): void {
    const { table } = this.#o;
    switch (report.type) {
      case "log":
        return this.#o.putLog(report.line);
      case "listening":
        return this.#o.listening(report.ports);
      case "touch":
        return table.touch(report.stream);
      case "sessions":
        return this.#o.sessions.take(this.#o.number, report.report);
      case "list": {
        const streams: readonly StreamSummary[] = table.list();
        return this.#post({ type: "listed", id: report.id, streams });
      }
      case "open": {
        const answer = table.open(report.question);
        if (answer.allowed) this.#opened.add(answer.name);
        return this.#post({ type: "opened", id: report.id, answer });
      }
      case "play": {
        const password = table.rtspPasswordOf(report.stream);
        const answer = judgePlayer(password, report.proof, this.#o.hashes);
        return this.#post({ type: "mayPlay", id: report.id, answer });
      }
      case "stopped":
        return;
      default:
        return this.#publications.receive(report);
    }
  }
}
