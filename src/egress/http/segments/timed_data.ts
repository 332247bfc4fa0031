import {
  type FrameRecord,
  makeFrameRecord,
  makePartRow,
  type TrackView,
} from "../../../buffer/track_view.ts";

/**
 * Frames of a data track that go along with the parts of another track. Data comes when it comes, and no part waits for
 * it: it is in the part during which it was written, which is the same for whoever asks, and whenever.
 */
export class TimedData {
  readonly #lead: TrackView;
  readonly #record = makeFrameRecord();
  readonly #row = makePartRow();
  #first = -1;

  constructor(readonly view: TrackView, lead: TrackView) {
    this.#lead = lead;
  }

  /** Calls `take` with each frame of a closed part of the leading track; false when some are gone. */
  read(msn: number, part: number, record: FrameRecord, take: (record: FrameRecord) => void): boolean {
    this.#first = -1;
    const until = this.#lead.part(msn, part, this.#row)?.closedAt;
    if (until === undefined) return true;
    const from = this.#closedBefore(msn, part);
    // What came in the very millisecond in which a part closed is in the next one, whoever was first.
    for (let sequence = this.#search(from); sequence < this.view.head; sequence++) {
      const result = this.view.read(sequence, record);
      if (result === "lapped") return false;
      if (result === "later" || record.arrival >= until) break;
      if (this.#first < 0) this.#first = sequence;
      take(record);
    }
    return true;
  }

  /** The proof, after what was taken was copied. */
  intact(): boolean {
    return this.#first < 0 || this.view.intact(this.#first);
  }

  /** When the part before closed; -Infinity for the first one that there is. */
  #closedBefore(msn: number, part: number): number {
    for (let n = part - 1; n >= 0; n--) {
      const row = this.#lead.part(msn, n, this.#row);
      if (row !== undefined) return row.closedAt;
    }
    for (let n = this.#lead.partsOf(msn - 1) - 1; n >= 0; n--) {
      const row = this.#lead.part(msn - 1, n, this.#row);
      if (row !== undefined) return row.closedAt;
    }
    return -Infinity;
  }

  /** The first frame that came at `from` or later. */
  #search(from: number): number {
    let low = this.view.tail, high = this.view.head;
    while (low < high) {
      const middle = low + ((high - low) >> 1);
      const result = this.view.peek(middle, this.#record);
      if (result === "later") high = middle;
      else if (result === "lapped" || this.#record.arrival < from) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
