/** Words of the page that the controller and its HTTP workers share. */
const W_LEFT = 0;
const W_TRAFFIC_FULL = 1;
const W_REFUSED = 2;
const WORDS = 3;
/** So many viewers may come until the controller counts again, where there is no limit. */
const ANY = 0x3fffffff;

/** Why a new viewer is refused. */
export type Refusal = "the server has as many viewers as it may" | "the server sends as much as it may";

/**
 * Lets new viewers in, or not. The controller says about once a second how many more may come; the workers count down
 * together, so that a rush between two of its counts is held to the limit too.
 */
export class Admission {
  readonly shared: SharedArrayBuffer;
  readonly #words: Int32Array;

  constructor(shared?: SharedArrayBuffer) {
    this.shared = shared ?? new SharedArrayBuffer(WORDS * 4);
    this.#words = new Int32Array(this.shared);
    if (shared === undefined) this.#words[W_LEFT] = ANY;
  }

  /** A new viewer at the door: why it is refused and counted; undefined when it is let in. */
  enter(): Refusal | undefined {
    if (Atomics.load(this.#words, W_TRAFFIC_FULL) !== 0) {
      Atomics.add(this.#words, W_REFUSED, 1);
      return "the server sends as much as it may";
    }
    if (Atomics.sub(this.#words, W_LEFT, 1) > 0) return undefined;
    Atomics.add(this.#words, W_REFUSED, 1);
    return "the server has as many viewers as it may";
  }

  /** Viewers refused so far. */
  get refused(): number {
    return Atomics.load(this.#words, W_REFUSED) >>> 0;
  }

  /** The controller's count. `bitsPerSecond` is what goes out now; a limit of 0 is none. */
  update(
    limits: { readonly maxViewers: number; readonly bandwidth: number },
    now: { readonly viewers: number; readonly bitsPerSecond: number },
  ): void {
    const left = limits.maxViewers === 0 ? ANY : Math.max(0, limits.maxViewers - now.viewers);
    Atomics.store(this.#words, W_LEFT, left);
    const full = limits.bandwidth > 0 && now.bitsPerSecond >= limits.bandwidth;
    Atomics.store(this.#words, W_TRAFFIC_FULL, full ? 1 : 0);
  }
}
