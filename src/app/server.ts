import { type LogLine, makeLog } from "../base/log.ts";
import type { ConfigKeeper } from "../control/config/config_keeper.ts";
import { HttpWorkers } from "../control/http_workers.ts";
import { PushTable } from "../control/push/push_table.ts";
import { StreamTable } from "../control/stream/stream_table.ts";
import { StreamTags } from "../control/stream/stream_tags.ts";
import { Variables } from "../control/variables/variables.ts";
import type { WorkerLauncher } from "../control/supervise/supervised_worker.ts";
import type { Telemetry } from "../control/telemetry/telemetry.ts";
import { PUSH_DESCRIPTORS } from "../egress/push/descriptors.ts";
import { systemClock } from "../host/clock.ts";
import type { Takeover } from "../guardian/messages.ts";
import { baseOf } from "../media/stream_name.ts";
import { Handover } from "./handover.ts";
import { stateFolder } from "../guardian/state_folder.ts";
import { environment, processors } from "../host/process.ts";
import { HttpFront, LISTEN_MILLIS } from "./http_front.ts";
import { spawnWorker } from "../host/worker.ts";
import { RtspFront } from "./rtsp_front.ts";
import { readVariable } from "./read_variable.ts";
import { openTelemetry } from "./telemetry.ts";
import { startLimits } from "./limits.ts";
import { streamSettings } from "./settings.ts";

/** How long workers may take to say goodbye at the end. */
const GOODBYE_MILLIS = 800;

export interface RunningServer {
  /** `http://host:port` of every address. */
  readonly urls: readonly string[];
  readonly handover: Handover;
  readonly telemetry: Telemetry;
  readonly pushes: PushTable;
  readonly tags: StreamTags;
  readonly variables: Variables;
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
    /** Folder for what outlives the program, where the command line gives one. */
    readonly state: string | undefined;
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
  const front = new HttpFront(
    config.http,
    () => keeper.current.hls.lowLatency,
    stateFolder(options.state, environment()),
    logOf(""),
  );
  const begin = await front.open(takeover !== undefined);
  const { telemetry, close: closeTelemetry } = await openTelemetry(keeper, {
    log: logOf(""),
    observe: () => table.observe(),
    refuse: (key, millis) => {
      http.refuse(key, millis);
      rtsp.refuse(key, millis);
    },
    stopInput: (key) => rtsp.stopInput(key),
    logLines: options.logLines,
    httpWorkerRestarts: () => http.restarts,
    forwardedIgnored: () => http.disbelieved,
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
    describe: (stream) => pushes.describe(stream),
    touch: (stream) => table.touch(stream),
    ...begin,
    socket: takeover?.socket,
    admission: limits.admission.shared,
    mayPassOn: options.guarded,
    adopted: (stream) => table.adopted(stream),
  });
  const tags = new StreamTags({
    clock: systemClock,
    configured: (base) => keeper.current.streams.get(base)?.tags ?? [],
    running: () => table.list().filter(({ state }) => state !== "idle").map(({ name }) => name),
  });
  const table: StreamTable = new StreamTable({
    tagsOf: (stream) => tags.of(stream),
    mayStart: () => limits.budget.start(),
    ...common,
    logOf,
    tap,
    trackAdded: (stream, page) => {
      http.trackAdded(stream, page);
      pushes.trackAdded(stream, page);
      rtsp.trackAdded(stream, page);
    },
    offline: (stream, why) => {
      http.closed(stream, why);
      rtsp.closed(stream, why);
    },
    closed: (stream) => {
      http.closed(stream);
      pushes.closed(stream);
      rtsp.closed(stream);
    },
  });
  const variables = new Variables({ clock: systemClock, log: logOf(""), read: readVariable });
  const pushes: PushTable = new PushTable({
    variables: () => variables.values(),
    ...common,
    pushes: PUSH_DESCRIPTORS,
    cores: processors(),
    sessions: telemetry.sessions,
    streams: () =>
      table.list().map(({ name, state }) => ({
        name,
        tags: tags.of(name),
        // while another server still writes it, that one pushes too
        online: state === "online" && table.adopted(name) === undefined,
      })),
    open: (stream) => table.open({ stream, remote: "", url: "", protocol: "push" }),
    touch: (stream) => table.touch(stream),
    sourceOf: (stream) => keeper.current.streams.get(baseOf(stream))?.source ?? "",
  });
  const rtsp = new RtspFront({
    ...common,
    logOf,
    table,
    sessions: telemetry.sessions,
    admission: limits.admission.shared,
    listening: ([port]) => front.setOutputPorts(port === undefined ? {} : { rtsp: port }),
  });
  tables.push(table);
  const stop = async () => {
    await pushes.close();
    await Promise.all([rtsp.stop(), http.stop(GOODBYE_MILLIS), table.close()]);
    limits.stop();
    tags.close();
    variables.close();
    front.close();
    await closeTelemetry();
  };
  try {
    front.started(http, await http.start(LISTEN_MILLIS));
    telemetry.start();
    table.hold(takeover?.streams ?? []);
    await table.configure(streamSettings(keeper.current));
    variables.configure(keeper.current.variables);
    pushes.configure(keeper.current.push);
    await rtsp.configure(config.rtspServer);
    keeper.onChange(async (after, change) => {
      if (change.sections.includes("log")) {
        http.logLevelChanged();
        table.logLevelChanged();
        pushes.logLevelChanged();
        rtsp.logLevelChanged();
      }
      if (change.sections.includes("rtspServer")) await rtsp.configure(after.rtspServer);
      if (change.sections.includes("variables")) variables.configure(after.variables);
      if (change.sections.includes("push")) pushes.configure(after.push);
      if (change.sections.includes("http")) await front.changed(after.http);
      if (change.sections.includes("hls")) await front.tellWorkers();
      await table.configure(streamSettings(after));
    });
    const handover = new Handover({ http, table, pushes, tags, rtsp, log: logOf("") });
    return {
      get urls() {
        return front.urls;
      },
      handover,
      telemetry,
      pushes,
      tags,
      variables,
      async listen() {
        front.started(http, await handover.listen());
        return front.urls;
      },
      stop,
    };
  } catch (failure) {
    await stop();
    throw failure;
  }
}
