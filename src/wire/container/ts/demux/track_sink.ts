import { ticks } from "../../../../base/units.ts";
import type { FrameInfo } from "../../../../media/frame.ts";
import type { Track } from "../../../../media/track.ts";

/** Where the demuxer puts what it finds. */
export interface TsSink {
  /** A track is known, or has new parameters from its next frame on. Tracks are numbered from 0 as they are found. */
  track(track: Track): void;
  /**
   * A canonical frame of a track announced before. Times are in the track's ticks, unwrapped, and as in the stream until
   * its clock jumps first. `data` is valid during the call.
   */
  frame(id: number, info: FrameInfo, data: Uint8Array): void;
  /** Something was not as it should be; for a tally. */
  mishap(name: string, detail: string): void;
  /** The streams of a program as its PMT has them, each time it changes. */
  program?(program: TsProgramInfo): void;
}

export interface TsProgramInfo {
  /** program_number. */
  readonly program: number;
  readonly version: number;
  readonly pmtPid: number;
  readonly pcrPid: number;
  readonly streams: readonly TsStreamInfo[];
}

export interface TsStreamInfo {
  readonly pid: number;
  readonly streamType: number;
  /** Number of its track, which may be announced later; undefined where the stream is not read. */
  readonly track: number | undefined;
  /** Codec's name, empty where it is not known. */
  readonly codec: string;
  readonly language: string;
}

/** One track on its way into a {@link TsSink}: announces it, keeps decoding times growing, marks discontinuities. */
export class TrackOutput {
  readonly #sink: TsSink;
  readonly id: number;
  readonly language: string;
  #epoch = -1;
  #timescale = 0;
  #last = NaN;
  #jump = false;

  constructor(sink: TsSink, id: number, language: string) {
    this.#sink = sink;
    this.id = id;
    this.language = language;
  }

  /** The decoding time of the last frame; NaN before the first one. */
  get last(): number {
    return this.#last;
  }

  describe(track: Track): void {
    if (this.#timescale !== 0 && track.timescale !== this.#timescale) {
      this.#last = Math.ceil((this.#last * track.timescale) / this.#timescale);
    }
    this.#timescale = track.timescale;
    this.#sink.track(track);
  }

  /** Notes which epoch the next frame belongs to; true when it is another one than that of the frame before. */
  enter(epoch: number): boolean {
    if (this.#epoch >= 0 && epoch !== this.#epoch) this.#jump = true;
    this.#epoch = epoch;
    return this.#jump;
  }

  write(dts: number, pts: number, duration: number, key: boolean, data: Uint8Array): void {
    if (dts <= this.#last) dts = this.#last + 1;
    this.#last = dts;
    const discontinuity = this.#jump;
    this.#jump = false;
    const ptsOffset = Math.max(0, pts - dts);
    this.#sink.frame(this.id, { dts: ticks(dts), ptsOffset, duration, key, discontinuity }, data);
  }

  damaged(why: string): void {
    this.#sink.mishap("ts damaged", `track ${this.id}: ${why}`);
  }
}

/** What becomes of the PES packets of one stream. */
export interface ElementaryStream {
  /** A whole PES packet. Times are unwrapped, undefined where it has none; `explicit`: decoding time stands in it. */
  pes(payload: Uint8Array, pts: number | undefined, dts: number | undefined, explicit: boolean): void;
  /** Bytes of the stream are missing before what comes next. */
  lost(): void;
}
