import { TokenBucket } from "../telemetry/token_bucket.ts";
import { AddressBuckets } from "./address_buckets.ts";

/** Wrong passwords that one address may give at once, and how many more in a second. */
const BURST = 10;
const PER_SECOND = 0.2;
/** All addresses together: checking a password costs memory and time. */
const ALL_BURST = 100;
const ALL_PER_SECOND = 10;
/** Addresses remembered. */
const ADDRESSES_MAX = 10_000;

/** Slows down who guesses passwords. Time is an argument, in milliseconds. */
export class AttemptLimiter {
  readonly #addresses = new AddressBuckets(PER_SECOND, BURST, ADDRESSES_MAX);
  readonly #all = new TokenBucket(ALL_PER_SECOND, ALL_BURST);

  /** Whether an address may try now. */
  mayTry(address: string, now: number): boolean {
    return !this.#all.isEmpty(now) && !this.#addresses.isEmpty(address, now);
  }

  /** Notes a wrong password. */
  failed(address: string, now: number): void {
    this.#addresses.take(address, now);
    this.#all.take(now);
  }
}
