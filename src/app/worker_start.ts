import { type Log, type LogLevel, type LogLine, makeLog } from "../base/log.ts";
import type { CommonReport, WorkerInit } from "../control/messages.ts";
import { BEAT_MILLIS, Vitals } from "../control/supervise/vitals.ts";
import { systemClock } from "../host/clock.ts";

/** What every worker that serves all streams begins with. */
export interface WorkerStart {
  /** Of all logs; the controller may change it. */
  level: LogLevel;
  /** The log about a stream, or about the worker where that is empty. `put` takes the lines elsewhere. */
  logOf(stream: string, part: string, put?: (line: LogLine) => void): Log;
}

/** Begins the heartbeat and the log of a worker. */
export function startWorker(init: WorkerInit, report: (message: CommonReport) => void): WorkerStart {
  const vitals = new Vitals(init.vitals);
  const beat = () => {
    vitals.beat();
    systemClock.after(BEAT_MILLIS, beat);
  };
  beat();
  const start: WorkerStart = {
    level: init.logLevel,
    logOf(stream, part, put = (line) => report({ type: "log", line })) {
      const about = {
        stream,
        part,
        get least() {
          return start.level;
        },
      };
      return makeLog(put, about, () => systemClock.wall());
    },
  };
  return start;
}
