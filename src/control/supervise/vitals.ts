/**
 * A worker's signs of life, in shared memory: a heartbeat that its event loop advances, and counters that the
 * controller reads whenever it likes.
 *
 *     int32 0   heartbeat
 *     int32 1   unused
 *     float64 1 … COUNTERS.length   counters
 */
export const COUNTERS = [
  "bytesIn",
  "packetsIn",
  "packetsLost",
  "packetsReordered",
  "framesIn",
  "framesDamaged",
  "sessions",
  "bytesOut",
  "requests",
  "packetsDuplicated",
  "reconnects",
  "jitterMillis",
  /** When something last came, on the monotonic clock, milliseconds. */
  "inputAt",
  "tsDiscontinued",
  "tsScrambled",
  "packetsRecovered",
  "packetsUnrecoverable",
] as const;

export type Counter = (typeof COUNTERS)[number];

/** How often a worker beats, milliseconds. */
export const BEAT_MILLIS = 250;

export class Vitals {
  readonly #beat: Int32Array;
  readonly #counters: Float64Array;

  constructor(readonly shared: SharedArrayBuffer) {
    this.#beat = new Int32Array(shared, 0, 2);
    this.#counters = new Float64Array(shared, 8, COUNTERS.length);
  }

  static create(): Vitals {
    return new Vitals(new SharedArrayBuffer(8 + COUNTERS.length * 8));
  }

  /** Called by the worker's event loop every {@link BEAT_MILLIS}. */
  beat(): void {
    Atomics.add(this.#beat, 0, 1);
  }

  get beats(): number {
    return Atomics.load(this.#beat, 0);
  }

  /** Only the worker that owns the page writes; a reader may see a value one update old. */
  add(counter: Counter, by: number): void {
    const at = COUNTERS.indexOf(counter);
    this.#counters[at] = (this.#counters[at] as number) + by;
  }

  set(counter: Counter, value: number): void {
    this.#counters[COUNTERS.indexOf(counter)] = value;
  }

  get(counter: Counter): number {
    return this.#counters[COUNTERS.indexOf(counter)] as number;
  }
}
