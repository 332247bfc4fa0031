import type { ApiPorts } from "./api_ports.ts";

const MIB = 1024 * 1024;

/**
 * Answer of `load`: shares in percent with one decimal, as the reference's health check reads them; above 90 it takes
 * the server for overloaded. `shm` is of what stream buffers may take.
 */
export function describeLoad({ cpuMillis, residentBytes, load }: ApiPorts["machine"]) {
  const { cpuShare, memoryUsed, memoryTotal, bufferUsedBytes, bufferBudgetBytes } = load();
  return {
    cpu: percent(cpuShare),
    mem: percent(share(memoryUsed, memoryTotal)),
    shm: percent(share(bufferUsedBytes, bufferBudgetBytes)),
    cpu_millis: Math.round(cpuMillis()),
    memory_bytes: residentBytes(),
  };
}

/** What `capabilities` says of the machine: memory in MiB, load averages in hundredths, use of the processors in ‰. */
export function describeMachine(machine: ApiPorts["machine"]) {
  const { processors, load } = machine;
  const { cpuShare, memoryUsed, memoryTotal, loadAverages, bufferUsedBytes, bufferBudgetBytes } = load();
  const [one = 0, five = 0, fifteen = 0] = loadAverages.map((average) => Math.round(average * 100));
  const { mem, shm, ...process } = describeLoad(machine);
  return {
    cpu: [{ cores: processors, threads: processors }],
    cpu_use: Math.round(cpuShare * 1000),
    mem: {
      total: Math.round(memoryTotal / MIB),
      used: Math.round(memoryUsed / MIB),
      free: Math.round((memoryTotal - memoryUsed) / MIB),
      shmtotal: Math.round(bufferBudgetBytes / MIB),
      shmfree: Math.round(Math.max(0, bufferBudgetBytes - bufferUsedBytes) / MIB),
    },
    load: { ...process, mem, shm, memory: Math.round(mem), one, five, fifteen },
  };
}

function share(part: number, whole: number): number {
  return whole > 0 ? part / whole : 0;
}

function percent(of: number): number {
  return Math.round(of * 1000) / 10;
}
