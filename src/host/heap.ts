import { bun } from "./runtime.ts";

/**
 * Frees what this thread does not need any more, now, and gives it back to the system where the runtime can be told to.
 * Stops the thread for some milliseconds: for the end of work that leaves much behind.
 */
export function trimHeap(): void {
  bun?.gc(true);
  bun?.shrink();
}
