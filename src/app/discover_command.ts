import { type Log, makeLog } from "../base/log.ts";
import { maskUrl } from "../base/mask_url.ts";
import { FileConfigKeeper } from "../control/config/file_config_keeper.ts";
import { askLine, isAttended } from "../host/ask_line.ts";
import { systemClock } from "../host/clock.ts";
import { statFile } from "../host/files.ts";
import { env, printErrorLine, printLine } from "../host/process.ts";
import { readSecret } from "../host/read_secret.ts";
import { discoverCameras, type FoundCamera } from "../link/discovery/discover.ts";
import { streamEntries, type StreamEntry } from "../link/discovery/stream_entries.ts";
import type { DiscoverFlags } from "./commands/command.ts";
import { EXIT_USAGE, loadRequest, printProblems } from "./config_commands.ts";
import { configStore } from "./config_store.ts";

/** Where the cameras' password may stand, for scripts. */
const PASSWORD = "FOGCAST_CAMERA_PASSWORD";

/** What a configuration is that has no settings. */
const NO_SETTINGS = "{}\n";

/**
 * `fogcast discover`: lists cameras and their streams, and adds these to the configuration after asking. A running server
 * takes them up by itself. Answers the exit code: 1 where no stream was found.
 */
export async function discover(o: DiscoverFlags): Promise<number> {
  const log = makeLog(
    ({ message }) => printErrorLine(`fogcast: ${message}`),
    { stream: "", part: "discover", least: "warn" },
    () => systemClock.wall(),
  );
  // what has another name may be meant to be a folder
  const missing = o.config !== undefined && /\.ya?ml$/i.test(o.config) &&
    await statFile(o.config) === undefined;
  let keeper = o.config === undefined || missing ? undefined : await openKeeper(o.config, log);
  if (o.config !== undefined && !missing && keeper === undefined) return EXIT_USAGE;
  let login: { readonly user: string; readonly password: string };
  let cameras: FoundCamera[];
  try {
    const { interfaces, seconds, user } = o;
    const asked = user === ""
      ? ""
      : env(PASSWORD) ?? await readSecret(`Password of ${user} at the cameras: `);
    login = { user, password: asked };
    if (!o.json) printErrorLine(`Asking the network for cameras, ${seconds} s …`);
    cameras = await discoverCameras({ interfaces, millis: seconds * 1000, ...login }, systemClock, log);
  } catch (e) {
    printErrorLine(`fogcast: ${e instanceof Error ? e.message : String(e)}`);
    return EXIT_USAGE;
  }
  const existing = new Map([...keeper?.current.streams ?? []].map(([name, { source }]) => [name, source]));
  const entries = streamEntries(cameras, existing, { ...login, all: o.all });
  if (!o.json) printLine(printCameras(cameras));
  if (!o.json) { for (const line of adviceOn(cameras, entries, o)) printErrorLine(line); }
  const add = o.config !== undefined && entries.length > 0 &&
    (o.yes || (!o.json && await agreed(entries, o.config)));
  if (add && missing) {
    try {
      await configStore.replace(o.config, undefined, NO_SETTINGS);
    } catch (e) {
      printErrorLine(`fogcast: ${e instanceof Error ? e.message : String(e)}`);
      return 1;
    }
    keeper = await openKeeper(o.config, log);
  }
  if (add && keeper === undefined) return EXIT_USAGE;
  if (add && keeper !== undefined) {
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
  return cameras.some((camera) => camera.streams.length > 0) ? 0 : 1;
}

/** The configuration's keeper; undefined where it is faulty, which is said. */
async function openKeeper(config: string, log: Log): Promise<FileConfigKeeper | undefined> {
  const { keeper, loaded } = await FileConfigKeeper.open({
    store: configStore,
    request: loadRequest(config, []),
    log,
  });
  printProblems(loaded);
  return keeper;
}

/** What to try where something was not found, and what comes next. */
export function adviceOn(
  cameras: readonly FoundCamera[],
  entries: readonly StreamEntry[],
  o: Pick<DiscoverFlags, "config" | "user">,
): string[] {
  if (cameras.length === 0) {
    return [
      "ONVIF must be on at the cameras, and they must be in this machine's network: --interface says which one is asked.",
      "One whose address is known needs no search: source: rtsp://USER:PASSWORD@ADDRESS/PATH",
    ];
  }
  const advice: string[] = [];
  const locked = cameras.filter((camera) => camera.locked).length;
  if (locked > 0) {
    advice.push(
      o.user === ""
        ? `${some(locked)} a login: --user NAME asks for its password and tries it at all of them.`
        : `${some(locked)} another login than ${o.user}'s: a further run with that one adds the rest.`,
    );
  }
  if (cameras.every((camera) => camera.streams.length === 0)) return advice;
  if (o.config === undefined) {
    advice.push("--config PATH adds the streams to that configuration, after asking.");
  } else if (entries.length === 0) advice.push(`${o.config} has these streams already.`);
  return advice;
}

function some(cameras: number): string {
  return cameras === 1 ? "One camera wants" : `${cameras} cameras want`;
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
