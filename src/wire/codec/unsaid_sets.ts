import type { FrameBuffer } from "./frame_buffer.ts";

/** Sets that are held; beyond that the oldest are forgotten. */
const MAX = 32;

/** Parameter sets that are newer than a track's description: they go in band until the next key frame. */
export class UnsaidSets {
  readonly #sets: Uint8Array[] = [];

  /** Holds a set for the next picture. */
  add(set: Uint8Array): void {
    if (this.#sets.push(set) > MAX) this.#sets.shift();
  }

  /** Puts them before the picture, in the order that they came, and forgets them. */
  putInFront(out: FrameBuffer): void {
    // Mostly there are none, and emptying an array takes longer than to see that it is empty.
    if (this.#sets.length === 0) return;
    for (let i = this.#sets.length - 1; i >= 0; i--) out.unitInFront(this.#sets[i] as Uint8Array);
    this.clear();
  }

  /** The description says them now. */
  clear(): void {
    this.#sets.length = 0;
  }
}
