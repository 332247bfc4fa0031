import type { Clock } from "../../base/clock.ts";
import type { Log, LogLevel, LogLine } from "../../base/log.ts";
import type { OptionValue } from "../../config/option.ts";
import type { SourceState, StreamLimits } from "../messages.ts";
import type { WorkerLauncher } from "../supervise/supervised_worker.ts";
import type { Vitals } from "../supervise/vitals.ts";

/** One stream as the configuration says it. */
export interface StreamSettings {
  readonly name: string;
  readonly url: string;
  /** `url` with its credentials masked, for logs and listings. */
  readonly shownUrl: string;
  readonly values: Readonly<Record<string, OptionValue>>;
  readonly alwaysOn: boolean;
  /** How long an on-demand source goes on after the last viewer. */
  readonly idleMillis: number;
  /** What RTSP players must show. */
  readonly rtspPassword?: string | undefined;
  readonly limits: StreamLimits;
}

/** A stream as telemetry looks at it: pages and counters, not copies of them. */
export interface StreamObservation {
  readonly name: string;
  readonly state: "idle" | SourceState;
  readonly reason: string;
  /** Credentials masked. */
  readonly source: string;
  readonly tags: readonly string[];
  readonly page: SharedArrayBuffer | undefined;
  readonly tracks: readonly SharedArrayBuffer[];
  /** Of the worker that runs now; a new one counts from 0. */
  readonly vitals: Vitals | undefined;
  /** How often its worker was started again after it ended by itself. */
  readonly restarts: number;
}

export interface StreamPorts {
  readonly launcher: WorkerLauncher;
  readonly clock: Clock;
  readonly log: Log;
  logLevel(): LogLevel;
  readonly tap: string | undefined;
  random(): number;
  putLog(line: LogLine): void;
  /** A track page was added: workers that serve the stream must have it. */
  trackAdded(stream: string, page: SharedArrayBuffer): void;
  /** Whether there is memory for a further stream. */
  mayStart?(): boolean;
  /** The stream's pages are given up. */
  closed(stream: string): void;
  /** It turned out to be offline before it had any media: those who wait for that need not. */
  offline?(stream: string, why: string): void;
}
