import { TokenBucket } from "../telemetry/token_bucket.ts";

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
  readonly #addresses = new Map<string, TokenBucket>();
  readonly #all = new TokenBucket(ALL_PER_SECOND, ALL_BURST);

  /** Whether an address may try now. */
  mayTry(address: string, now: number): boolean {
    const bucket = this.#addresses.get(address);
    return !this.#all.isEmpty(now) && (bucket === undefined || !bucket.isEmpty(now));
  }

  /** Notes a wrong password. */
  failed(address: string, now: number): void {
    let bucket = this.#addresses.get(address);
    if (bucket === undefined) {
      if (this.#addresses.size >= ADDRESSES_MAX) this.#forget(now);
      bucket = new TokenBucket(PER_SECOND, BURST);
      this.#addresses.set(address, bucket);
    }
    bucket.take(now);
    this.#all.take(now);
  }

  #forget(now: number): void {
    for (const [address, bucket] of this.#addresses) if (bucket.isFull(now)) this.#addresses.delete(address);
    const [oldest] = this.#addresses.keys();
    if (this.#addresses.size >= ADDRESSES_MAX && oldest !== undefined) this.#addresses.delete(oldest);
  }
}
