import { expect, test } from "bun:test";
import { totalmem } from "node:os";
import { memoryLimitBytes } from "../../src/host/memory_limit.ts";

const MiB = 1024 * 1024;
const MACHINE = 8192 * MiB;

interface Case {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly limit: number;
}

const cases: readonly Case[] = [
  { name: "a machine without control groups", files: {}, limit: MACHINE },
  {
    name: "a container with a namespace of its own",
    files: { "/proc/self/cgroup": "0::/\n", "/sys/fs/cgroup/memory.max": `${512 * MiB}\n` },
    limit: 512 * MiB,
  },
  {
    name: "a service with MemoryMax",
    files: {
      "/proc/self/cgroup": "0::/system.slice/fogcast.service\n",
      "/sys/fs/cgroup/system.slice/fogcast.service/memory.max": `${300 * MiB}\n`,
      "/sys/fs/cgroup/system.slice/memory.max": "max\n",
    },
    limit: 300 * MiB,
  },
  {
    name: "a slice around the service that has less",
    files: {
      "/proc/self/cgroup": "0::/media.slice/fogcast.service\n",
      "/sys/fs/cgroup/media.slice/fogcast.service/memory.max": `${900 * MiB}\n`,
      "/sys/fs/cgroup/media.slice/memory.max": `${600 * MiB}\n`,
    },
    limit: 600 * MiB,
  },
  {
    name: "cgroup 1 beside an empty cgroup 2",
    files: {
      "/proc/self/cgroup": "8:pids:/\n4:cpu,memory:/lxc/box\n0::/other\n",
      "/sys/fs/cgroup/memory/lxc/box/memory.limit_in_bytes": `${256 * MiB}\n`,
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n",
      "/sys/fs/cgroup/memory/other/memory.limit_in_bytes": `${MiB}\n`,
    },
    limit: 256 * MiB,
  },
  {
    name: "Docker with cgroup 1: the path is the host's, the files are at the root",
    files: {
      "/proc/self/cgroup": "4:memory:/docker/0123456789ab\n",
      "/sys/fs/cgroup/memory/memory.limit_in_bytes": `${128 * MiB}\n`,
    },
    limit: 128 * MiB,
  },
  {
    name: "a path outside of the namespace",
    files: { "/proc/self/cgroup": "0::/../../x\n", "/sys/fs/cgroup/memory.max": `${64 * MiB}\n` },
    limit: 64 * MiB,
  },
  {
    name: "a limit beyond the machine, a file without a number",
    files: {
      "/proc/self/cgroup": "0::/a\nnonsense\n",
      "/sys/fs/cgroup/a/memory.max": `${2 * MACHINE}\n`,
      "/sys/fs/cgroup/memory.max": "",
    },
    limit: MACHINE,
  },
];

for (const { name, files, limit } of cases) {
  test(`memoryLimitBytes(): ${name}`, () => {
    expect(memoryLimitBytes((path) => files[path], MACHINE)).toBe(limit);
  });
}

test("memoryLimitBytes() of this machine is no more than it has", () => {
  expect(memoryLimitBytes()).toBeGreaterThan(0);
  expect(memoryLimitBytes()).toBeLessThanOrEqual(totalmem());
});
