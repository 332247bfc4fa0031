import type { Clock } from "../base/clock.ts";
import type { ChildEnd, ChildHandlers, ChildProcess } from "../host/child.ts";
import { type Crash, LastLines } from "./crash_report.ts";
import { BEAT_MILLIS, HangWatch } from "./hang_watch.ts";
import {
  GUARDED,
  type GuardianOrder,
  isReport,
  type ServerReport,
  TAKEOVER,
  type Takeover,
} from "./messages.ts";

/** What the guardian needs of the machine to run servers. */
export interface ServerPorts {
  readonly clock: Clock;
  /** Starts a server; `executable` undefined: this program's own. Throws when it cannot be started. */
  spawn(
    o: { readonly executable?: string; readonly environment: Readonly<Record<string, string>> },
    on: ChildHandlers,
  ): ChildProcess;
  /** Shows a line of a server's standard error. */
  showErrorLine(line: string): void;
}

export interface ServerStart {
  /** Path of the program; undefined: this program's own. */
  readonly executable: string | undefined;
  /** Set when it takes over from a running server. */
  readonly takeover: Takeover | undefined;
}

export interface ServerEnd {
  readonly code: number | undefined;
  /** What killed it. */
  readonly signal: string | undefined;
  /** It served at some time. */
  readonly listened: boolean;
  readonly crash: Crash;
}

/** One server: its process, its heartbeat, its last lines. One that hangs is killed. */
export class ServerProcess {
  readonly start: ServerStart;
  readonly #ports: ServerPorts;
  readonly #child: ChildProcess;
  readonly #lines = new LastLines();
  readonly #watch: HangWatch;
  readonly #startedAt: number;
  readonly #on: (report: ServerReport) => void;
  readonly #waits = new Map<ServerReport["type"], (report: ServerReport | undefined) => void>();
  #cancelLook = () => {};
  #hung = "";
  #version = "unknown";
  #listened = false;
  #ended: ServerEnd | undefined;

  constructor(
    start: ServerStart,
    ports: ServerPorts,
    on: { report(report: ServerReport): void; ended(end: ServerEnd): void },
  ) {
    this.start = start;
    this.#ports = ports;
    this.#on = (report) => on.report(report);
    const now = ports.clock.mono();
    this.#startedAt = now;
    this.#watch = new HangWatch(now);
    const environment = {
      [GUARDED]: "1",
      [TAKEOVER]: start.takeover === undefined ? "" : JSON.stringify(start.takeover),
    };
    const { executable } = start;
    this.#child = ports.spawn(executable === undefined ? { environment } : { executable, environment }, {
      message: (message) => {
        if (isReport(message)) this.#receive(message);
      },
      errorLine: (line) => {
        this.#lines.put(line);
        ports.showErrorLine(line);
      },
      ended: (how) => {
        this.#cancelLook();
        this.#ended = this.#end(how);
        for (const give of this.#waits.values()) give(undefined);
        this.#waits.clear();
        on.ended(this.#ended);
      },
    });
    this.#look();
  }

  get pid(): number {
    return this.#child.pid;
  }

  get alive(): boolean {
    return this.#ended === undefined;
  }

  /** What ended it: an exit code, a signal, its silence; undefined while it is alive. */
  get endedBy(): string | undefined {
    return this.#ended?.crash.why;
  }

  /** It serves on its public ports. */
  get listened(): boolean {
    return this.#listened;
  }

  get version(): string {
    return this.#version;
  }

  send(order: GuardianOrder): void {
    this.#child.send(order);
  }

  signal(signal: "SIGINT" | "SIGTERM" | "SIGHUP" | "SIGKILL"): void {
    this.#child.kill(signal);
  }

  /** The next report of that type; undefined when the server ends first, or after `millis`. */
  next<Type extends ServerReport["type"]>(
    type: Type,
    millis: number,
  ): Promise<Extract<ServerReport, { type: Type }> | undefined> {
    if (!this.alive) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      const give = (report: ServerReport | undefined) => {
        cancel();
        if (this.#waits.get(type) === give) this.#waits.delete(type);
        resolve(report as Extract<ServerReport, { type: Type }> | undefined);
      };
      const cancel = this.#ports.clock.after(millis, () => give(undefined));
      this.#waits.set(type, give);
    });
  }

  #receive(report: ServerReport): void {
    this.#watch.beat(this.#ports.clock.mono());
    if (report.type === "beat") return;
    if (report.type === "line") return this.#lines.put(report.text);
    if (report.type === "listening") {
      this.#listened = true;
      this.#watch.started();
      this.#version = report.version;
    }
    this.#on(report);
    this.#waits.get(report.type)?.(report);
  }

  #look(): void {
    this.#cancelLook = this.#ports.clock.after(BEAT_MILLIS, () => {
      const silent = this.#watch.look(this.#ports.clock.mono());
      if (silent !== undefined && this.#hung === "") {
        this.#hung = `hung: no heartbeat for ${(silent / 1000).toFixed(1)} s`;
        this.#child.kill("SIGKILL");
      }
      this.#look();
    });
  }

  #end(how: ChildEnd): ServerEnd {
    const { clock } = this.#ports;
    const died = how.signal === undefined ? `exit code ${how.code ?? "unknown"}` : `killed by ${how.signal}`;
    const crash: Crash = {
      at: clock.wall(),
      pid: this.pid,
      why: this.#hung === "" ? died : this.#hung,
      aliveMillis: clock.mono() - this.#startedAt,
      version: this.#version,
      lines: this.#lines.all,
    };
    const { signal } = how;
    return { code: signal === undefined ? how.code : undefined, signal, listened: this.#listened, crash };
  }
}
