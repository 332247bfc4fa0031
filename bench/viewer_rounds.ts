/** What benchmarks of viewers that stay have in common: rounds in which frames are timed, beside viewers of another process. */
import type { Cameras } from "./camera.ts";
import { percentile } from "./measurement.ts";
import { cpuSeconds, memory, processTree } from "./proc_stat.ts";

export const BITS = 2_000_000;
export const VIEWERS = 1000;
/** Viewers that do not read. */
export const STALLED = 20;
export const KB = 1024;
const SETTLE_MILLIS = 4000;
const MEASURE_MILLIS = 8000;
/** How long viewers of another process watch, seconds. */
export const ROUND_SECONDS = (SETTLE_MILLIS + MEASURE_MILLIS) / 1000;

export interface Round {
  readonly latencies: readonly number[];
  readonly private: number;
  readonly cpuPercent: number;
}

/** Frames of the first camera in the hands of viewers of a server. */
export class ViewerRounds {
  readonly #cameras: Cameras;
  readonly #pids: readonly number[];
  #latencies: number[] = [];

  constructor(cameras: Cameras, serverPid: number) {
    this.#cameras = cameras;
    this.#pids = processTree(serverPid);
  }

  /** A viewer has the frame that ends with `tail` since `at`. */
  got(tail: Uint8Array, at: number): void {
    const sentAt = this.#cameras.sentAt(0, tail);
    if (sentAt !== undefined) this.#latencies.push(at - sentAt);
  }

  /** What the server takes, and how long frames take, over some seconds. */
  async measure(): Promise<Round> {
    await Bun.sleep(SETTLE_MILLIS);
    this.#latencies = [];
    const cpu = cpuSeconds(this.#pids), from = performance.now();
    await Bun.sleep(MEASURE_MILLIS);
    return {
      latencies: this.#latencies,
      private: memory(this.#pids).private,
      cpuPercent: (cpuSeconds(this.#pids) - cpu) / ((performance.now() - from) / 100_000),
    };
  }

  /** A round beside viewers in another process, and what `script` says of them in the end. */
  async withViewers<Told extends string>(
    [script, url, count, stalled]: readonly [script: string, url: string, count: number, stalled: number],
    measure: () => Promise<Round> = () => this.measure(),
  ): Promise<Round & Record<Told, number>> {
    const command = [process.execPath, `${import.meta.dir}/${script}`, url, `${count}`, `${stalled}`];
    const viewers = Bun.spawn(command, { stdout: "pipe" });
    const output = viewers.stdout.getReader();
    await output.read();
    const round = await measure();
    viewers.kill("SIGTERM");
    const said = await output.read();
    await viewers.exited;
    return { ...round, ...JSON.parse(new TextDecoder().decode(said.value)) as Record<Told, number> };
  }
}

/** How long frames took. */
export function times({ latencies }: Round) {
  return {
    frames: latencies.length,
    p50Millis: percentile(latencies, 0.5),
    p99Millis: percentile(latencies, 0.99),
    maxMillis: Math.max(...latencies),
  };
}
