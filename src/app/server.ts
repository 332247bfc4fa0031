import { type LogLine, makeLog } from "../base/log.ts";
import type { Config } from "../config/sections/table.ts";
import { HttpWorkers } from "../control/http_workers.ts";
import type { HttpListen } from "../control/messages.ts";
import { StreamTable } from "../control/stream/stream_table.ts";
import type { WorkerLauncher } from "../control/supervise/supervised_worker.ts";
import { systemClock } from "../host/clock.ts";
import { readTextFile } from "../host/files.ts";
import { processors } from "../host/process.ts";
import { spawnWorker } from "../host/worker.ts";
import { httpListens, httpWorkerCount, streamSettings } from "./settings.ts";

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
  config: Config,
  options: { readonly tap: string | undefined; putLog(line: LogLine): void },
): Promise<RunningServer> {
  const { putLog, tap } = options;
  const logLevel = config.log.level;
  const logOf = (stream: string) =>
    makeLog(putLog, { stream, part: "control", least: logLevel }, () => systemClock.wall());
  const random = () => Math.random();
  const common = { launcher, clock: systemClock, logLevel, random, putLog };
  const count = httpWorkerCount(config.http, processors());
  const listen = await httpListens(config.http, count, readTextFile);
  const http: HttpWorkers = new HttpWorkers({
    ...common,
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
  };
  try {
    const ports = await http.start(LISTEN_MILLIS);
    await table.configure(streamSettings(config));
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
