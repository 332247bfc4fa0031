/** What happens to datagrams on their way; shares from 0 to 1. */
export interface Impairment {
  readonly loss?: number;
  /** Each datagram of this number, counted from the first, is lost. */
  readonly loseEvery?: number;
  /** A datagram is held back until up to `depth` later ones have passed. */
  readonly reorder?: number;
  readonly depth?: number;
  readonly duplicate?: number;
}

/** Numbers from 0 (included) to 1 (not), the same for the same seed: mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A bad network: what is sent comes out lost, late, twice or well, the same for the same seed. */
export class BadNetwork<T> {
  readonly #o: Impairment;
  readonly #random: () => number;
  readonly #deliver: (item: T) => void;
  #sent = 0;
  #held: { left: number; readonly item: T }[] = [];
  /** What was lost, in the order of sending. */
  readonly lost: T[] = [];

  constructor(o: Impairment, seed: number, deliver: (item: T) => void) {
    this.#o = o;
    this.#random = seededRandom(seed);
    this.#deliver = deliver;
  }

  send(item: T): void {
    const { loss = 0, reorder = 0, depth = 3, duplicate = 0 } = this.#o;
    const every = this.#o.loseEvery ?? 0;
    if (this.#random() < loss || (every > 0 && ++this.#sent % every === 0)) this.lost.push(item);
    else if (this.#random() < reorder) {
      this.#held.push({ left: 1 + Math.floor(this.#random() * depth), item });
      return;
    } else {
      this.#deliver(item);
      if (this.#random() < duplicate) this.#deliver(item);
    }
    const due = this.#held.filter((h) => --h.left <= 0);
    this.#held = this.#held.filter((h) => h.left > 0);
    for (const { item: late } of due) this.#deliver(late);
  }

  /** Comes well. */
  pass(item: T): void {
    this.#deliver(item);
  }

  /** The end: what is still held back comes. */
  flush(): void {
    for (const { item } of this.#held) this.#deliver(item);
    this.#held = [];
  }
}
