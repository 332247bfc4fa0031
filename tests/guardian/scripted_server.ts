import type { ChildEnd, ChildHandlers, ChildProcess } from "../../src/host/child.ts";
import type { Crash } from "../../src/guardian/crash_report.ts";
import { Guardian, type GuardianPorts } from "../../src/guardian/guardian.ts";
import { BEAT_MILLIS } from "../../src/guardian/hang_watch.ts";
import type { GuardianOrder, ServerReport } from "../../src/guardian/messages.ts";
import { ManualClock } from "../manual_clock.ts";

/** A server process that does what the test says. */
export class ScriptedServer implements ChildProcess {
  readonly sent: GuardianOrder[] = [];
  readonly signals: string[] = [];
  beating = true;
  gone = false;

  constructor(
    readonly pid: number,
    readonly executable: string | undefined,
    readonly environment: Readonly<Record<string, string>>,
    readonly on: ChildHandlers,
  ) {}

  send(message: unknown): boolean {
    this.sent.push(message as GuardianOrder);
    return !this.gone;
  }

  kill(signal: string): void {
    this.signals.push(signal);
    if (signal === "SIGKILL") this.end({ code: undefined, signal });
  }

  report(report: ServerReport): void {
    this.on.message(report);
  }

  end(how: ChildEnd): void {
    if (this.gone) return;
    this.gone = true;
    this.on.ended(how);
  }
}

/** A guardian with servers and a clock that the test moves. */
export class Stage {
  readonly clock = new ManualClock();
  readonly servers: ScriptedServer[] = [];
  readonly crashes: Crash[] = [];
  readonly said: string[] = [];
  readonly notified: string[] = [];
  readonly codes: number[] = [];
  /** Places of upgrades that were removed again. */
  discarded = 0;
  readonly guardian: Guardian;

  constructor(more: Partial<GuardianPorts> = {}) {
    this.guardian = new Guardian({
      clock: this.clock,
      random: () => 1,
      spawn: (o, on) => {
        const server = new ScriptedServer(100 + this.servers.length, o.executable, o.environment, on);
        this.servers.push(server);
        return server;
      },
      showErrorLine: () => {},
      say: (line) => this.said.push(line),
      warn: (line) => this.said.push(line),
      printAs: () => {},
      keepCrash: (crash) => this.crashes.push(crash),
      notify: (state) => this.notified.push(state),
      place: () => ({ socket: "/run/socket", folder: "/run", discard: () => this.discarded++ }),
      leaveMillis: 30_000,
      ended: (code) => this.codes.push(code),
      ...more,
    });
  }

  get last(): ScriptedServer {
    return this.servers.at(-1) as ScriptedServer;
  }

  /** Starts the guardian and lets its server serve. */
  serving(): ScriptedServer {
    this.guardian.start();
    this.last.report({ type: "listening", version: "1" });
    return this.last;
  }

  /** Moves on, servers that beat beating. */
  pass(ms: number): void {
    for (let at = 0; at < ms; at += BEAT_MILLIS) {
      for (const server of this.servers) if (server.beating && !server.gone) server.report({ type: "beat" });
      this.clock.advance(Math.min(BEAT_MILLIS, ms - at));
    }
  }
}
