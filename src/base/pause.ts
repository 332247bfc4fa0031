import type { Clock } from "./clock.ts";
import type { Scope } from "./scope.ts";

/** Resolves after `ms` milliseconds, or as soon as the scope closes. */
export function pause(scope: Scope, clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      cancel();
      scope.signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(ms, done);
    scope.signal.addEventListener("abort", done, { once: true });
    if (scope.closed) done();
  });
}
