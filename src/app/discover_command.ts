import { makeLog } from "../base/log.ts";
import { maskUrl } from "../base/mask_url.ts";
import { FileConfigKeeper } from "../control/config/file_config_keeper.ts";
import { askLine, isAttended } from "../host/ask_line.ts";
import { systemClock } from "../host/clock.ts";
import { env, printErrorLine, printLine } from "../host/process.ts";
import { readSecret } from "../host/read_secret.ts";
import { discoverCameras, type FoundCamera } from "../link/discovery/discover.ts";
import { streamEntries, type StreamEntry } from "../link/discovery/stream_entries.ts";
import type { DiscoverFlags } from "./commands/command.ts";
import { EXIT_USAGE, loadRequest, printProblems } from "./config_commands.ts";
import { configStore } from "./config_store.ts";

/** Where the cameras' password may stand, for scripts. */
const PASSWORD = "FOGCAST_CAMERA_PASSWORD";

/**
 * `fogcast discover`: lists cameras and their streams, and adds these to the configuration after asking. A running server
 * takes them up by itself. Answers the exit code: 1 where nothing was found.
 */
export async function discover(o: DiscoverFlags): Promise<number> {
  const log = makeLog(
    ({ message }) => printErrorLine(`fogcast: ${message}`),
    { stream: "", part: "discover", least: "warn" },
    () => systemClock.wall(),
  );
  const opened = o.config === undefined ? undefined : await FileConfigKeeper.open({
    store: configStore,
    request: loadRequest(o.config, []),
    log,
  });
  if (opened !== undefined) {
    printProblems(opened.loaded);
    if (opened.keeper === undefined) return EXIT_USAGE;
  }
  const keeper = opened?.keeper;
  const password = o.user === ""
    ? ""
    : env(PASSWORD) ?? await readSecret(`Password of ${o.user} at the cameras: `).catch(() => "");
  const login = { user: o.user, password };
  let cameras: FoundCamera[];
  try {
    const { interfaces, seconds } = o;
    cameras = await discoverCameras({ interfaces, millis: seconds * 1000, ...login }, systemClock, log);
  } catch (e) {
    printErrorLine(`fogcast: ${e instanceof Error ? e.message : String(e)}`);
    return EXIT_USAGE;
  }
  const existing = new Map([...keeper?.current.streams ?? []].map(([name, { source }]) => [name, source]));
  const entries = streamEntries(cameras, existing, { ...login, all: o.all });
  if (!o.json) printLine(printCameras(cameras));
  const add = keeper !== undefined && entries.length > 0 &&
    (o.yes || (!o.json && await agreed(entries, o.config)));
  if (add) {
    const edits = entries.map(({ name, source }) => ({ path: ["streams", name], value: { source } }));
    const saved = await keeper.change(edits);
    if (!saved.ok) {
      printErrorLine(`fogcast: ${saved.reason}`);
      return 1;
    }
    printErrorLine(`${entries.map((e) => e.name).join(", ")} added to ${saved.written.join(", ")}`);
  }
  if (o.json) {
    const streams = entries.map(({ name, source }) => ({ name, source: maskUrl(source) }));
    printLine(JSON.stringify({ cameras, [add ? "added" : "new"]: streams }));
  }
  return cameras.length > 0 ? 0 : 1;
}

async function agreed(entries: readonly StreamEntry[], config: string | undefined): Promise<boolean> {
  printLine(`New streams:\n${entries.map((e) => `  ${e.name}: ${maskUrl(e.source)}`).join("\n")}`);
  if (!isAttended()) {
    printErrorLine("--yes adds them");
    return false;
  }
  return /^y(es)?$/i.test(await askLine(`Add them to ${config}? [y/N] `));
}

/** A camera a paragraph, a stream a line. */
export function printCameras(cameras: readonly FoundCamera[]): string {
  if (cameras.length === 0) return "No camera answered.";
  return cameras.map((camera) => {
    const what = [camera.manufacturer, camera.model || camera.hardware].filter((t) => t !== "").join(" ");
    const head = [camera.host, camera.name, what, camera.firmware && `firmware ${camera.firmware}`]
      .filter((t) => t !== "").join("  ");
    const lines = camera.streams.map((s) => {
      const size = s.width > 0 ? ` ${s.width}x${s.height}` : "";
      const rate = s.framesPerSecond > 0 ? ` ${s.framesPerSecond}/s` : "";
      const kind = `${s.video}${size}${rate}${s.audio === "" ? "" : ` + ${s.audio}`}`.trim();
      return `  ${s.name || s.token}: ${kind}\n    ${s.url}`;
    });
    if (camera.trouble !== "") lines.push(`  ${camera.trouble}`);
    return [head, ...lines].join("\n");
  }).join("\n\n");
}
