/** What one push has sent. Plain fields: the push writes them as it goes. */
export class PushMeter {
  bytes = 0;
  packets = 0;
  /** Packets that the receiver said it did not get. */
  lost = 0;
  retransmitted = 0;
  /** Media time sent, milliseconds. */
  mediaMillis = 0;
  /** Numbers of the tracks that are sent. */
  tracks: readonly number[] = [];
  readonly #began: () => void;
  #sending = false;

  /** `began` is called once, at the first frame. */
  constructor(began: () => void) {
    this.#began = began;
  }

  /** Whether it has begun. */
  get sending(): boolean {
    return this.#sending;
  }

  /** The first frame goes out. Further calls do nothing. */
  begin(): void {
    if (this.#sending) return;
    this.#sending = true;
    this.#began();
  }
}
