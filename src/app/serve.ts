import { type Log, type LogLevel, type LogLine, makeLog } from "../base/log.ts";
import { LOG_DEFAULTS, type LogConfig } from "../config/sections/log.ts";
import type { Override } from "../config/overlay.ts";
import { ConfigWatch } from "../control/config/config_watch.ts";
import { FileConfigKeeper } from "../control/config/file_config_keeper.ts";
import { LogSink } from "../control/telemetry/log_sink.ts";
import { readAsset } from "../host/assets.ts";
import { systemClock } from "../host/clock.ts";
import { compileAsUsual } from "../host/jit.ts";
import { trimHeap } from "../host/heap.ts";
import { environment, isTerminal, onSignal, printErrorLine, printLine } from "../host/process.ts";
import { startApi } from "./api.ts";
import type { ServeFlags } from "./args.ts";
import { EXIT_USAGE, loadRequest, printProblems } from "./config_commands.ts";
import { countStreams } from "./count_streams.ts";
import { obeyGuardian } from "./guarded_server.ts";
import { openGuardianLink } from "./guardian_link.ts";
import { configStore, configWatchFiles } from "./config_store.ts";
import { startServer } from "./server.ts";
import { openLogOutputs, wantsPriorities } from "./telemetry.ts";
import { VERSION } from "./version.ts";

/** How long after a change of the configuration what it left behind is freed. */
const TRIM_MILLIS = 500;

/** `fogcast serve`: runs until a signal ends it; answers the exit code. */
export async function serve(path: string, flags: ServeFlags): Promise<number> {
  return await run(path, flags.overrides, flags);
}

/** `fogcast demo`: the server with one stream, from a camera inside the program. */
export async function demo(flags: ServeFlags): Promise<number> {
  // Loaded for the demo only: the server itself needs no RTSP server and no codecs on this thread.
  const { DEMO_PATH, startDemoCamera } = await import("./demo/camera.ts");
  const { readClip } = await import("./demo/clip.ts");
  const video = readAsset("demo/clip.h264");
  const audio = readAsset("demo/clip.aac");
  if (video === undefined || audio === undefined) {
    printErrorLine("fogcast: the demo clip is missing from this build");
    return 1;
  }
  const quiet = makeLog(() => {}, { stream: "", part: "demo", least: "error" }, () => systemClock.wall());
  const camera = await startDemoCamera(readClip(video, audio), systemClock, quiet);
  const source = {
    path: ["streams", "demo", "source"],
    value: `rtsp://127.0.0.1:${camera.port}/${DEMO_PATH}`,
    from: "demo",
  };
  const code = await run(undefined, [source, ...flags.overrides], flags);
  camera.close();
  return code;
}

async function run(
  path: string | undefined,
  overrides: readonly Override[],
  flags: ServeFlags,
): Promise<number> {
  const guardian = openGuardianLink();
  const sink = new LogSink(sinkSettings(LOG_DEFAULTS), (text) => {
    printLine(text.trimEnd());
    guardian?.line(text);
  });
  const putLog = (line: LogLine) => sink.put(line);
  let level: LogLevel = LOG_DEFAULTS.level;
  const logOf = (part: string) => {
    const about = {
      stream: "",
      part,
      get least(): LogLevel {
        return level;
      },
    };
    return makeLog(putLog, about, () => systemClock.wall());
  };
  const log = logOf("server");
  const keeper = await openKeeper(path, overrides, logOf("config"));
  if (keeper === undefined) return EXIT_USAGE;
  onSignal("SIGHUP", () => void keeper.reload("SIGHUP"));
  const applyLog = (config: LogConfig) => {
    level = config.level;
    const settings = sinkSettings(config);
    sink.set(settings);
    guardian?.printAs(settings);
    return outputs.set(config);
  };
  const outputs = openLogOutputs(logOf("log"));
  sink.onLine((line) => outputs.put(line));
  await applyLog(keeper.current.log);
  keeper.onChange(async (after, change) => {
    if (change.sections.includes("log")) await applyLog(after.log);
  });
  const watchPorts = { ...configWatchFiles, clock: systemClock, log: logOf("config") };
  const watch = new ConfigWatch(watchPorts, () => keeper.watched, () => keeper.reload("its files changed"));
  let shutdown = () => {};
  const ended = new Promise<string>((resolve) => {
    shutdown = () => resolve("the API asked for it");
    for (const signal of ["SIGINT", "SIGTERM"] as const) onSignal(signal, () => resolve(signal));
    guardian?.onGone(() => resolve("the guardian is gone"));
  });
  let cancelFlush = () => {};
  const flush = () => {
    sink.flush(systemClock.wall());
    cancelFlush = systemClock.after(1000, flush);
  };
  flush();
  try {
    const logLines = () => sink.ring.next;
    const server = await startServer(keeper, {
      tap: flags.tap,
      state: flags.state,
      guarded: guardian !== undefined,
      takeover: guardian?.takeover,
      putLog,
      logLines,
    });
    await watch.start();
    compileAsUsual();
    // reading the configuration leaves megabytes of garbage behind
    const trim = () => void systemClock.after(TRIM_MILLIS, trimHeap);
    keeper.onChange(trim);
    trim();
    let serves = () => {};
    const serving = new Promise<void>((resolve) => serves = resolve);
    const shown = (urls: readonly string[]) => {
      log.info(
        `fogcast ${VERSION} serves ${countStreams(keeper.current.streams.size)} at ${urls.join("/ ")}/`,
      );
      serves();
    };
    let leaving = () => {};
    const left = guardian === undefined
      ? ended
      : new Promise<string>((resolve) =>
        obeyGuardian(guardian, server, {
          log,
          shown,
          leaving: () => leaving(),
          left: () => resolve("viewers have moved over"),
        })
      );
    if (guardian?.takeover === undefined) shown(server.urls);
    // until then the API's port is the server's before this one, and commands are for that one
    await Promise.race([serving, ended, left]);
    let ready = true;
    const api = await startApi({
      keeper,
      request: loadRequest(path, overrides),
      telemetry: server.telemetry,
      pushes: server.pushes,
      tags: server.tags,
      variables: server.variables,
      logs: sink.ring,
      log: logOf("api"),
      urls: () => server.urls,
      ready: () => ready,
      handingOver: () => server.handover.givesAway,
      shutdown,
    });
    leaving = () => {
      ready = false;
      watch.stop();
      void api.close();
    };
    log.info(`${await Promise.race([ended, left])}: closing`);
    ready = false;
    watch.stop();
    await api.close();
    await server.stop();
    return 0;
  } catch (failure) {
    log.error(failure instanceof Error ? failure.message : String(failure));
    return 1;
  } finally {
    cancelFlush();
    await outputs.set(LOG_DEFAULTS);
  }
}

/** Loads the configuration, and prints what is wrong with it; undefined when it is refused. */
async function openKeeper(path: string | undefined, overrides: readonly Override[], log: Log) {
  const request = loadRequest(path, overrides);
  const { keeper, loaded } = await FileConfigKeeper.open({ store: configStore, request, log });
  printProblems(loaded);
  return keeper;
}

function sinkSettings(log: LogConfig) {
  const priorities = wantsPriorities(log);
  const wanted = log.colour === "always" ||
    (log.colour === "auto" && isTerminal("stdout") && environment()["NO_COLOR"] === undefined);
  return {
    format: log.format,
    colour: wanted && log.format === "text" && !priorities,
    priorities,
    lines: log.lines,
    linesPerSecond: log.linesPerSecond,
  };
}
