import { spawnProgram } from "../host/child.ts";
import { systemClock } from "../host/clock.ts";
import { makeTemporaryDirectory, removeDirectory } from "../host/files.ts";
import { openNotify } from "../host/notify.ts";
import { args, environment, onSignal, pid, printErrorLine, printLine } from "../host/process.ts";
import { Guardian } from "./guardian.ts";
import { GuardianLog } from "./guardian_log.ts";
import {
  keepCrash,
  registerGuardian,
  stateFolder,
  takeRequest,
  unregisterGuardian,
  writeResult,
} from "./state_folder.ts";

/** How long viewers of the old server may take to finish, unless `--leave` says. */
export const LEAVE_SECONDS = 30;

export interface GuardianFlags {
  readonly state: string | undefined;
  readonly leaveSeconds: number;
}

/** Runs the guardian, with the server under it started with this process's own arguments; answers the exit code. */
export async function runGuardian(flags: GuardianFlags): Promise<number> {
  const state = stateFolder(flags.state, environment());
  const notify = await openNotify();
  const log = new GuardianLog(printLine, () => systemClock.wall());
  const say = (line: string) => log.info(line);
  const complain = (what: string) => (failure: unknown) =>
    log.warn(`${what}: ${failure instanceof Error ? failure.message : String(failure)}`);
  const folders = new Set<string>();
  let lastCrash = Promise.resolve();
  const code = await new Promise<number>((resolve) => {
    const guardian = new Guardian({
      clock: systemClock,
      random: () => Math.random(),
      say,
      warn: (line) => log.warn(line),
      printAs: (style) => log.printAs(style),
      showErrorLine: printErrorLine,
      spawn: (o, on) => spawnProgram(args(), o, on),
      keepCrash(crash) {
        lastCrash = keepCrash(state, crash)
          .then((path) => say(`its last lines are in ${path}`))
          .catch(complain("cannot keep a crash report"));
      },
      notify: (text) => notify?.(text),
      place() {
        const folder = makeTemporaryDirectory("fogcast-upgrade-");
        folders.add(folder);
        const discard = () => {
          folders.delete(folder);
          void removeDirectory(folder).catch(complain(`cannot remove ${folder}`));
        };
        return { folder, socket: `${folder}/socket`, discard };
      },
      leaveMillis: flags.leaveSeconds * 1000,
      ended: resolve,
    });
    for (const signal of ["SIGINT", "SIGTERM"] as const) onSignal(signal, () => guardian.stop(signal));
    onSignal("SIGHUP", () => guardian.reload());
    onSignal("SIGUSR1", () => void swap(guardian, state, log).catch(complain("cannot upgrade")));
    guardian.start();
    if (notify !== undefined) feedWatchdog(guardian, notify);
    void registerGuardian(state, pid).catch(complain(`cannot write to ${state}`));
  });
  await lastCrash;
  for (const folder of folders) await removeDirectory(folder).catch(complain(`cannot remove ${folder}`));
  await unregisterGuardian(state, pid).catch(complain(`cannot write to ${state}`));
  return code;
}

async function swap(guardian: Guardian, state: string, log: GuardianLog): Promise<void> {
  const request = await takeRequest(state, pid);
  log.info(`upgrading to ${request?.path ?? "the program of the same path"}`);
  try {
    const version = await guardian.upgrade(request?.path);
    log.info(`upgraded to version ${version}`);
    await writeResult(state, pid, { ok: true, message: `version ${version} serves` });
  } catch (failure) {
    const message = failure instanceof Error ? failure.message : String(failure);
    log.warn(`upgrade failed: ${message}`);
    await writeResult(state, pid, { ok: false, message });
  }
}

/** The service manager hears from the guardian; the guardian hears from the server. */
function feedWatchdog(guardian: Guardian, notify: (state: string) => void): void {
  const micros = Number(environment()["WATCHDOG_USEC"] ?? 0);
  if (!(micros > 0)) return;
  const feed = () => {
    notify(
      guardian.current === undefined ? "WATCHDOG=1\nSTATUS=waiting to start the server again" : "WATCHDOG=1",
    );
    systemClock.after(micros / 3000, feed);
  };
  feed();
}
