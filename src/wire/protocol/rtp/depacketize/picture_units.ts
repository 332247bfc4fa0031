import type { UnitSink } from "./depacketizer.ts";
import { UnitBuffer } from "./unit_buffer.ts";

/** Prepares what was collected for handing over. A text says why it cannot be used. */
export type Complete = (buffer: UnitBuffer) => string | undefined;

/**
 * Collects the packets of one picture or document, for formats without NAL units: it ends with the marker, where the
 * timestamp changes, or where a packet is known to begin the next one.
 */
export class PictureUnits {
  readonly buffer: UnitBuffer;
  readonly #sink: UnitSink;
  readonly #told: boolean;
  readonly #complete: Complete | undefined;
  #timestamp = -1;
  #damaged = false;

  /** `told`: the format tells which packets begin a picture, so one that begins otherwise has lost its start. */
  constructor(sink: UnitSink, o: { told: boolean; max?: number; complete?: Complete }) {
    this.#sink = sink;
    this.#told = o.told;
    this.#complete = o.complete;
    this.buffer = new UnitBuffer(o.max);
  }

  /**
   * To be called for each packet. `begins`: it is known to begin a picture. Answers whether its payload is to be
   * appended.
   */
  packet(timestamp: number, gap: boolean, begins: boolean): boolean {
    if (gap) {
      this.#sink.damaged("packets lost");
      this.clear();
      this.#damaged = !begins;
    } else if (timestamp !== this.#timestamp || begins) this.flush();
    this.#timestamp = timestamp;
    if (this.#told && !begins && !this.#damaged && this.buffer.count === 0) {
      this.harm("picture without its start");
    }
    return !this.#damaged;
  }

  /** Appends to the unit in work, beginning one where there is none. */
  append(bytes: Uint8Array, start = 0): void {
    if (this.buffer.count === 0) this.buffer.begin();
    if (!this.buffer.append(bytes, start)) this.harm("access unit too large");
  }

  /** To be called after a packet with the marker bit. */
  marker(): void {
    this.flush();
  }

  /** Drops the picture, the rest of it included. */
  harm(why: string): void {
    if (!this.#damaged) this.#sink.damaged(why);
    this.buffer.clear();
    this.#damaged = true;
  }

  /** The picture is dropped: what comes of it need not be appended. */
  get damaged(): boolean {
    return this.#damaged;
  }

  /** Hands over what there is. */
  flush(): void {
    if (!this.#damaged && this.buffer.length > 0) {
      const why = this.#complete?.(this.buffer);
      if (why === undefined) this.#sink.unit(this.buffer.units(), this.#timestamp, 0);
      else this.#sink.damaged(why);
    }
    this.clear();
  }

  clear(): void {
    this.buffer.clear();
    this.#damaged = false;
  }
}
