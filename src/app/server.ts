import { type LogLine, makeLog } from "../base/log.ts";
import type { ConfigKeeper } from "../control/config/config_keeper.ts";
import { HttpWorkers } from "../control/http_workers.ts";
import type { HttpListen } from "../control/messages.ts";
import { PushTable } from "../control/push/push_table.ts";
import { StreamTable } from "../control/stream/stream_table.ts";
import type { WorkerLauncher } from "../control/supervise/supervised_worker.ts";
import type { Telemetry } from "../control/telemetry/telemetry.ts";
import { PUSH_DESCRIPTORS } from "../egress/push/descriptors.ts";
import { systemClock } from "../host/clock.ts";
import type { Takeover } from "../guardian/messages.ts";
import { readTextFile } from "../host/files.ts";
import { listenTcp } from "../host/tcp.ts";
import { baseOf } from "../media/stream_name.ts";
import { Handover } from "./handover.ts";
import { processors } from "../host/process.ts";
import { spawnWorker } from "../host/worker.ts";
import { openTelemetry } from "./telemetry.ts";
import { cannotListen } from "./cannot_listen.ts";
import { startLimits } from "./limits.ts";
import { httpListens, httpWorkerCount, streamSettings } from "./settings.ts";

/** How long the HTTP workers may take to listen. */
const LISTEN_MILLIS = 10_000;
/** How long workers may take to say goodbye at the end. */
const GOODBYE_MILLIS = 800;

export interface RunningServer {
  /** `http://host:port` of every address. */
  readonly urls: readonly string[];
  readonly handover: Handover;
  readonly telemetry: Telemetry;
  readonly pushes: PushTable;
  /** For a server that takes over: opens the addresses, and answers them. */
  listen(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const launcher: WorkerLauncher = { launch: (name, init, on) => spawnWorker(name, init, on) };

/** Starts the controller with its workers. Rejects, with nothing left running, when it cannot listen. */
export async function startServer(
  keeper: ConfigKeeper,
  options: {
    readonly tap: string | undefined;
    /** It has a guardian: the next server may take over from it. */
    readonly guarded: boolean;
    /** What it takes over from; then it listens on a unix socket only, until `listen`. */
    readonly takeover: Takeover | undefined;
    putLog(line: LogLine): void;
    logLines(): number;
  },
): Promise<RunningServer> {
  const { putLog, tap, takeover } = options;
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
    limits: () => limits.load(),
  });
  const tables: StreamTable[] = [];
  const limits = startLimits(keeper, telemetry.sessions, () => tables.flatMap((t) => t.pages()), logOf(""));
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
    socket: takeover?.socket,
    admission: limits.admission.shared,
    mayPassOn: options.guarded,
    adopted: (stream) => table.adopted(stream),
  });
  const table: StreamTable = new StreamTable({
    mayStart: () => limits.budget.start(),
    ...common,
    logOf,
    tap,
    trackAdded: (stream, page) => {
      http.trackAdded(stream, page);
      pushes.trackAdded(stream, page);
    },
    closed: (stream) => {
      http.closed(stream);
      pushes.closed(stream);
    },
  });
  const pushes: PushTable = new PushTable({
    ...common,
    pushes: PUSH_DESCRIPTORS,
    streams: () => table.list().map(({ name, state }) => ({ name, online: state === "online" })),
    open: (stream) => table.open({ stream, remote: "", url: "", protocol: "push" }),
    touch: (stream) => table.touch(stream),
    sourceOf: (stream) => keeper.current.streams.get(baseOf(stream))?.source ?? "",
  });
  tables.push(table);
  const stop = async () => {
    await pushes.close();
    await Promise.all([http.stop(GOODBYE_MILLIS), table.close()]);
    limits.stop();
    await closeTelemetry();
  };
  try {
    // Ports that are shared with the next server would be shared with a stranger too.
    if (options.guarded && takeover === undefined) { for (const at of listen) await assertFree(at); }
    const ports = await http.start(LISTEN_MILLIS);
    telemetry.start();
    table.hold(takeover?.streams ?? []);
    await table.configure(streamSettings(keeper.current));
    pushes.configure(keeper.current.push);
    keeper.onChange((after, change) => {
      if (change.sections.includes("log")) {
        http.logLevelChanged();
        table.logLevelChanged();
        pushes.logLevelChanged();
      }
      if (change.sections.includes("push")) pushes.configure(after.push);
      if (change.sections.includes("http")) {
        logOf("").warn("http changed: its addresses, TLS and workers take effect with the next start");
      }
      return table.configure(streamSettings(after));
    });
    const shown = (ports: readonly number[]) => listen.map((at, n) => shownUrl(at, ports[n] ?? at.port));
    const handover = new Handover(http, table, pushes, logOf(""));
    return {
      urls: shown(ports),
      handover,
      telemetry,
      pushes,
      listen: async () => shown(await handover.listen()),
      stop,
    };
  } catch (failure) {
    await stop();
    throw failure;
  }
}

/** Throws when somebody else listens there. */
async function assertFree({ hostname, port }: HttpListen): Promise<void> {
  if (port === 0) return;
  const host = hostname === "" ? {} : { host: hostname };
  const probe = await listenTcp({ ...host, port }, (connection) => {
    connection.destroy();
    return { data: () => {}, close: () => {} };
  }).catch((failure) => {
    throw cannotListen({ hostname, port }, failure);
  });
  await probe.close();
}

function shownUrl(listen: HttpListen, port: number): string {
  const { hostname, tls } = listen;
  const everywhere = hostname === "" || hostname === "0.0.0.0" || hostname === "::";
  const host = everywhere ? "localhost" : hostname.includes(":") ? `[${hostname}]` : hostname;
  return `${tls === undefined ? "http" : "https"}://${host}:${port}`;
}
