import type { Crash } from "./crash_report.ts";
import type { LineStyle, ServerReport, Takeover } from "./messages.ts";
import { RestartBudget } from "./restart_budget.ts";
import { type ServerEnd, type ServerPorts, ServerProcess, type ServerStart } from "./server_process.ts";
import { upgrade, UpgradeBroken } from "./upgrade.ts";

/** How long a server may take to end when it is told to, milliseconds; then it is killed. */
export const STOP_MILLIS = 10_000;
/** How long a leaving server may take beyond what its viewers were given. */
const LEAVE_MORE_MILLIS = 5000;

export interface GuardianPorts extends ServerPorts {
  random(): number;
  say(line: string): void;
  /** Says what should not be. */
  warn(line: string): void;
  /** What is said looks so from now on. */
  printAs(style: LineStyle): void;
  /** Keeps a report of a server that died. */
  keepCrash(crash: Crash): void;
  /** Tells the service manager, as sd_notify(3) has it. */
  notify(state: string): void;
  /** A new place for a takeover: a unix socket, and the folder for streams' files. */
  place(): { readonly socket: string; readonly folder: string; discard(): void };
  /** How long viewers of an old server may take to finish after an upgrade. */
  readonly leaveMillis: number;
  /** Everything has ended; the code for the guardian's own exit. */
  ended(code: number): void;
}

/** Keeps one server running: starts it again when it dies or hangs, swaps it for another program without a gap. */
export class Guardian {
  readonly #ports: GuardianPorts;
  readonly #budget: RestartBudget;
  readonly #leaving = new Set<ServerProcess>();
  #current: ServerProcess | undefined;
  #next: ServerProcess | undefined;
  #start: ServerStart = { executable: undefined, takeover: undefined };
  #listened = false;
  #stopping: "SIGINT" | "SIGTERM" | undefined;
  #reload = false;
  #cancelRestart = () => {};

  constructor(ports: GuardianPorts) {
    this.#ports = ports;
    this.#budget = new RestartBudget(() => ports.random());
  }

  /** The server that serves now; undefined while none does. */
  get current(): ServerProcess | undefined {
    return this.#current;
  }

  start(): void {
    this.#current = this.#launch(this.#start);
  }

  /** Ends everything: the signal goes to every server. */
  stop(signal: "SIGINT" | "SIGTERM"): void {
    if (this.#stopping !== undefined) return;
    this.#stopping = signal;
    this.#ports.notify("STOPPING=1");
    this.#cancelRestart();
    const all = this.#all();
    for (const server of all) server.signal(signal);
    if (all.length === 0) this.#ports.ended(0);
    this.#ports.clock.after(STOP_MILLIS, () => {
      for (const server of this.#all()) server.signal("SIGKILL");
    });
  }

  /** Passed on to the server: it reads its configuration again. One that still starts would die of the signal. */
  reload(): void {
    if (this.#current?.listened === true) this.#current.signal("SIGHUP");
    else this.#reload = true;
  }

  /**
   * Starts `executable` (undefined: the program that runs now) in the server's place. Answers its version; throws with
   * the reason when it did not work out.
   */
  async upgrade(executable: string | undefined): Promise<string> {
    const old = this.#current;
    if (old === undefined || !old.listened) throw new Error("no server runs that could be upgraded");
    if (this.#next !== undefined) throw new Error("an upgrade is under way");
    const { socket, folder, discard } = this.#ports.place();
    const path = executable ?? this.#start.executable;
    const launch = (streams: readonly string[]) => {
      const takeover: Takeover = { streams, socket };
      this.#next = this.#launch({ executable: path, takeover });
      return { server: this.#next, socket };
    };
    const { leaveMillis } = this.#ports;
    try {
      const server = await upgrade({
        old,
        launch,
        folder,
        leaveMillis,
        say: (line) => this.#ports.say(line),
      });
      if (!old.alive && this.#current !== undefined && this.#current !== old) {
        server.signal("SIGKILL");
        throw new Error("the old server died and was started again meanwhile");
      }
      this.#current = server;
      this.#start = { executable: path, takeover: undefined };
      if (old.alive) this.#leaving.add(old);
      this.#ports.clock.after(leaveMillis + LEAVE_MORE_MILLIS, () => {
        old.signal("SIGKILL");
        discard();
      });
      return server.version;
    } catch (failure) {
      discard();
      // Its streams are gone: a fresh server is the way back.
      if (failure instanceof UpgradeBroken) old.signal("SIGKILL");
      throw failure;
    } finally {
      this.#next = undefined;
    }
  }

  #all(): ServerProcess[] {
    return [this.#current, this.#next, ...this.#leaving].filter((s) =>
      s !== undefined && s.alive
    ) as ServerProcess[];
  }

  #launch(start: ServerStart): ServerProcess {
    const server: ServerProcess = new ServerProcess(start, this.#ports, {
      report: (report) => this.#report(server, report),
      ended: (end) => this.#ended(server, end),
    });
    return server;
  }

  #report(server: ServerProcess, report: ServerReport): void {
    if (report.type === "listening" && !this.#listened && this.#stopping === undefined) {
      this.#listened = true;
      this.#ports.notify("READY=1");
    }
    if (report.type === "listening" && server === this.#current && this.#reload) {
      this.#reload = false;
      this.reload();
    }
    if (report.type === "log") {
      const { format, priorities } = report;
      this.#ports.printAs({ format, priorities });
    }
    if (report.type === "handed" && server === this.#current) {
      this.#next?.send({ ...report, type: "adopt" });
    }
  }

  #ended(server: ServerProcess, end: ServerEnd): void {
    const { code, crash } = end;
    this.#leaving.delete(server);
    if (this.#stopping !== undefined) {
      // one that had only begun to start is ended by the signal itself
      const well = code === 0 || (end.signal === this.#stopping && !end.listened);
      if (!well) this.#ports.warn(`the server ended badly: ${crash.why}`);
      if (this.#all().length === 0) this.#ports.ended(well ? 0 : 1);
      return;
    }
    const failed = code !== 0;
    if (server !== this.#current) {
      if (failed) this.#died(crash);
      return;
    }
    this.#current = undefined;
    if (!failed) return this.#ports.ended(0);
    // What was never right is not retried: a port in use, a wrong configuration.
    if (!this.#listened && (code === 1 || code === 2)) return this.#ports.ended(code);
    const wait = this.#budget.died(this.#ports.clock.mono());
    this.#died(crash);
    this.#ports.say(wait === 0 ? "starting it again" : `starting it again in ${(wait / 1000).toFixed(1)} s`);
    if (wait === 0) return this.start();
    this.#cancelRestart = this.#ports.clock.after(wait, () => this.start());
  }

  #died(crash: Crash): void {
    this.#ports.warn(`server ${crash.pid} died: ${crash.why}`);
    this.#ports.keepCrash(crash);
  }
}
