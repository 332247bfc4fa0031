import { signalProcess } from "../host/child.ts";
import { delay } from "../host/clock.ts";
import { statFile } from "../host/files.ts";
import { environment, printErrorLine, printLine } from "../host/process.ts";
import { summarizeCrash } from "../guardian/crash_report.ts";
import {
  findGuardians,
  findStateFolder,
  listCrashes,
  readCrash,
  readResult,
  requestUpgrade,
} from "../guardian/state_folder.ts";
import { HAND_OVER_MILLIS, LISTEN_MILLIS, PREPARE_MILLIS } from "../guardian/upgrade.ts";

/** Longest that an upgrade takes, and some. */
const PATIENCE_MILLIS = HAND_OVER_MILLIS + LISTEN_MILLIS + PREPARE_MILLIS + 5000;
const LOOK_MILLIS = 100;

/** `fogcast crashes`: the list, or one report (`last`: the newest); answers the exit code. */
export async function crashes(given: string | undefined, which: string | undefined): Promise<number> {
  const state = await findStateFolder(given, environment());
  const names = await listCrashes(state);
  if (which === undefined) {
    if (names.length === 0) printLine(`no crash reports in ${state}`);
    for (const name of names) {
      printLine(`${name}  ${summarizeCrash(await readCrash(state, name)) ?? "unreadable"}`);
    }
    return 0;
  }
  const name = which === "last" ? names.at(-1) : names.find((n) => n === which || n === `${which}.txt`);
  if (name === undefined) {
    printErrorLine(`fogcast: no crash report ${which} in ${state}`);
    return 1;
  }
  printLine((await readCrash(state, name)).trimEnd());
  return 0;
}

/** `fogcast upgrade`: tells the guardian, waits until it is done; answers the exit code. */
export async function upgrade(
  o: {
    readonly state: string | undefined;
    readonly path: string | undefined;
    readonly pid: number | undefined;
  },
): Promise<number> {
  const state = await findStateFolder(o.state, environment());
  if (o.path !== undefined && (await statFile(o.path))?.kind !== "file") {
    return fail(`there is no program ${o.path}`);
  }
  const running = await findGuardians(state, (pid) => signalProcess(pid, 0));
  const wanted = o.pid === undefined ? running : running.filter((pid) => pid === o.pid);
  const [pid, another] = wanted;
  if (pid === undefined) return fail(`no guardian runs with the state folder ${state}`);
  if (another !== undefined) {
    return fail(`several guardians run, choose one: --pid ${running.join(" or --pid ")}`);
  }
  await requestUpgrade(state, pid, o.path);
  if (!signalProcess(pid, "SIGUSR1")) return fail(`process ${pid} may not be signalled`);
  for (let waited = 0; waited < PATIENCE_MILLIS; waited += LOOK_MILLIS) {
    const result = await readResult(state, pid);
    if (result?.ok === true) {
      printLine(result.message);
      return 0;
    }
    if (result !== undefined) return fail(`the upgrade failed: ${result.message}`);
    if (!signalProcess(pid, 0)) return fail("the guardian ended");
    await delay(LOOK_MILLIS);
  }
  return fail("the guardian does not say how the upgrade went");
}

function fail(why: string): number {
  printErrorLine(`fogcast: ${why}`);
  return 1;
}
