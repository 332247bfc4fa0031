import {
  RING_EPOCH,
  RING_HEAD,
  RING_LAP,
  RING_LAP_BEFORE,
  RING_LIMIT,
  RING_TAIL,
  type RingPlace,
  ROW_STAMP,
} from "./layout.ts";

/**
 * A ring of rows of one size, one writer, any number of readers. Row `sequence` lies at slot `sequence - lap`, or at
 * `sequence - lapBefore` when it was written before the writer last came back to slot 0. So the wrap point may move
 * out from lap to lap without moving a row.
 *
 * In shared memory sequences are 32 bits and wrap; everybody outside sees numbers that only grow, exact to 2^53. A
 * reader extends them by the distance to the last one that it knows, and a new reader by the epoch word, so a wrap is
 * no event at all. A ring holds far less than 2^30 rows, so the distance is never in doubt.
 */

const EPOCH = 2 ** 30;
const fence = new Int32Array(new SharedArrayBuffer(4));

/** Initial words of a ring whose first row will have number `sequence`. */
export function initRing(words: Int32Array, place: RingPlace, sequence: number): void {
  const at = place.words;
  words[at + RING_EPOCH] = Math.floor(sequence / EPOCH);
  words[at + RING_LIMIT] = place.first;
  for (const word of [RING_HEAD, RING_TAIL, RING_LAP, RING_LAP_BEFORE]) words[at + word] = sequence;
}

/** The head of a ring as a growing number, for one who knows nothing yet. */
function firstHead(words: Int32Array, at: number): number {
  const epoch = Atomics.load(words, at + RING_EPOCH) * EPOCH;
  return epoch + ((Atomics.load(words, at + RING_HEAD) - epoch) | 0);
}

/** A reader's side. */
export class SlotRingView {
  readonly #words: Int32Array;
  readonly #at: number;
  readonly #rows: number;
  readonly #stride: number;
  readonly #max: number;
  #known: number;

  constructor(words: Int32Array, place: RingPlace) {
    this.#words = words;
    this.#at = place.words;
    this.#rows = place.at;
    this.#stride = place.stride;
    this.#max = place.max;
    this.#known = firstHead(words, place.words);
  }

  /** Sequence of the next row. */
  get head(): number {
    this.#known = this.extend(Atomics.load(this.#words, this.#at + RING_HEAD));
    return this.#known;
  }

  /** Oldest row still there; equal to the head when there is none. */
  get tail(): number {
    return this.extend(Atomics.load(this.#words, this.#at + RING_TAIL));
  }

  /** The growing number that the low 32 bits stand for. */
  extend(low: number): number {
    return this.#known + ((low - this.#known) | 0);
  }

  /** Byte offset of a row that was published; -1 when it is gone. What is read there wants proof: {@link intact}. */
  slot(sequence: number): number {
    const words = this.#words;
    // This lap's base first: the writer stores the base of the lap before it earlier.
    let slot = (sequence - Atomics.load(words, this.#at + RING_LAP)) | 0;
    if (slot < 0) slot = (sequence - Atomics.load(words, this.#at + RING_LAP_BEFORE)) | 0;
    if (slot < 0 || slot >= this.#max) return -1;
    const at = this.#rows + slot * this.#stride;
    return words[(at + ROW_STAMP) >> 2] === (sequence | 0) ? at : -1;
  }

  /**
   * The proof: true when nothing that was read of row `sequence` until now can have been overwritten meanwhile. On
   * weakly ordered machines the store keeps the reads before it from moving behind the load.
   */
  intact(sequence: number): boolean {
    Atomics.store(fence, 0, 0);
    return ((sequence - Atomics.load(this.#words, this.#at + RING_TAIL)) | 0) >= 0;
  }
}

/** The writer's side: {@link next}, {@link claim}, fill the row, {@link publish}. */
export class SlotRingWriter {
  readonly #words: Int32Array;
  readonly #at: number;
  readonly #rows: number;
  readonly #stride: number;
  readonly #max: number;
  #head: number;
  #tail: number;
  #lap: number;
  #lapBefore: number;
  #limit: number;
  #wrapped = false;

  /** Goes on where the ring is, whatever state its last writer died in. */
  constructor(words: Int32Array, place: RingPlace) {
    this.#words = words;
    this.#at = place.words;
    this.#rows = place.at;
    this.#stride = place.stride;
    this.#max = place.max;
    const at = place.words;
    this.#head = firstHead(words, at);
    const known = (word: number) => this.#head + (((words[at + word] as number) - this.#head) | 0);
    this.#tail = known(RING_TAIL);
    this.#lap = known(RING_LAP);
    this.#lapBefore = known(RING_LAP_BEFORE);
    this.#limit = words[at + RING_LIMIT] as number;
  }

  get head(): number {
    return this.#head;
  }

  get tail(): number {
    return this.#tail;
  }

  /** Byte offset of a row between tail and head. */
  slot(sequence: number): number {
    return this.#rows + (sequence - (sequence >= this.#lap ? this.#lap : this.#lapBefore)) * this.#stride;
  }

  /**
   * Chooses the next row's slot. At the wrap point it goes back to slot 0, but moves the wrap point out while the row
   * there is not given up and `keep` says that the oldest row is still wanted. Answers the oldest sequence that may stay; the writer claims that, or more.
   */
  next(keep: boolean): number {
    const slot = this.#head - this.#lap;
    this.#wrapped = false;
    if (slot >= this.#limit) {
      if (keep && this.#tail <= this.#lap && this.#limit < this.#max) {
        this.#limit = Math.min(this.#max, this.#limit + (this.#limit >> 3) + 8);
        this.#words[this.#at + RING_LIMIT] = this.#limit;
      } else {
        this.#wrapped = true;
        return Math.max(this.#tail, this.#lap + 1);
      }
    }
    const over = this.#lapBefore + slot + 1;
    return over <= this.#lap ? Math.max(this.#tail, over) : this.#tail;
  }

  /**
   * Gives up all rows before `tail`, then answers the byte offset of the row to fill. The load behind the store keeps
   * the plain writes that follow from moving before it.
   */
  claim(tail: number): number {
    if (tail > this.#tail) {
      this.#tail = tail;
      Atomics.store(this.#words, this.#at + RING_TAIL, tail | 0);
      Atomics.load(this.#words, this.#at + RING_TAIL);
    }
    if (this.#wrapped) {
      this.#wrapped = false;
      this.#lapBefore = this.#lap;
      this.#lap = this.#head;
      Atomics.store(this.#words, this.#at + RING_LAP_BEFORE, this.#lapBefore | 0);
      Atomics.store(this.#words, this.#at + RING_LAP, this.#lap | 0);
    }
    const at = this.#rows + (this.#head - this.#lap) * this.#stride;
    this.#words[(at + ROW_STAMP) >> 2] = this.#head | 0;
    return at;
  }

  /** Gives up rows before `tail` without writing one. */
  release(tail: number): void {
    if (tail <= this.#tail) return;
    this.#tail = Math.min(tail, this.#head);
    Atomics.store(this.#words, this.#at + RING_TAIL, this.#tail | 0);
  }

  /** Shows the row. */
  publish(): void {
    const head = this.#head + 1;
    if (head % EPOCH === 0) Atomics.store(this.#words, this.#at + RING_EPOCH, head / EPOCH);
    this.#head = head;
    Atomics.store(this.#words, this.#at + RING_HEAD, head | 0);
  }
}
