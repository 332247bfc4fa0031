import type { Clock } from "../../base/clock.ts";
import { type SessionPorts, SessionTable } from "../session/session_table.ts";
import type { StreamLatency } from "../messages.ts";
import type { StreamObservation } from "../stream/managed_stream.ts";
import type { StreamStatus } from "./stream_status.ts";
import { StreamWatch } from "./stream_watch.ts";

export interface TelemetryPorts extends SessionPorts {
  readonly clock: Clock;
  observe(): readonly StreamObservation[];
}

/** How often counters are looked at, milliseconds. */
export const LOOK_MILLIS = 1000;

/** What is counted in the whole server: sessions, and every stream's numbers. */
export class Telemetry {
  readonly sessions: SessionTable;
  readonly #clock: Clock;
  readonly #watch: StreamWatch;
  #cancel: () => void = () => {};

  constructor(ports: TelemetryPorts) {
    this.#clock = ports.clock;
    this.sessions = new SessionTable(ports);
    this.#watch = new StreamWatch(() => ports.observe(), this.sessions);
  }

  start(): void {
    this.#cancel = this.#clock.after(LOOK_MILLIS, () => {
      this.look();
      this.start();
    });
  }

  /** Takes all counters; done once a second after `start`. */
  look(): void {
    this.#watch.sample(this.#clock.mono());
    this.sessions.tick();
  }

  /** What an HTTP worker measured. */
  takeLatency(streams: readonly StreamLatency[]): void {
    for (const { stream, latency } of streams) this.#watch.takeLatency(stream, latency);
  }

  /** Every stream as it is now, in order of name. */
  streams(): StreamStatus[] {
    return this.#watch.statuses();
  }

  /** Ends all sessions, so that each has its line in the access log. */
  stop(): void {
    this.#cancel();
    this.sessions.close();
  }
}
