import type { LogLine } from "../base/log.ts";
import { makeLog } from "../base/log.ts";
import type { LogConfig } from "../config/sections/log.ts";
import type { Config } from "../config/sections/table.ts";
import { LogSink } from "../control/telemetry/log_sink.ts";
import { readAsset } from "../host/assets.ts";
import { systemClock } from "../host/clock.ts";
import { environment, isTerminal, onSignal, printErrorLine, printLine } from "../host/process.ts";
import type { ServeFlags } from "./args.ts";
import { EXIT_USAGE, load, printProblems } from "./config_commands.ts";
import { DEMO_PATH, startDemoCamera } from "./demo/camera.ts";
import { readClip } from "./demo/clip.ts";
import { startServer } from "./server.ts";
import { VERSION } from "./version.ts";

/** `fogcast serve`: runs until a signal ends it; answers the exit code. */
export async function serve(path: string, flags: ServeFlags): Promise<number> {
  const loaded = await load(path, flags.overrides);
  printProblems(loaded);
  if (loaded.config === undefined) return EXIT_USAGE;
  return run(loaded.config, flags);
}

/** `fogcast demo`: the server with one stream, from a camera inside the program. */
export async function demo(flags: ServeFlags): Promise<number> {
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
  const loaded = await load(undefined, [source, ...flags.overrides]);
  printProblems(loaded);
  const code = loaded.config === undefined ? EXIT_USAGE : await run(loaded.config, flags);
  camera.close();
  return code;
}

async function run(config: Config, flags: ServeFlags): Promise<number> {
  const sink = new LogSink(sinkSettings(config.log), printLine);
  const putLog = (line: LogLine) => sink.put(line);
  const log = makeLog(
    putLog,
    { stream: "", part: "server", least: config.log.level },
    () => systemClock.wall(),
  );
  const ended = new Promise<string>((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) onSignal(signal, () => resolve(signal));
  });
  let cancelFlush = () => {};
  const flush = () => {
    sink.flush(systemClock.wall());
    cancelFlush = systemClock.after(1000, flush);
  };
  flush();
  try {
    const server = await startServer(config, { tap: flags.tap, putLog });
    log.info(`fogcast ${VERSION} serves ${config.streams.size} streams at ${server.urls.join("/ ")}/`);
    log.info(`${await ended}: closing`);
    await server.stop();
    return 0;
  } catch (failure) {
    log.error(failure instanceof Error ? failure.message : String(failure));
    return 1;
  } finally {
    cancelFlush();
  }
}

function sinkSettings(log: LogConfig) {
  const wanted = log.colour === "always" ||
    (log.colour === "auto" && isTerminal("stdout") && environment()["NO_COLOR"] === undefined);
  return {
    format: log.format,
    colour: wanted && log.format === "text",
    lines: log.lines,
    linesPerSecond: log.linesPerSecond,
  };
}
