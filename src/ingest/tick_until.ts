import type { Clock } from "../base/clock.ts";
import { pause } from "../base/pause.ts";
import type { Scope } from "../base/scope.ts";
import type { MonoMillis } from "../base/units.ts";
import { LateTicks } from "./late_ticks.ts";

/** How often reorder windows, reports and silence are looked at, milliseconds. */
export const TICK_MILLIS = 100;

/**
 * Calls `look` every {@link TICK_MILLIS} until it answers true or the scope closes; rejects with what it throws. A tick
 * that comes late is left out, see {@link LateTicks}.
 */
export async function tickUntil(
  scope: Scope,
  clock: Clock,
  look: (now: MonoMillis) => boolean,
): Promise<void> {
  const ticks = new LateTicks();
  while (!scope.closed) {
    const due = clock.mono() + TICK_MILLIS;
    await pause(scope, clock, TICK_MILLIS);
    if (scope.closed) return;
    if (!ticks.isLate(due, clock.mono()) && look(clock.mono())) return;
  }
}
