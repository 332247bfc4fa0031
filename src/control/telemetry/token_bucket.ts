/** Lets so many through in a second on average, and so many at once. Time is an argument, in milliseconds. */
export class TokenBucket {
  readonly #perMilli: number;
  readonly #burst: number;
  #tokens: number;
  #at = -Infinity;

  constructor(perSecond: number, burst: number) {
    this.#perMilli = perSecond / 1000;
    this.#burst = burst;
    this.#tokens = burst;
  }

  /** Takes one token; false when there is none. A clock that steps back counts as one that stands still. */
  take(now: number): boolean {
    this.#fill(now);
    if (this.#tokens < 1) return false;
    this.#tokens--;
    return true;
  }

  /** Nothing could be taken now. */
  isEmpty(now: number): boolean {
    this.#fill(now);
    return this.#tokens < 1;
  }

  /** Nothing was taken for so long that forgetting the bucket changes nothing. */
  isFull(now: number): boolean {
    this.#fill(now);
    return this.#tokens >= this.#burst;
  }

  #fill(now: number): void {
    if (now > this.#at) {
      const gained = this.#at === -Infinity ? 0 : (now - this.#at) * this.#perMilli;
      this.#tokens = Math.min(this.#burst, this.#tokens + gained);
      this.#at = now;
    }
  }
}
