// ISO/IEC 13818-1, 2.4.3: a PES packet cut into transport packets.
import { PES_FIXED, writePesHeader } from "../pes.ts";
import { TS_PAYLOAD, TS_SYNC, writePcr } from "../packet.ts";
import type { TsFrame } from "./frame.ts";
import type { Packing } from "./packing.ts";

/** Adaptation field with a clock reference: length, flags, six bytes. */
export const PCR_FIELD = 8;
/** Adaptation field with flags alone. */
export const FLAGS_FIELD = 2;
/** Bytes of PES header and frame heads in work: 32 frames of audio at most, and long Opus packets. */
const SCRATCH = 16_384;

/**
 * One PES packet on its way out: pieces are gathered, then taken packet by packet, or all at once.
 */
export class PesPackets {
  readonly #scratch = new Uint8Array(SCRATCH);
  #used = 0;
  readonly #pieces: Uint8Array[] = [];
  #count = 0;
  #piece = 0;
  #offset = 0;
  /** Index of the first frame's bytes among the pieces: where lengths become start codes; -1 where they stay. */
  #unitsPiece = -1;
  /** Offset in that piece of the next length. */
  #unitAt = 0;
  /** Bytes not yet taken. */
  left = 0;

  /** Begins a PES packet. Times in ticks of 90 kHz; `payload` is the sum of what the frames take. */
  begin(packing: Packing, pts: number, dts: number, payload: number, stuffing: number): void {
    this.#count = 0;
    this.#piece = 0;
    this.#offset = 0;
    this.#unitsPiece = -1;
    const length = writePesHeader(this.#scratch, 0, packing.streamId, pts, dts, payload, stuffing);
    this.#used = length;
    this.left = 0;
    this.#add(this.#scratch.subarray(0, length));
  }

  /** Appends a frame with what stands before it. */
  frame(packing: Packing, frame: TsFrame): void {
    const prefix = frame.key || frame.withSets === true ? packing.keyPrefix : packing.prefix;
    if (prefix !== undefined) this.#add(prefix);
    if (packing.head !== undefined) {
      const size = packing.head.size(frame.data.length);
      packing.head.write(this.#scratch, this.#used, frame.data.length);
      this.#add(this.#scratch.subarray(this.#used, this.#used + size));
      this.#used += size;
    }
    if (packing.lengthPrefixed === true) {
      this.#unitsPiece = this.#count;
      this.#unitAt = 0;
    }
    this.#add(frame.data);
  }

  /** Whether there is scratch space for the head of one more frame. */
  fits(head: number): boolean {
    return this.#used + head <= SCRATCH;
  }

  #add(piece: Uint8Array): void {
    this.#pieces[this.#count++] = piece;
    this.left += piece.length;
  }

  /**
   * Writes one packet at `out[at]` with the next `take` bytes, 1 to 184 less the adaptation field's. `flags` are those
   * of the adaptation field but for the clock's; `pcr` in ticks of 27 MHz, -1 for none.
   */
  packet(
    out: Uint8Array,
    at: number,
    pid: number,
    counter: number,
    start: boolean,
    flags: number,
    pcr: number,
    take: number,
  ): void {
    const field = TS_PAYLOAD - take;
    writePacketHead(out, at, pid, counter, start, flags, pcr, field);
    this.#copy(out, at + 4 + field, take);
  }

  /** Takes all that is left at once, to `out[at]`. */
  gather(out: Uint8Array, at: number): void {
    for (let i = 0; i < this.#count; i++) {
      const piece = this.#pieces[i] as Uint8Array;
      out.set(piece, at);
      if (i === this.#unitsPiece) this.#startCodes(out, at, piece, 0, piece.length);
      at += piece.length;
    }
    this.left = 0;
  }

  #copy(out: Uint8Array, at: number, take: number): void {
    this.left -= take;
    while (take > 0) {
      const piece = this.#pieces[this.#piece] as Uint8Array;
      const from = this.#offset;
      const n = Math.min(take, piece.length - from);
      const to = from + n;
      out.set(piece.subarray(from, to), at);
      if (this.#piece === this.#unitsPiece && this.#unitAt < to) {
        this.#startCodes(out, at - from, piece, from, to);
      }
      at += n;
      take -= n;
      this.#offset = to;
      if (to === piece.length) {
        this.#piece++;
        this.#offset = 0;
      }
    }
  }

  /** Overwrites the lengths among the bytes `[from, to)` of the frame, which were copied to `out[shift + from]`. */
  #startCodes(out: Uint8Array, shift: number, piece: Uint8Array, from: number, to: number): void {
    let unit = this.#unitAt;
    while (unit < to) {
      for (let i = Math.max(unit, from); i < unit + 4 && i < to; i++) out[shift + i] = i === unit + 3 ? 1 : 0;
      if (unit + 4 > to) break; // the rest of this length is in the next packet
      // The bytes may be in the midst of being overwritten: a length that makes no sense only ends the search.
      unit += 4 + (piece[unit] as number) * 0x1000000 +
        (((piece[unit + 1] as number) << 16) | ((piece[unit + 2] as number) << 8) |
          (piece[unit + 3] as number));
    }
    this.#unitAt = unit;
  }
}

/** Writes what stands before the payload: the header, and an adaptation field of `field` bytes with its length. */
export function writePacketHead(
  out: Uint8Array,
  at: number,
  pid: number,
  counter: number,
  start: boolean,
  flags: number,
  pcr: number,
  field: number,
): void {
  out[at] = TS_SYNC;
  out[at + 1] = (start ? 0x40 : 0) | (pid >> 8);
  out[at + 2] = pid;
  out[at + 3] = (field > 0 ? 0x30 : 0x10) | counter;
  if (field === 0) return;
  out[at + 4] = field - 1;
  if (field === 1) return;
  out[at + 5] = flags | (pcr >= 0 ? 0x10 : 0);
  let o = at + 6;
  if (pcr >= 0) {
    writePcr(out, o, pcr);
    o += 6;
  }
  if (o < at + 4 + field) out.fill(0xff, o, at + 4 + field);
}

/** Bytes of a PES header with these times. */
export function pesHeaderSize(pts: number, dts: number, stuffing: number): number {
  return PES_FIXED + (pts === dts ? 5 : 10) + stuffing;
}

/** Bytes that a frame takes in a PES packet. */
export function packedSize(packing: Packing, frame: TsFrame): number {
  const { length } = frame.data;
  const prefix = frame.key || frame.withSets === true ? packing.keyPrefix : packing.prefix;
  return length + (prefix === undefined ? 0 : prefix.length) +
    (packing.head === undefined ? 0 : packing.head.size(length));
}
