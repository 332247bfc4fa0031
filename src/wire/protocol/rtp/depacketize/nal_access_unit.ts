// What the payload formats of H.264 (RFC 6184) and H.265 (RFC 7798) have in common: NAL units into access units.
import type { UnitSink } from "./depacketizer.ts";
import { UnitBuffer } from "./unit_buffer.ts";

/** What of a NAL unit's header matters for finding the borders of access units. */
export interface NalSyntax {
  /** Bytes of the NAL unit header. */
  readonly header: number;
  /** Whether a unit with this first byte holds part of a picture. */
  coded(first: number): boolean;
  /** Whether a unit with this first byte can only stand before the picture: delimiter, parameter set. */
  leading(first: number): boolean;
}

/** Pictures with one timestamp after which the timestamps are held for stuck (two are the fields of one frame). */
const STUCK_PICTURES = 3;

/**
 * Collects NAL units. An access unit ends with the marker bit once it holds part of a picture (cameras set it on
 * parameter sets and SEI too), or where the timestamp changes (cameras that never set it).
 */
export class NalAccessUnits {
  readonly buffer: UnitBuffer;
  readonly #syntax: NalSyntax;
  readonly #sink: UnitSink;
  #timestamp = -1;
  #coded = false;
  #pictures = 0;
  #damaged = false;
  /** Timestamp of the access unit that a marker ended last; −1 none. */
  #ended = -1;
  #trustMarker = true;
  #stuck = false;

  constructor(syntax: NalSyntax, sink: UnitSink, max?: number) {
    this.#syntax = syntax;
    this.#sink = sink;
    this.buffer = new UnitBuffer(max);
  }

  /**
   * To be called for each packet before its units. `begins`: the packet is known to begin an access unit, so that a
   * gap before it did not take any of it.
   */
  packet(timestamp: number, gap: boolean, begins: boolean): void {
    if (gap) {
      this.#sink.damaged("packets lost");
      if (this.#timestamp !== timestamp || (begins && this.#coded)) this.clear();
      this.#damaged = !begins;
    } else if (this.#timestamp !== timestamp) this.flush();
    else if (begins && this.#damaged && this.#stuck) this.clear();
    this.#timestamp = timestamp;
  }

  /**
   * Begins a unit whose first byte is `first` and whose first byte behind the header is `afterHeader`. False when the
   * access unit is damaged: then nothing may be appended.
   */
  begin(first: number, afterHeader: number): boolean {
    const buffer = this.buffer;
    if (buffer.open) this.unitEnded();
    if (this.#stuck && this.#coded) {
      // With timestamps that stand still, pictures are told apart by their first slices.
      const slice = this.#syntax.coded(first);
      if (slice ? (afterHeader & 0x80) !== 0 : this.#syntax.leading(first)) this.#split();
    }
    if (this.#damaged) return false;
    if (buffer.begin()) return true;
    this.harm("too many units in an access unit");
    return false;
  }

  /** To be called when the unit at the end of the buffer is whole. */
  unitEnded(): void {
    const buffer = this.buffer;
    const from = buffer.count - 1;
    buffer.end();
    if (from < 0 || buffer.count === from) return;
    // Units joined by start codes begin with a parameter set, SEI or delimiter; slices joined to one another are left to
    // the assembler, so that the bulk of the bytes is not searched twice.
    if (!this.#syntax.coded(buffer.peek(from, 0))) buffer.splitAtStartCodes();
    for (let i = from; i < buffer.count; i++) this.#look(i);
  }

  #look(index: number): void {
    const buffer = this.buffer;
    if (!this.#syntax.coded(buffer.peek(index, 0))) return;
    this.#coded = true;
    if ((buffer.peek(index, this.#syntax.header) & 0x80) !== 0) {
      if (++this.#pictures >= STUCK_PICTURES && !this.#stuck) {
        this.#stuck = true;
        this.harm("several pictures with one timestamp");
      }
    } else if (this.#ended === this.#timestamp && this.#pictures === 0 && this.#trustMarker) {
      // The picture that a marker ended goes on: a camera that marks every slice.
      this.#trustMarker = false;
      this.harm("marker before the end of the picture");
    }
  }

  /** To be called after the units of a packet with the marker bit. */
  marker(): void {
    if (this.buffer.open) this.unitEnded();
    if (!this.#trustMarker) return;
    if (this.#damaged) return this.clear();
    if (this.#coded) this.#ended = this.#split();
  }

  /** Drops the access unit, the rest of it included. */
  harm(why: string): void {
    if (!this.#damaged) this.#sink.damaged(why);
    this.buffer.clear();
    this.#damaged = true;
  }

  /** The access unit is dropped: what comes of it need not be appended. */
  get damaged(): boolean {
    return this.#damaged;
  }

  /** Hands over what there is. */
  flush(): void {
    if (this.buffer.open) this.unitEnded();
    if (!this.#damaged && this.buffer.count > 0) this.#sink.unit(this.buffer.units(), this.#timestamp, 0);
    this.clear();
  }

  clear(): void {
    this.buffer.clear();
    this.#coded = false;
    this.#pictures = 0;
    this.#damaged = false;
    this.#timestamp = -1;
  }

  /** Hands over what there is; what follows has the same timestamp. Answers the timestamp. */
  #split(): number {
    const timestamp = this.#timestamp;
    this.flush();
    this.#timestamp = timestamp;
    return timestamp;
  }
}
