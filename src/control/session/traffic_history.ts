/** Length of a step, milliseconds. */
export const STEP_MILLIS = 5000;
/** Steps kept: ten minutes. */
export const STEPS_KEPT = 120;
/** Pairs of stream and protocol that one step tells apart; further ones are summed as one of neither. */
export const PAIRS_MAX = 2000;

/** What passed in one step, or what is there at its end. */
export interface Traffic {
  viewers: number;
  inputs: number;
  outputs: number;
  bytesOut: number;
  bytesIn: number;
  packets: number;
  packetsLost: number;
}

export interface TotalsRow extends Readonly<Traffic> {
  /** End of the step, Unix milliseconds. */
  readonly at: number;
  /** Length of the step, milliseconds. */
  readonly millis: number;
}

export interface TotalsFilter {
  /** Names of streams; all when left out. A name that ends in `+` means all wildcard streams of its base. */
  readonly streams?: readonly string[];
  readonly protocols?: readonly string[];
  /** Unix milliseconds; steps that end in between, both included. */
  readonly from?: number;
  readonly to?: number;
}

interface Pair extends Traffic {
  readonly stream: string;
  readonly protocol: string;
}

interface Step {
  readonly at: number;
  readonly millis: number;
  readonly pairs: readonly Pair[];
}

/** Traffic of the last minutes in equal steps, by stream and protocol. */
export class TrafficHistory {
  readonly #steps: Step[] = [];
  #open = new Map<string, Pair>();
  #begun: number;

  /** `now` on the monotonic clock: a clock that is set neither stretches a step nor ends it. */
  constructor(now: number) {
    this.#begun = now;
  }

  /** The running sums of a pair in the open step. */
  pair(stream: string, protocol: string): Traffic {
    const full = this.#open.size >= PAIRS_MAX;
    const key = `${stream}\n${protocol}`;
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    return full ? this.#add("\n", "", "") : this.#add(key, stream, protocol);
  }

  /** True when the open step has its length. */
  isDue(now: number): boolean {
    return this.age(now) >= STEP_MILLIS;
  }

  /** How long the open step has lasted, milliseconds. */
  age(now: number): number {
    return now - this.#begun;
  }

  /** Ends the open step; `wall` in Unix milliseconds. Sessions that are there now were added to their pairs before. */
  close(now: number, wall: number): void {
    this.#steps.push({ at: wall, millis: this.age(now), pairs: [...this.#open.values()] });
    this.#begun = now;
    this.#open = new Map();
    if (this.#steps.length > STEPS_KEPT) this.#steps.shift();
  }

  /** Steps that ended, oldest first. */
  rows(filter: TotalsFilter = {}): TotalsRow[] {
    const { from = -Infinity, to = Infinity } = filter;
    const wanted = this.#steps.filter((s) => s.at >= from && s.at <= to);
    return wanted.map(({ at, millis, pairs }) => {
      const sum = { at, millis, ...nothing() };
      for (const pair of pairs) if (matches(pair, filter)) add(sum, pair);
      return sum;
    });
  }

  #add(key: string, stream: string, protocol: string): Pair {
    const known = this.#open.get(key);
    if (known !== undefined) return known;
    const pair: Pair = { stream, protocol, ...nothing() };
    this.#open.set(key, pair);
    return pair;
  }
}

function nothing(): Traffic {
  return { viewers: 0, inputs: 0, outputs: 0, bytesOut: 0, bytesIn: 0, packets: 0, packetsLost: 0 };
}

function add(sum: Traffic, more: Traffic): void {
  sum.viewers += more.viewers;
  sum.inputs += more.inputs;
  sum.outputs += more.outputs;
  sum.bytesOut += more.bytesOut;
  sum.bytesIn += more.bytesIn;
  sum.packets += more.packets;
  sum.packetsLost += more.packetsLost;
}

function matches(pair: Pair, { streams, protocols }: TotalsFilter): boolean {
  if (protocols !== undefined && !protocols.includes(pair.protocol)) return false;
  return streams === undefined ||
    streams.some((name) => name.endsWith("+") ? pair.stream.startsWith(name) : pair.stream === name);
}
