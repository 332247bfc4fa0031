/** How long a bell may be silent before those who wait are called all the same, milliseconds. */
export const CHECK_MILLIS = 250;

/** What rings: `value` changes with each ring, `wait` resolves when it is no longer `was`, or after so long. */
export interface Bell {
  value(): number;
  wait(was: number, millis: number): Promise<void>;
}

/**
 * Calls its subscribers after each ring, or after {@link CHECK_MILLIS} of silence, as long as there are any. Rings that
 * come while they are called are one. A subscriber that throws is dropped.
 */
export class Doorbell {
  readonly #bell: Bell;
  readonly #failed: (error: unknown) => void;
  readonly #heard: () => void;
  readonly #subscribers = new Set<{ readonly run: () => void }>();
  #listening = false;
  #closed = false;

  /** `heard`: called before the subscribers, each time. */
  constructor(bell: Bell, heard: () => void, failed: (error: unknown) => void) {
    this.#bell = bell;
    this.#heard = heard;
    this.#failed = failed;
  }

  get size(): number {
    return this.#subscribers.size;
  }

  /** Calls `run` after each ring from now on, never at once; the answer undoes it. */
  subscribe(run: () => void): () => void {
    if (this.#closed) return () => {};
    const subscriber = { run };
    this.#subscribers.add(subscriber);
    if (!this.#listening) void this.#listen();
    return () => void this.#subscribers.delete(subscriber);
  }

  close(): void {
    this.#closed = true;
    this.#subscribers.clear();
  }

  async #listen(): Promise<void> {
    this.#listening = true;
    let value = this.#bell.value();
    this.#heard();
    while (this.#subscribers.size > 0) {
      await this.#bell.wait(value, CHECK_MILLIS);
      if (this.#subscribers.size === 0) break;
      value = this.#bell.value();
      this.#heard();
      this.#call();
    }
    this.#listening = false;
  }

  #call(): void {
    for (const subscriber of this.#subscribers) {
      try {
        subscriber.run();
      } catch (e) {
        this.#subscribers.delete(subscriber);
        this.#failed(e);
      }
    }
  }
}
