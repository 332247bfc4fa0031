// ISO/IEC 13818-1, 2.4.3.6: PES packets out of the payloads of one PID.
import { decodePesHeader, PES_LENGTH_MAX, type PesHeader, STREAM_PADDING } from "../pes.ts";

/** Longest PES packet of video, in bytes; a longer one is dropped. */
export const PES_VIDEO_MAX = 8 * 1024 * 1024;
/** Longest PES packet of anything else, header included. */
export const PES_OTHER_MAX = PES_LENGTH_MAX + 6;
/** Video packets that say their length and are about as long as can be said may be followed by the rest of a picture. */
const CONTINUED_MIN = 60_000;
const FIRST_CAPACITY = 8192;

/** Where PES packets go. */
export interface PesTaker {
  /** A whole PES packet; `payload` is valid during the call. */
  pes(header: PesHeader, payload: Uint8Array): void;
  /** One was dropped, or a piece of one. */
  damaged(why: string): void;
}

/** Collects PES packets; one that says its length is handed over with its last byte. */
export class PesBuffer {
  readonly #taker: PesTaker;
  readonly #max: number;
  /** PES packets without time continue the picture before. */
  readonly #continues: boolean;
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #length = 0;
  #header: PesHeader | undefined;
  /** Payload of the pieces before, where a picture lies in several PES packets. */
  #first: PesHeader | undefined;
  /** Offset at which the present PES packet begins. */
  #from = 0;
  #state: "idle" | "filling" | "dropping" = "idle";

  constructor(taker: PesTaker, video: boolean) {
    this.#taker = taker;
    this.#max = video ? PES_VIDEO_MAX : PES_OTHER_MAX;
    this.#continues = video;
  }

  /** Takes the payload `bytes[from, to)` of one packet. */
  push(bytes: Uint8Array, from: number, to: number, unitStart: boolean): void {
    if (unitStart) {
      this.#begin();
      this.#state = "filling";
    }
    if (this.#state !== "filling") return;
    const length = this.#length;
    if (length + to - from > this.#max) return this.#drop("PES packet too large");
    this.#room(length + to - from);
    this.#bytes.set(bytes.subarray(from, to), length);
    this.#length = length + to - from;
    if (this.#header === undefined && !this.#readHeader()) return;
    const said = (this.#header as PesHeader).length;
    if (said !== 0 && this.#length >= this.#from + said) this.#complete(said);
  }

  /** Packets are missing: what is in work is dropped. Answers whether there was anything. */
  lost(): boolean {
    const hit = this.#state === "filling" || this.#first !== undefined;
    this.#first = undefined;
    this.#header = undefined;
    this.#length = 0;
    this.#from = 0;
    this.#state = "idle";
    return hit;
  }

  /** The end: hands over what has no said length. */
  flush(): void {
    this.#begin();
    this.#handOver();
  }

  #drop(why: string): void {
    this.lost();
    this.#state = "dropping";
    this.#taker.damaged(why);
  }

  /** A new PES packet begins: what was collected before is whole, or will never be. */
  #begin(): void {
    const header = this.#header;
    if (this.#state === "filling") {
      if (header === undefined) {
        if (this.#length > this.#from) this.#drop("PES packet ends in its header");
      } else if (header.length === 0) this.#hold(header, this.#length);
      else this.#drop("PES packet shorter than it says");
    }
    this.#header = undefined;
    this.#state = "idle";
    if (!this.#continues) this.#handOver();
    this.#from = this.#length;
  }

  /** False: more bytes are needed, or it is none. */
  #readHeader(): boolean {
    const header = decodePesHeader(this.#bytes.subarray(this.#from, this.#length));
    if (header.kind === "more") return false;
    if (header.kind === "bad") {
      this.#drop(header.why);
      return false;
    }
    this.#header = header.value;
    if (this.#first === undefined) return true;
    if (header.value.pts === undefined && header.value.streamId !== STREAM_PADDING) return true;
    // It begins a picture of its own: the one before is whole. Its bytes move to the front.
    const begun = this.#length;
    this.#length = this.#from;
    const next = this.#bytes.slice(this.#from, begun);
    this.#handOver();
    this.#room(next.length);
    this.#bytes.set(next, 0);
    this.#length = next.length;
    this.#from = 0;
    return true;
  }

  #complete(said: number): void {
    const header = this.#header as PesHeader;
    const end = this.#from + said;
    this.#header = undefined;
    this.#state = "idle";
    this.#hold(header, end);
    if (!this.#continues || said < CONTINUED_MIN) this.#handOver();
    this.#from = this.#length;
  }

  /** Keeps the payload of the PES packet that ends at `end`, behind what is kept already. */
  #hold(header: PesHeader, end: number): void {
    if (header.streamId === STREAM_PADDING) {
      this.#length = this.#from;
      return;
    }
    if (this.#first === undefined) {
      this.#first = header;
      this.#length = end;
      return;
    }
    this.#bytes.copyWithin(this.#from, this.#from + header.payloadAt, end);
    this.#length = end - header.payloadAt;
  }

  #handOver(): void {
    const header = this.#first;
    const length = this.#length;
    this.#first = undefined;
    this.#length = 0;
    this.#from = 0;
    if (header !== undefined) this.#taker.pes(header, this.#bytes.subarray(header.payloadAt, length));
  }

  #room(end: number): void {
    if (end <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
