import { readFileSync } from "node:fs";

/** How loaded the machine is; on Linux from /proc, elsewhere zeros. */
export interface MachineLoad {
  /** Processor time of all cores since the machine was started, in ticks: busy, and all. */
  readonly cpuBusy: number;
  readonly cpuTotal: number;
  /** Bytes. Used: what programs hold, without caches that can be given up. */
  readonly memoryTotal: number;
  readonly memoryUsed: number;
  /** Bytes through all interfaces but loopback since the machine was started. */
  readonly networkIn: number;
  readonly networkOut: number;
  /** Processes ready to run, averaged over 1, 5 and 15 minutes. */
  readonly loadAverages: readonly [number, number, number];
}

/** Reads the present load; a few files of the kernel, about 0.1 ms. */
export function readMachineLoad(): MachineLoad {
  return {
    ...parseCpu(readProc("/proc/stat")),
    ...parseMemory(readProc("/proc/meminfo")),
    ...parseNetwork(readProc("/proc/net/dev")),
    loadAverages: parseLoad(readProc("/proc/loadavg")),
  };
}

function readProc(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch (e) {
    if (e instanceof Error) return ""; // no /proc on this system, or hidden from this user
    throw e;
  }
}

function parseCpu(text: string): { cpuBusy: number; cpuTotal: number } {
  const fields = /^cpu +(.*)$/m.exec(text)?.[1]?.split(" ").map(Number) ?? [];
  // user, nice, system, idle, iowait, irq, softirq, steal; guest time is in user already.
  const all = fields.slice(0, 8).reduce((sum, ticks) => sum + ticks, 0);
  return { cpuBusy: all - (fields[3] ?? 0) - (fields[4] ?? 0), cpuTotal: all };
}

function parseMemory(text: string): { memoryTotal: number; memoryUsed: number } {
  const bytes = (name: string) => Number(new RegExp(`^${name}: +(\\d+) kB`, "m").exec(text)?.[1] ?? 0) * 1024;
  const memoryTotal = bytes("MemTotal");
  return { memoryTotal, memoryUsed: memoryTotal - bytes("MemAvailable") };
}

function parseNetwork(text: string): { networkIn: number; networkOut: number } {
  let networkIn = 0, networkOut = 0;
  for (const [, name, counters] of text.matchAll(/^ *([^:\s]+): *(.*)$/gm)) {
    if (name === "lo") continue;
    const fields = (counters as string).split(/ +/).map(Number);
    networkIn += fields[0] ?? 0;
    networkOut += fields[8] ?? 0;
  }
  return { networkIn, networkOut };
}

function parseLoad(text: string): [number, number, number] {
  const [one = 0, five = 0, fifteen = 0] = text.split(" ").slice(0, 3).map(Number);
  return [one, five, fifteen];
}
