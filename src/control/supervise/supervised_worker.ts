import { Backoff } from "../../base/backoff.ts";
import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import { Vitals } from "./vitals.ts";

/** A running worker, as `host/` gives it. */
export interface RunningWorker {
  post(message: unknown): void;
  terminate(): void;
}

/** Roles of workers: files of `app/workers/`. */
export type WorkerName = "ingest" | "http" | "rtsp" | "push";

/** Starts workers; `app/` passes `host/`'s. */
export interface WorkerLauncher {
  launch(
    name: WorkerName,
    init: unknown,
    on: { message(message: unknown): void; exit(why: { readonly error?: string }): void },
  ): RunningWorker;
}

/** A worker whose heartbeat stands still this long is ended and started anew. */
export const HANG_MILLIS = 3000;
/** How long a worker may take to its first heartbeat: on a slow machine many start at once. */
export const BIRTH_MILLIS = 30_000;
/** How often the controller looks at heartbeats. */
export const WATCH_MILLIS = 500;
/** A worker that lived this long starts the next time without delay. */
const HEALTHY_MILLIS = 30_000;
const FIRST_DELAY = 100;
const LONGEST_DELAY = 15_000;
/** Within the budget restarts come at the first delay; past it they back off. */
const BUDGET = 5;

export interface SupervisedOptions {
  readonly name: WorkerName;
  readonly launcher: WorkerLauncher;
  readonly clock: Clock;
  readonly log: Log;
  random(): number;
  /** Called for every start, so that a new worker gets the newest pages. */
  init(vitals: Vitals): unknown;
  message(message: unknown): void;
  /** The worker ended without being told to; it will be started again. */
  failed?(why: string): void;
}

/**
 * One worker kept running: a thrown error, an exit and a heartbeat that stands still each lead to a restart of this
 * worker alone. After {@link BUDGET} restarts without {@link HEALTHY_MILLIS} of life in between, restarts back off.
 */
export class SupervisedWorker {
  readonly #o: SupervisedOptions;
  readonly #backoff: Backoff;
  #vitals = Vitals.create();
  #worker: RunningWorker | undefined;
  #startedAt = 0;
  #seenBeats = 0;
  #seenAt = 0;
  #early = 0;
  #stopping = false;
  #stopped: (() => void) | undefined;
  #cancelWatch: (() => void) | undefined;
  #cancelRestart: (() => void) | undefined;
  #restarts = 0;

  constructor(options: SupervisedOptions) {
    this.#o = options;
    this.#backoff = new Backoff(FIRST_DELAY * 4, LONGEST_DELAY, () => options.random());
  }

  /** How often it was started again. */
  get restarts(): number {
    return this.#restarts;
  }

  get vitals(): Vitals {
    return this.#vitals;
  }

  start(): void {
    if (this.#worker !== undefined || this.#stopping) return;
    this.#vitals = Vitals.create();
    const now = this.#o.clock.mono();
    this.#startedAt = now;
    this.#seenBeats = 0;
    this.#seenAt = now;
    let current: RunningWorker | undefined = undefined;
    const worker = this.#o.launcher.launch(this.#o.name, this.#o.init(this.#vitals), {
      message: (message) => {
        if (current === this.#worker) this.#message(message);
      },
      exit: (why) => {
        if (current === this.#worker) this.#exited(why.error ?? "it exited by itself");
      },
    });
    current = worker;
    this.#worker = worker;
    this.#watch();
  }

  post(message: unknown): void {
    this.#worker?.post(message);
  }

  /** Asks the worker to stop, with `order` if it is given, waits at most `graceMillis`, then ends it. */
  async stop(graceMillis: number, order: unknown = { type: "stop" }): Promise<void> {
    this.#stopping = true;
    this.#cancelRestart?.();
    this.#cancelWatch?.();
    const worker = this.#worker;
    if (worker === undefined) return;
    await new Promise<void>((resolve) => {
      const cancel = this.#o.clock.after(graceMillis, resolve);
      this.#stopped = () => {
        cancel();
        resolve();
      };
      worker.post(order);
    });
    this.#worker = undefined;
    worker.terminate();
  }

  #message(message: unknown): void {
    if (
      typeof message === "object" && message !== null && (message as { type?: unknown }).type === "stopped"
    ) {
      this.#stopped?.();
      return;
    }
    this.#o.message(message);
  }

  #watch(): void {
    const due = this.#o.clock.mono() + WATCH_MILLIS;
    this.#cancelWatch = this.#o.clock.after(WATCH_MILLIS, () => {
      const beats = this.#vitals.beats;
      const now = this.#o.clock.mono();
      // a machine that keeps the watch waiting keeps the watched one waiting too
      this.#seenAt += Math.max(0, now - due);
      const patience = beats === 0 ? BIRTH_MILLIS : HANG_MILLIS;
      if (beats !== this.#seenBeats) {
        this.#seenBeats = beats;
        this.#seenAt = now;
      } else if (now - this.#seenAt > patience) {
        const hung = this.#worker;
        this.#exited(`no heartbeat for ${((now - this.#seenAt) / 1000).toFixed(1)} s`);
        hung?.terminate();
        return;
      }
      this.#watch();
    });
  }

  #exited(why: string): void {
    this.#cancelWatch?.();
    this.#worker = undefined;
    if (this.#stopping) {
      this.#stopped?.();
      return;
    }
    if (this.#o.clock.mono() - this.#startedAt > HEALTHY_MILLIS) {
      this.#early = 0;
      this.#backoff.reset();
    }
    this.#early++;
    this.#restarts++;
    const delay = this.#early <= BUDGET ? FIRST_DELAY : this.#backoff.next();
    this.#o.log.error(`${this.#o.name} worker ended: ${why}; starts again in ${(delay / 1000).toFixed(1)} s`);
    this.#o.failed?.(why);
    this.#cancelRestart = this.#o.clock.after(delay, () => this.start());
  }
}
