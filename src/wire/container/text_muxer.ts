import { checkRoom, type LiveMuxer, type MuxFrame, NOTHING } from "./live_muxer.ts";

/** Prints the piece of text that is frame `number` (from 1); the empty string for one that is to be left out. */
export type PrintFrame = (frame: MuxFrame, number: number) => string;

/** Timed text: each frame printed as a piece of text. Frames are few, so they may cost allocations. */
export class TextMuxer implements LiveMuxer {
  readonly #header: Uint8Array;
  readonly #print: PrintFrame;
  /** Frames written. */
  #count = 0;
  entry = false;

  constructor(header: string, print: PrintFrame) {
    this.#header = new TextEncoder().encode(header);
    this.#print = print;
  }

  header(): Uint8Array {
    return this.#header;
  }

  /** One byte more than it may be: the number before a later frame can have another digit by then. */
  size(frame: MuxFrame): number {
    return this.#encode(frame).length + 1;
  }

  write(out: Uint8Array, at: number, frame: MuxFrame): number {
    const bytes = this.#encode(frame);
    this.entry = bytes.length > 0;
    if (!this.entry) return 0;
    checkRoom(out, at, bytes.length);
    out.set(bytes, at);
    this.#count++;
    return bytes.length;
  }

  trailer(): Uint8Array {
    return NOTHING;
  }

  #encode(frame: MuxFrame): Uint8Array {
    return frame.data.length === 0 ? NOTHING : new TextEncoder().encode(this.#print(frame, this.#count + 1));
  }
}
