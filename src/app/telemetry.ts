import type { Log, LogLine } from "../base/log.ts";
import type { AccessLogConfig } from "../config/sections/telemetry.ts";
import type { LogConfig } from "../config/sections/log.ts";
import type { ConfigKeeper } from "../control/config/config_keeper.ts";
import type { LimitsLoad } from "../control/limits/limits_load.ts";
import type { SessionPorts } from "../control/session/session_table.ts";
import type { StreamObservation } from "../control/stream/managed_stream.ts";
import { AccessLog } from "../control/telemetry/access_log.ts";
import { LogOutputs } from "../control/telemetry/log_outputs.ts";
import { Telemetry } from "../control/telemetry/telemetry.ts";
import { systemClock } from "../host/clock.ts";
import { sha256Hex } from "../host/hash.ts";
import { openLineFile } from "../host/line_file.ts";
import { readMachineLoad } from "../host/machine.ts";
import { cpuMillis, environment, hostName, pid, residentBytes } from "../host/process.ts";
import { openSyslogSocket } from "../host/syslog_socket.ts";
import { VERSION } from "./version.ts";

/** Hex digits of a session's id. */
const SESSION_ID_DIGITS = 32;

export interface TelemetryOptions extends Pick<SessionPorts, "refuse" | "stopInput"> {
  readonly log: Log;
  observe(): readonly StreamObservation[];
  logLines(): number;
  httpWorkerRestarts(): number;
  forwardedIgnored(): number;
  limits(): LimitsLoad;
}

export interface OpenedTelemetry {
  readonly telemetry: Telemetry;
  /** Ends all sessions and writes their lines. */
  close(): Promise<void>;
}

/** The server's telemetry with its access log, both as configured now and at every change. */
export async function openTelemetry(keeper: ConfigKeeper, o: TelemetryOptions): Promise<OpenedTelemetry> {
  const telemetry = new Telemetry({
    ...o,
    clock: systemClock,
    version: VERSION,
    hash: (text) => sha256Hex(text).slice(0, SESSION_ID_DIGITS),
    machine: readMachineLoad,
    process: () => ({ cpuMillis: cpuMillis(), residentBytes: residentBytes() }),
    metricsSettings: () => keeper.current.metrics,
  });
  const access = new AccessLog({ log: o.log, openFile: openLineFile });
  const apply = (config: AccessLogConfig) => access.set(config);
  await apply(keeper.current.accessLog);
  keeper.onChange((after) => apply(after.accessLog));
  telemetry.sessions.onEnd((row) => access.put(row));
  return {
    telemetry,
    async close() {
      telemetry.stop();
      await access.close();
    },
  };
}

/** Where log lines go beside the standard output; `log` says what goes wrong there. */
export function openLogOutputs(
  log: Log,
): { put(line: LogLine): void; set(config: LogConfig): Promise<void> } {
  const outputs = new LogOutputs({
    openFile: openLineFile,
    openSyslog: openSyslogSocket,
    sender: { host: hostName(), pid },
    log,
  });
  return {
    put: (line) => outputs.put(line),
    set: ({ file, fileMaxBytes, fileKeep, format, syslog }) =>
      outputs.set({
        file: file === "" ? undefined : { path: file, maxBytes: fileMaxBytes, keep: fileKeep, format },
        syslog,
      }),
  };
}

/** Whether lines are to begin with their priority. systemd sets JOURNAL_STREAM where its journal reads the output. */
export function wantsPriorities(config: LogConfig): boolean {
  return config.priorities === "always" ||
    (config.priorities === "auto" && environment()["JOURNAL_STREAM"] !== undefined);
}
