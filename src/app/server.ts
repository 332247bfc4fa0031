import { type LogLine, makeLog } from "../base/log.ts";
import type { ConfigKeeper } from "../control/config/config_keeper.ts";
import { HttpWorkers } from "../control/http_workers.ts";
import type { HttpListen } from "../control/messages.ts";
import { StreamTable } from "../control/stream/stream_table.ts";
import type { WorkerLauncher } from "../control/supervise/supervised_worker.ts";
import { systemClock } from "../host/clock.ts";
import { readTextFile } from "../host/files.ts";
import { processors } from "../host/process.ts";
import { spawnWorker } from "../host/worker.ts";
import { httpListens, httpWorkerCount, streamSettings } from "./settings.ts";
import { openTelemetry } from "./telemetry.ts";

/** How long the HTTP workers may take to listen. */
const LISTEN_MILLIS = 10_000;
/** How long workers may take to say goodbye at the end. */
const GOODBYE_MILLIS = 800;

export interface RunningServer {
  /** `http://host:port` of every address. */
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

const launcher: WorkerLauncher = { launch: (name, init, on) => spawnWorker(name, init, on) };

/** Starts the controller with its workers. Rejects, with nothing left running, when it cannot listen. */
export async function startServer(
  keeper: ConfigKeeper,
  options: { readonly tap: string | undefined; putLog(line: LogLine): void; logLines(): number },
): Promise<RunningServer> {
  const { putLog, tap } = options;
  const config = keeper.current;
  const logLevel = () => keeper.current.log.level;
  const logOf = (stream: string) => {
    const about = {
      stream,
      part: "control",
      get least() {
        return logLevel();
      },
    };
    return makeLog(putLog, about, () => systemClock.wall());
  };
  const random = () => Math.random();
  const common = { launcher, clock: systemClock, logLevel, random, putLog };
  const count = httpWorkerCount(config.http, processors());
  const listen = await httpListens(config.http, count, readTextFile);
  const { telemetry, close: closeTelemetry } = await openTelemetry(keeper, {
    log: logOf(""),
    observe: () => table.observe(),
    refuse: (key, millis) => http.refuse(key, millis),
    logLines: options.logLines,
    httpWorkerRestarts: () => http.restarts,
  });
  const http: HttpWorkers = new HttpWorkers({
    ...common,
    sessions: telemetry.sessions,
    latency: (streams) => telemetry.takeLatency(streams),
    log: logOf(""),
    open: (question) => table.open(question),
    list: () => table.list(),
    touch: (stream) => table.touch(stream),
    listen,
    count,
  });
  const table = new StreamTable({
    ...common,
    logOf,
    tap,
    trackAdded: (stream, page) => http.trackAdded(stream, page),
    closed: (stream) => http.closed(stream),
  });
  const stop = async () => {
    await Promise.all([http.stop(GOODBYE_MILLIS), table.close()]);
    await closeTelemetry();
  };
  try {
    const ports = await http.start(LISTEN_MILLIS);
    telemetry.start();
    await table.configure(streamSettings(keeper.current));
    keeper.onChange((after, change) => {
      if (change.sections.includes("log")) {
        http.logLevelChanged();
        table.logLevelChanged();
      }
      if (change.sections.includes("http")) {
        logOf("").warn("http changed: its addresses, TLS and workers take effect with the next start");
      }
      return table.configure(streamSettings(after));
    });
    return { urls: listen.map((at, n) => shownUrl(at, ports[n] ?? at.port)), stop };
  } catch (failure) {
    await stop();
    throw failure;
  }
}

function shownUrl(listen: HttpListen, port: number): string {
  const { hostname, tls } = listen;
  const everywhere = hostname === "" || hostname === "0.0.0.0" || hostname === "::";
  const host = everywhere ? "localhost" : hostname.includes(":") ? `[${hostname}]` : hostname;
  return `${tls === undefined ? "http" : "https"}://${host}:${port}`;
}
