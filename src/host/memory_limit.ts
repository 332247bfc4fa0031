import { existsSync, readFileSync } from "node:fs";
import { totalmem } from "node:os";

/** Of each version of control groups: where its files lie, which lines of /proc/self/cgroup are its, and its limit. */
const VERSIONS = [
  { root: "/sys/fs/cgroup", mine: (controllers: string) => controllers === "", limit: "memory.max" },
  {
    root: "/sys/fs/cgroup/memory",
    mine: (controllers: string) => controllers.split(",").includes("memory"),
    limit: "memory.limit_in_bytes",
  },
] as const;

/**
 * Memory that this process may use, in bytes: the machine's, or the least limit of the control groups it is in (cgroup
 * 2 and 1), which is a container's, or what `MemoryMax=` says of its service or of a slice around it. `read` answers
 * undefined for a file that is not there.
 */
export function memoryLimitBytes(read = readText, machine = totalmem()): number {
  let least = machine;
  const lines = read("/proc/self/cgroup")?.split("\n") ?? [];
  for (const { root, mine, limit } of VERSIONS) {
    // in a container without a namespace of its own the path is the host's, and only the root is there
    const folders = new Set<string>([root]);
    for (const line of lines) {
      const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
      if (controllers === undefined || path === undefined || !mine(controllers)) continue;
      for (let p = path; p !== "" && !p.includes(".."); p = p.slice(0, p.lastIndexOf("/"))) {
        folders.add(p === "/" ? root : `${root}${p}`);
      }
    }
    for (const folder of folders) {
      // "max" is no number, and cgroup 1 says "no limit" by a huge one
      const bytes = Number(read(`${folder}/${limit}`));
      if (bytes > 0) least = Math.min(least, bytes);
    }
  }
  return least;
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}
