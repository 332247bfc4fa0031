/** What Linux says of running processes; see proc(5). */
import { readdirSync, readFileSync } from "node:fs";

/** Ticks of utime and stime per second; the same on every Linux that Bun runs on. */
const TICKS_PER_SECOND = 100;

/** Memory in bytes: resident, proportional (shared pages divided among their users) and private. */
export interface Memory {
  readonly resident: number;
  readonly proportional: number;
  readonly private: number;
}

/** A process and all that it started, and those started, that run now. */
export function processTree(pid: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = Number(statFields(Number(name))?.[1] ?? -1);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const tree = [pid];
  for (let n = 0; n < tree.length; n++) tree.push(...(children.get(tree[n] as number) ?? []));
  return tree;
}

/** Seconds of CPU time that the processes have taken since they started, all threads, user and system. */
export function cpuSeconds(pids: readonly number[]): number {
  let ticks = 0;
  for (const pid of pids) {
    const fields = statFields(pid);
    ticks += Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0);
  }
  return ticks / TICKS_PER_SECOND;
}

/** Seconds of CPU time of a process's threads of one name. */
export function threadSeconds(pid: number, name: string): number {
  let ticks = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    const fields = statFields(`${pid}/task/${thread}`, name);
    ticks += Number(fields?.[11] ?? 0) + Number(fields?.[12] ?? 0);
  }
  return ticks / TICKS_PER_SECOND;
}

/** Memory of the processes together. */
export function memory(pids: readonly number[]): Memory {
  const sum = { resident: 0, proportional: 0, private: 0 };
  for (const pid of pids) {
    const text = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
    const of = (key: string) => Number(new RegExp(`^${key}: +(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
    sum.resident += of("Rss");
    sum.proportional += of("Pss");
    sum.private += of("Private_Clean") + of("Private_Dirty");
  }
  return sum;
}

/** Fields of a stat file from the third (state) on; undefined when it is gone, or of another `name`. */
function statFields(pid: number | string, name?: string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    const end = text.lastIndexOf(")");
    if (name !== undefined && text.slice(text.indexOf("(") + 1, end) !== name) return undefined;
    return text.slice(end + 2).split(" ");
  } catch (gone) {
    if ((gone as { code?: string }).code === "ENOENT" || (gone as { code?: string }).code === "ESRCH") {
      return undefined;
    }
    throw gone;
  }
}
