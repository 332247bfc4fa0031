import type { Clock } from "../../base/clock.ts";
import type { LimitsLoad } from "../limits/limits_load.ts";
import type { StreamLatency } from "../messages.ts";
import { type SessionPorts, SessionTable } from "../session/session_table.ts";
import type { StreamObservation } from "../stream/managed_stream.ts";
import { CpuShare, type MachineLoad, NO_LOAD, type ProcessLoad } from "./machine.ts";
import type { MetricsSnapshot } from "./metrics/family.ts";
import { printMetrics } from "./metrics/metrics.ts";
import { referenceJson, type ReferenceServer } from "./metrics/reference_json.ts";
import type { StreamStatus } from "./stream_status.ts";
import { StreamWatch } from "./stream_watch.ts";

export interface TelemetryPorts extends SessionPorts {
  readonly clock: Clock;
  readonly version: string;
  observe(): readonly StreamObservation[];
  machine(): MachineLoad;
  process(): ProcessLoad;
  /** Log lines so far. */
  logLines(): number;
  httpWorkerRestarts(): number;
  /** Headers such as X-Forwarded-For from peers that are no proxies of ours. */
  forwardedIgnored(): number;
  limits(): LimitsLoad;
  /** As configured now. */
  metricsSettings(): { readonly enabled: boolean; readonly perStream: boolean };
}

/** How often counters are looked at, milliseconds. */
export const LOOK_MILLIS = 1000;
/** The machine's load is looked at every so many looks. */
const MACHINE_EVERY = 5;

/** What is counted in the whole server: sessions, every stream's numbers, the machine. */
export class Telemetry {
  readonly sessions: SessionTable;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly #ports: TelemetryPorts;
  readonly #watch: StreamWatch;
  readonly #cpu = new CpuShare();
  #machine: MachineLoad = NO_LOAD;
  #looks = 0;
  #cancel: () => void = () => {};

  constructor(ports: TelemetryPorts) {
    this.#ports = ports;
    this.startedAt = ports.clock.wall();
    this.sessions = new SessionTable(ports);
    this.#watch = new StreamWatch(() => ports.observe(), this.sessions);
  }

  start(): void {
    this.#cancel = this.#ports.clock.after(LOOK_MILLIS, () => {
      this.look();
      this.start();
    });
  }

  /** Takes all counters; done once a second after `start`. */
  look(): void {
    this.#watch.sample(this.#ports.clock.mono());
    this.sessions.tick();
    if (this.#looks++ % MACHINE_EVERY === 0) this.#lookAtMachine();
  }

  /** What an HTTP worker measured. */
  takeLatency(streams: readonly StreamLatency[]): void {
    for (const { stream, latency } of streams) this.#watch.takeLatency(stream, latency);
  }

  /** Every stream as it is now, in order of name. */
  streams(): StreamStatus[] {
    return this.#watch.statuses();
  }

  /** The machine as it was a few seconds ago, and the share of its processors that was busy, 0 to 1. */
  get machine(): MachineLoad & { readonly cpuShare: number } {
    return { ...this.#machine, cpuShare: this.#cpu.share };
  }

  /** How close the server is to its limits. */
  get limits(): LimitsLoad {
    return this.#ports.limits();
  }

  /** Everything that metrics are printed from. */
  snapshot(): MetricsSnapshot {
    return {
      version: this.#ports.version,
      startedAt: this.startedAt,
      streams: this.streams(),
      sums: this.sessions.sums,
      sessions: this.sessions.counts(),
      machine: this.#machine,
      cpuShare: this.#cpu.share,
      process: this.#ports.process(),
      logLines: this.#ports.logLines(),
      httpWorkerRestarts: this.#ports.httpWorkerRestarts(),
      forwardedIgnored: this.#ports.forwardedIgnored(),
      limits: this.#ports.limits(),
    };
  }

  /** Metrics in the Prometheus text format; undefined where the configuration does not want them. */
  metrics(): string | undefined {
    const { enabled, perStream } = this.#ports.metricsSettings();
    return enabled ? printMetrics(this.snapshot(), perStream) : undefined;
  }

  /** Metrics in the reference's shape; undefined where the configuration does not want them. */
  referenceMetrics(server: ReferenceServer): unknown {
    const { enabled, perStream } = this.#ports.metricsSettings();
    return enabled ? referenceJson(this.snapshot(), server, perStream) : undefined;
  }

  /** Ends all sessions, so that each has its line in the access log. */
  stop(): void {
    this.#cancel();
    this.sessions.close();
  }

  #lookAtMachine(): void {
    this.#machine = this.#ports.machine();
    this.#cpu.look(this.#machine);
  }
}
