import { TokenBucket } from "../telemetry/token_bucket.ts";

/** Groups of an IPv6 address, and those of them that are one customer's network. */
const GROUPS = 8;
const NETWORK_GROUPS = 4;

/**
 * A bucket for each address, for the last `max` of them: one that was not heard of for long may be forgotten, which
 * fills its bucket. IPv6 addresses of one /64 are one: whoever has one of them has all. Time is an argument.
 */
export class AddressBuckets {
  readonly #buckets = new Map<string, TokenBucket>();
  readonly #make: () => TokenBucket;
  readonly #max: number;

  constructor(perSecond: number, burst: number, max: number) {
    this.#make = () => new TokenBucket(perSecond, burst);
    this.#max = max;
  }

  /** Nothing could be taken now. */
  isEmpty(address: string, now: number): boolean {
    return this.#buckets.get(networkOf(address))?.isEmpty(now) ?? false;
  }

  /** Takes a token of the address; false when it has none. */
  take(address: string, now: number): boolean {
    const network = networkOf(address);
    const bucket = this.#buckets.get(network) ?? this.#make();
    // the order of the map is that of use
    this.#buckets.delete(network);
    this.#buckets.set(network, bucket);
    if (this.#buckets.size > this.#max) {
      const [oldest = ""] = this.#buckets.keys();
      this.#buckets.delete(oldest);
    }
    return bucket.take(now);
  }
}

/** The address itself, or the /64 that it is of. */
export function networkOf(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail] = address.split("::");
  const groups = head === "" ? [] : head.split(":");
  if (tail !== undefined) {
    const behind = tail === "" ? [] : tail.split(":");
    const zeros = Math.max(0, GROUPS - groups.length - behind.length);
    groups.push(...Array.from({ length: zeros }, () => "0"), ...behind);
  }
  return groups.slice(0, NETWORK_GROUPS).join(":");
}
