import type { MonoMillis, WallMillis } from "./units.ts";

/** Where time comes from. Nothing but `host/clock.ts` asks the machine; tests pass their own. */
export interface Clock {
  /** Monotonic, comparable between threads of one process. */
  mono(): MonoMillis;
  /** Wall clock. */
  wall(): WallMillis;
  /** Calls `run` once after `ms`; the answer cancels it. */
  after(ms: number, run: () => void): () => void;
}
