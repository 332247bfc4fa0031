import type { MonoMillis } from "../../../base/units.ts";

/** How a wait ended. */
export type Verdict =
  /** What was waited for is there. */
  | "ready"
  /** It will never come: its segment ended before it. */
  | "never"
  /** It did not come in time. */
  | "late"
  /** The stream was given up. */
  | "closed";

interface Waiter {
  readonly deadline: MonoMillis;
  readonly resolve: (verdict: Verdict) => void;
}

interface Group {
  readonly msn: number;
  readonly part: number | undefined;
  readonly waiters: Waiter[];
}

/**
 * Requests held until a part, or a whole segment, is there. A held request costs one promise and no timer: its owner
 * calls {@link settle} whenever something closed, and {@link expire} now and then.
 */
export class WaitingRoom {
  readonly #groups = new Map<string, Group>();
  #size = 0;

  /** Requests held now. */
  get size(): number {
    return this.#size;
  }

  /** Waits for part `part` of segment `msn`, or for the end of the segment where `part` is undefined. */
  hold(msn: number, part: number | undefined, deadline: MonoMillis): Promise<Verdict> {
    const key = `${msn}.${part ?? "end"}`;
    let group = this.#groups.get(key);
    if (group === undefined) {
      group = { msn, part, waiters: [] };
      this.#groups.set(key, group);
    }
    const { waiters } = group;
    this.#size++;
    return new Promise((resolve) => waiters.push({ deadline, resolve }));
  }

  /** Ends the waits of which `judge` knows how; undefined keeps them waiting. */
  settle(judge: (msn: number, part: number | undefined) => Verdict | undefined): void {
    for (const [key, group] of this.#groups) {
      const verdict = judge(group.msn, group.part);
      if (verdict === undefined) continue;
      this.#groups.delete(key);
      this.#size -= group.waiters.length;
      for (const waiter of group.waiters) waiter.resolve(verdict);
    }
  }

  /** Ends the waits whose time has come. */
  expire(now: MonoMillis): void {
    for (const [key, group] of this.#groups) {
      // Deadlines of one group grow in order of arrival, so the expired ones lead.
      let expired = 0;
      while (expired < group.waiters.length && (group.waiters[expired] as Waiter).deadline <= now) expired++;
      if (expired === 0) continue;
      for (const waiter of group.waiters.splice(0, expired)) waiter.resolve("late");
      this.#size -= expired;
      if (group.waiters.length === 0) this.#groups.delete(key);
    }
  }

  /** Ends all waits. */
  close(): void {
    this.settle(() => "closed");
  }
}
