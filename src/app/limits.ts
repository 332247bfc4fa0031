import type { Log } from "../base/log.ts";
import type { ConfigKeeper } from "../control/config/config_keeper.ts";
import { Admission } from "../control/limits/admission.ts";
import type { LimitsLoad } from "../control/limits/limits_load.ts";
import { budgetBytes, MemoryBudget } from "../control/limits/memory_budget.ts";
import type { SessionTable } from "../control/session/session_table.ts";
import { systemClock } from "../host/clock.ts";
import { memoryLimitBytes } from "../host/memory_limit.ts";

/** How often what is used is compared with the limits, milliseconds. */
const LOOK_MILLIS = 1000;

export interface Limits {
  readonly budget: MemoryBudget;
  readonly admission: Admission;
  load(): LimitsLoad;
  stop(): void;
}

/** Keeps the server within the section `limits` and `buffer.totalMegabytes`; changes of it hold at once. */
export function startLimits(
  keeper: ConfigKeeper,
  sessions: SessionTable,
  pages: () => Iterable<SharedArrayBuffer>,
  log: Log,
): Limits {
  const machine = memoryLimitBytes();
  const budget = new MemoryBudget(budgetBytes(keeper.current.buffer.totalBytes, machine));
  const admission = new Admission();
  let cancel = () => {};
  let wasFull = false;
  let refused = 0;
  const look = () => {
    const { buffer, limits } = keeper.current;
    budget.total = budgetBytes(buffer.totalBytes, machine);
    budget.look(pages());
    if (budget.full && !wasFull) {
      const megabytes = Math.round(budget.total / 1024 / 1024);
      log.warn(`buffers take the ${megabytes} MiB they may: windows get shorter, and no stream is started`);
    }
    wasFull = budget.full;
    const viewers = limits.maxViewers + limits.bandwidth === 0
      ? []
      : sessions.list().filter((session) => session.kind === "viewer");
    const bitsPerSecond = viewers.reduce((sum, viewer) => sum + viewer.bytesOutPerSecond * 8, 0);
    admission.update(limits, { viewers: viewers.length, bitsPerSecond });
    const now = admission.refused + budget.refused;
    if (now > refused) log.warn(`limits: ${now - refused} requests of new viewers refused`);
    refused = now;
    cancel = systemClock.after(LOOK_MILLIS, look);
  };
  look();
  return {
    budget,
    admission,
    load: () => ({
      viewersRefused: admission.refused,
      streamsRefused: budget.refused,
      bufferUsedBytes: budget.used,
      bufferBudgetBytes: budget.total,
    }),
    stop: () => cancel(),
  };
}
