/** How loaded the machine is: sums since it was started, and what is in use now. `host/machine.ts` fills it. */
export interface MachineLoad {
  readonly cpuBusy: number;
  readonly cpuTotal: number;
  /** Bytes. */
  readonly memoryTotal: number;
  readonly memoryUsed: number;
  readonly networkIn: number;
  readonly networkOut: number;
  /** Processes ready to run, averaged over 1, 5 and 15 minutes. */
  readonly loadAverages: readonly [number, number, number];
}

/** What this process uses. */
export interface ProcessLoad {
  readonly cpuMillis: number;
  readonly residentBytes: number;
}

export const NO_LOAD: MachineLoad = {
  cpuBusy: 0,
  cpuTotal: 0,
  memoryTotal: 0,
  memoryUsed: 0,
  networkIn: 0,
  networkOut: 0,
  loadAverages: [0, 0, 0],
};

/** Share of the processors' time that was busy, from two looks: 0 to 1. */
export class CpuShare {
  #before: MachineLoad = NO_LOAD;
  #share = 0;

  get share(): number {
    return this.#share;
  }

  look(now: MachineLoad): void {
    const total = now.cpuTotal - this.#before.cpuTotal;
    if (total > 0) this.#share = Math.min(1, Math.max(0, (now.cpuBusy - this.#before.cpuBusy) / total));
    this.#before = now;
  }
}
