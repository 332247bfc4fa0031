/** What an input has received. Sources without packets leave those at 0. */
export interface InputCounts {
  packets: number;
  bytes: number;
  lost: number;
  reordered: number;
  duplicated: number;
  /** Frames that could not be put together. */
  damaged: number;
  frames: number;
  /** Gaps that the counters of an MPEG transport stream show. */
  discontinued: number;
  /** Packets of a transport stream that are scrambled. */
  scrambled: number;
  /** Packets that error correction brought back; they are not among the lost ones. */
  recovered: number;
  /** Packets that it could not bring back; they are among the lost ones too. */
  unrecoverable: number;
  /** Interarrival jitter as in RFC 3550, A.8, of the worst track; not a sum. Milliseconds. */
  jitterMillis: number;
}

export function noCounts(): InputCounts {
  return {
    packets: 0,
    bytes: 0,
    lost: 0,
    reordered: 0,
    duplicated: 0,
    damaged: 0,
    frames: 0,
    discontinued: 0,
    scrambled: 0,
    recovered: 0,
    unrecoverable: 0,
    jitterMillis: 0,
  };
}

const SUMMED = [
  "packets",
  "bytes",
  "lost",
  "reordered",
  "duplicated",
  "damaged",
  "frames",
  "discontinued",
  "scrambled",
  "recovered",
  "unrecoverable",
] as const;

interface Open {
  readonly read: (into: InputCounts) => void;
  before: InputCounts;
}

/**
 * Sums of an input over all its attempts. A source registers how to read the counts that it keeps anyway; they are read
 * about once a second, so that counting costs a packet nothing more.
 */
export class InputMeter {
  readonly #open = new Set<Open>();
  readonly #sum = noCounts();

  /** `read` adds what was counted since it was registered. The answer takes the last counts and forgets it. */
  open(read: (into: InputCounts) => void): () => void {
    const entry: Open = { read, before: noCounts() };
    this.#open.add(entry);
    return () => {
      if (this.#open.has(entry)) this.#take(entry);
      this.#open.delete(entry);
    };
  }

  /** All so far; the object is the same every time. */
  sum(): Readonly<InputCounts> {
    this.#sum.jitterMillis = 0;
    for (const entry of this.#open) this.#take(entry);
    return this.#sum;
  }

  #take(entry: Open): void {
    const now = noCounts();
    entry.read(now);
    for (const name of SUMMED) this.#sum[name] += Math.max(0, now[name] - entry.before[name]);
    this.#sum.jitterMillis = Math.max(this.#sum.jitterMillis, now.jitterMillis);
    entry.before = now;
  }
}
