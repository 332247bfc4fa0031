import { NO_LOAD } from "../../../src/control/telemetry/machine.ts";
import type { TelemetryPorts } from "../../../src/control/telemetry/telemetry.ts";

/** A server in which nothing happens. */
export const QUIET_PORTS: Pick<
  TelemetryPorts,
  | "version"
  | "machine"
  | "process"
  | "logLines"
  | "httpWorkerRestarts"
  | "forwardedIgnored"
  | "limits"
  | "metricsSettings"
> = {
  version: "1.2.3",
  machine: () => NO_LOAD,
  process: () => ({ cpuMillis: 0, residentBytes: 0 }),
  logLines: () => 0,
  httpWorkerRestarts: () => 0,
  forwardedIgnored: () => 0,
  limits: () => ({ viewersRefused: 0, streamsRefused: 0, bufferUsedBytes: 0, bufferBudgetBytes: 0 }),
  metricsSettings: () => ({ enabled: true, perStream: true }),
};
