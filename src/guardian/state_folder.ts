import {
  listDirectory,
  makeDirectory,
  readTextFile,
  removeFile,
  statFile,
  writeFileAtomic,
} from "../host/files.ts";
import { type Crash, crashName, isCrashName, outdatedCrashes, printCrash } from "./crash_report.ts";

/** Where systemd keeps the state of a service that `fogcast install` set up. */
export const SERVICE_STATE = "/var/lib/fogcast";
const FILE_MAX = 1024 * 1024;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Folder for what outlives the program: `--state`, else $STATE_DIRECTORY (systemd), else $XDG_STATE_HOME/fogcast, else
 * ~/.local/state/fogcast.
 */
export function stateFolder(given: string | undefined, environment: Environment): string {
  if (given !== undefined) return given;
  const { STATE_DIRECTORY, XDG_STATE_HOME, HOME } = environment;
  // systemd names several, separated by colons, when the unit does.
  if (STATE_DIRECTORY !== undefined && STATE_DIRECTORY !== "") return STATE_DIRECTORY.split(":")[0] as string;
  if (XDG_STATE_HOME !== undefined && XDG_STATE_HOME !== "") return `${XDG_STATE_HOME}/fogcast`;
  return HOME === undefined || HOME === "" ? "/tmp/fogcast-state" : `${HOME}/.local/state/fogcast`;
}

/** The folder that commands look into: as {@link stateFolder}, but the service's where only that exists. */
export async function findStateFolder(given: string | undefined, environment: Environment): Promise<string> {
  const own = stateFolder(given, environment);
  if (given !== undefined || await statFile(own) !== undefined) return own;
  return await statFile(SERVICE_STATE) !== undefined ? SERVICE_STATE : own;
}

/** Names in a folder, sorted; none when it is missing. */
async function namesIn(folder: string): Promise<readonly string[]> {
  if (await statFile(folder) === undefined) return [];
  return (await listDirectory(folder)).map((entry) => entry.name);
}

/** Writes a crash report, and removes the oldest ones. */
export async function keepCrash(state: string, crash: Crash): Promise<string> {
  const folder = `${state}/crashes`;
  await makeDirectory(folder);
  const path = `${folder}/${crashName(crash)}`;
  await writeFileAtomic(path, printCrash(crash), 0o600);
  for (const name of outdatedCrashes(await namesIn(folder))) await removeFile(`${folder}/${name}`);
  return path;
}

/** Names of the crash reports, oldest first. */
export async function listCrashes(state: string): Promise<readonly string[]> {
  return (await namesIn(`${state}/crashes`)).filter(isCrashName);
}

export function readCrash(state: string, name: string): Promise<string> {
  if (!isCrashName(name)) return Promise.reject(new Error(`${name} is not the name of a crash report`));
  return readTextFile(`${state}/crashes/${name}`, FILE_MAX);
}

/** What a guardian leaves in the state folder, so that commands find it. */
const guardianFile = (state: string, pid: number) => `${state}/guardian-${pid}.pid`;
const requestFile = (state: string, pid: number) => `${state}/guardian-${pid}.upgrade`;
const resultFile = (state: string, pid: number) => `${state}/guardian-${pid}.upgraded`;

export async function registerGuardian(state: string, pid: number): Promise<void> {
  await makeDirectory(state);
  await writeFileAtomic(guardianFile(state, pid), `${pid}\n`, 0o644);
}

export async function unregisterGuardian(state: string, pid: number): Promise<void> {
  for (const file of [guardianFile, requestFile, resultFile]) await removeFile(file(state, pid));
}

/** Guardians that run; what dead ones left is removed. `alive` answers whether a process is there. */
export async function findGuardians(
  state: string,
  alive: (pid: number) => boolean,
): Promise<readonly number[]> {
  const pids = (await namesIn(state)).flatMap((name) => {
    const pid = /^guardian-(\d+)\.pid$/.exec(name)?.[1];
    return pid === undefined ? [] : [Number(pid)];
  });
  const running = pids.filter(alive);
  for (const pid of pids) if (!running.includes(pid)) await unregisterGuardian(state, pid);
  return running;
}

/** Leaves the path of a new program for a guardian; undefined: the one that it runs now. A signal follows. */
export async function requestUpgrade(state: string, pid: number, path: string | undefined): Promise<void> {
  await removeFile(resultFile(state, pid));
  await writeFileAtomic(requestFile(state, pid), JSON.stringify({ path }), 0o600);
}

/** Takes the request away; undefined when there is none. */
export async function takeRequest(
  state: string,
  pid: number,
): Promise<{ readonly path: string | undefined } | undefined> {
  const file = requestFile(state, pid);
  if (await statFile(file) === undefined) return undefined;
  const value: unknown = JSON.parse(await readTextFile(file, FILE_MAX));
  await removeFile(file);
  if (typeof value !== "object" || value === null) throw new Error(`${file}: expected an object`);
  const { path } = value as { path?: unknown };
  return { path: typeof path === "string" ? path : undefined };
}

export interface UpgradeResult {
  readonly ok: boolean;
  readonly message: string;
}

export async function writeResult(state: string, pid: number, result: UpgradeResult): Promise<void> {
  await writeFileAtomic(resultFile(state, pid), JSON.stringify(result), 0o644);
}

/** How the upgrade went; undefined while it is under way. */
export async function readResult(state: string, pid: number): Promise<UpgradeResult | undefined> {
  const file = resultFile(state, pid);
  if (await statFile(file) === undefined) return undefined;
  const value: unknown = JSON.parse(await readTextFile(file, FILE_MAX));
  if (typeof value !== "object" || value === null) throw new Error(`${file}: expected an object`);
  const { ok, message } = value as { ok?: unknown; message?: unknown };
  return { ok: ok === true, message: String(message) };
}
