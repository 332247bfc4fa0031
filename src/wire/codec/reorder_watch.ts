import { REORDER_MAX } from "./decode_clock.ts";

/**
 * Finds out how deep the pictures of a stream are really reordered, from picture order counts and presentation times
 * together: neither jitter of the times nor an order count that restarts is taken for reordering by itself.
 */
export class ReorderWatch {
  readonly #pocs = new Float64Array(REORDER_MAX);
  readonly #pts = new Float64Array(REORDER_MAX);
  #count = 0;
  #oddSeen = false;

  /** Starts over: the order count restarts with the next picture (IDR), or pictures were lost. */
  restart(): void {
    this.#count = 0;
  }

  /**
   * Takes the next picture in decoding order and answers the reorder depth that it proves: the number of pictures
   * decoded before it and shown after it.
   */
  picture(poc: number, pts: number): number {
    const n = Math.min(this.#count, REORDER_MAX);
    let later = 0;
    for (let i = 0; i < n; i++) {
      if ((this.#pocs[i] as number) > poc && (this.#pts[i] as number) > pts) later++;
    }
    const at = this.#count++ % REORDER_MAX;
    this.#pocs[at] = poc;
    this.#pts[at] = pts;
    if (poc % 2 !== 0) this.#oddSeen = true;
    return later;
  }

  /**
   * The depth to expect when the picture just taken, the second after a restart, leaves a gap in the order counts that
   * later pictures will fill: 1 for one missing picture, 2 (a pyramid) for more. H.264 counts fields, so 2 a frame.
   */
  expected(): number {
    if (this.#count !== 2) return 0;
    const step = this.#oddSeen ? 1 : 2;
    const missing = ((this.#pocs[1] as number) - (this.#pocs[0] as number)) / step - 1;
    if (!(missing >= 1) || missing >= REORDER_MAX) return 0;
    return missing < 2 ? 1 : 2;
  }
}
