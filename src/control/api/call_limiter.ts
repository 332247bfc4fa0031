import type { Clock } from "../../base/clock.ts";
import { TokenBucket } from "../telemetry/token_bucket.ts";
import { AddressBuckets } from "./address_buckets.ts";
import { ApiFailure } from "./api_failure.ts";
import { isLoopback } from "./caller.ts";

/** Calls in a second, and at once: of all programs on this machine, of one other address, of all others. */
export const LOCAL = { perSecond: 5000, burst: 5000 } as const;
export const REMOTE = { perSecond: 200, burst: 400 } as const;
export const ALL_REMOTE = { perSecond: 2000, burst: 4000 } as const;
/** Addresses remembered. */
const ADDRESSES_MAX = 10_000;
/** How long a refusal is kept back: who asks again at once would cost as much as who is answered. Milliseconds. */
export const HOLD_MILLIS = 100;
/** Refusals kept back at a time; further ones are said at once. */
export const HELD_MAX = 256;

/**
 * Bounds how often callers ask, so that what the API does in a second never takes the processors away from viewers.
 */
export class CallLimiter {
  readonly #clock: Clock;
  readonly #local = new TokenBucket(LOCAL.perSecond, LOCAL.burst);
  readonly #remote = new AddressBuckets(REMOTE.perSecond, REMOTE.burst, ADDRESSES_MAX);
  readonly #allRemote = new TokenBucket(ALL_REMOTE.perSecond, ALL_REMOTE.burst);
  #held = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether a caller may make one more call now. */
  take(address: string): boolean {
    const now = this.#clock.mono();
    if (isLoopback(address)) return this.#local.take(now);
    return this.#remote.take(address, now) && this.#allRemote.take(now);
  }

  /** Answers a refused call: rejects with 429, a little later. */
  async refuse(): Promise<never> {
    if (this.#held < HELD_MAX) {
      this.#held++;
      await new Promise<void>((resolve) => this.#clock.after(HOLD_MILLIS, resolve));
      this.#held--;
    }
    throw new ApiFailure(429, "too many calls: try again later");
  }
}
