import { bun } from "./runtime.ts";

/**
 * The end of this thread's start. `compile.sh` lets the binary's main thread interpret its code thirty times longer than
 * usual: what runs only once costs more to compile than to interpret, in time and in memory. A thread that goes on to
 * do something calls this; the guardian never does much.
 */
export function compileAsUsual(): void {
  bun?.unsafe.setJITPolicy(1);
}
