import type { StreamMicros, WallMillis } from "../../../base/units.ts";
import type { PlaylistPart, PlaylistSegment } from "../../../wire/protocol/hls/media_playlist.ts";
import type { PartFormat } from "./part_format.ts";
import { SegmentBuffer } from "./segment_buffer.ts";

/** What the stream says of a segment, whichever track. */
export interface SegmentFacts {
  readonly msn: number;
  readonly programDateTime: WallMillis;
  readonly discontinuity: boolean;
  /** Number of the discontinuity sequence that the segment belongs to. */
  readonly discontinuitySequence: number;
  /** Where the stream's segment begins, by its leading track. */
  readonly startMicros: StreamMicros;
  /** The run that it belongs to, as `SegmentRow` has it. */
  readonly runMicros: StreamMicros;
  readonly runWallMillis: WallMillis;
}

/** One part as the rendition knows it. */
export interface SegmentPart {
  readonly seconds: number;
  readonly independent: boolean;
  readonly gap: boolean;
  /** It has only silence in place of what did not come. */
  readonly silent: boolean;
  /** Times of its media by the first track that has any, in that track's ticks; undefined where none has. */
  readonly times: PartTimes | undefined;
}

export interface PartTimes {
  /** When its first frame is decoded. */
  readonly start: number;
  /** How much later that is shown; 0 but for reordered video. */
  readonly shownAfter: number;
  readonly length: number;
  /** Ticks a second. */
  readonly timescale: number;
}

/**
 * One segment of one rendition: its list of parts, and its bytes once somebody wants them. Parts are muxed in order,
 * each at most once.
 */
export class RenditionSegment implements PlaylistSegment {
  readonly #format: PartFormat;
  /** Name of the init section that its media needs. */
  readonly map: string | undefined;
  readonly #possible: boolean;
  readonly #parts: PlaylistPart[] = [];
  #buffer: SegmentBuffer | undefined;
  #seconds = 0;
  #first: PartTimes | undefined;
  #ticks = 0;
  #closed = false;
  #withMedia = false;
  #fromSource = false;
  #lost = false;

  /** `versions`: the tracks' configurations in it. */
  constructor(
    readonly facts: SegmentFacts,
    readonly versions: readonly number[],
    format: PartFormat,
  ) {
    this.#format = format;
    const needs = format.needs(versions);
    this.#possible = needs !== undefined;
    this.map = needs?.map;
  }

  get msn(): number {
    return this.facts.msn;
  }

  get programDateTime(): WallMillis {
    return this.facts.programDateTime;
  }

  get discontinuity(): boolean {
    return this.facts.discontinuity;
  }

  get closed(): boolean {
    return this.#closed;
  }

  get parts(): readonly PlaylistPart[] {
    return this.#parts;
  }

  get seconds(): number {
    return this.#seconds;
  }

  /** When its first frame is shown, and its length so far, in ticks; undefined while it has no media. */
  get times(): { readonly start: number; readonly length: number; readonly timescale: number } | undefined {
    const first = this.#first;
    if (first === undefined) return undefined;
    return { start: first.start + first.shownAfter, length: this.#ticks, timescale: first.timescale };
  }

  /** No track has media in it, or its media was lost before anybody copied it. */
  get gap(): boolean {
    return !this.#withMedia || this.#lost;
  }

  /** Some of it came from the source: not all is silence in its place. */
  get fromSource(): boolean {
    return this.#fromSource;
  }

  get uri(): string | undefined {
    return this.#closed ? `${this.facts.msn}.${this.#format.extension}` : undefined;
  }

  /** Bytes muxed so far. */
  get bytes(): number {
    return this.#buffer?.length ?? 0;
  }

  /** Address of a part of this or another segment of the rendition. */
  uriOf(msn: number, part: number): string {
    return `${msn}.${part}.${this.#format.extension}`;
  }

  /** Lists a further part. */
  add(part: SegmentPart): void {
    const gap = part.gap || !this.#possible;
    const { seconds, independent, times } = part;
    if (!gap && times !== undefined) {
      this.#first ??= times;
      // Up to the end of this part: what is missing in between is no shorter for that.
      this.#ticks = times.start + times.length - this.#first.start;
    }
    this.#parts.push({
      uri: this.uriOf(this.msn, this.#parts.length),
      seconds,
      independent: independent && !gap,
      gap,
    });
    this.#seconds += seconds;
    if (gap) return;
    this.#withMedia = true;
    if (!part.silent) this.#fromSource = true;
  }

  /** Ends the segment. `seconds` is its length when it has no media at all. */
  close(seconds: number): void {
    this.#closed = true;
    if (this.#parts.length === 0) this.#seconds = seconds;
  }

  /**
   * Muxes what is listed and not muxed yet. `expected` bytes are reserved at first. False when the buffer has lost some
   * of it: then the segment stays incomplete.
   */
  mux(expected: number): boolean {
    if (this.#lost) return false;
    this.#buffer ??= new SegmentBuffer(expected);
    const buffer = this.#buffer;
    while (buffer.partCount < this.#parts.length) {
      const n = buffer.partCount;
      if ((this.#parts[n] as PlaylistPart).gap) {
        buffer.appendGap();
        continue;
      }
      const result = this.#format.append(this.facts, n, this.versions, buffer);
      if (result === "ok") continue;
      this.#lost = true;
      return false;
    }
    return true;
  }

  /** Bytes of a part that was muxed. */
  part(index: number): Uint8Array<ArrayBuffer> | undefined {
    return this.#buffer?.part(index);
  }

  /** Bytes of the whole segment; undefined while it is open, incomplete or empty. */
  whole(): Uint8Array<ArrayBuffer> | undefined {
    return this.#closed && !this.gap ? this.#buffer?.view() : undefined;
  }
}
