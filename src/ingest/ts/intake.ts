import type { Clock } from "../../base/clock.ts";
import type { Log } from "../../base/log.ts";
import type { Tally } from "../../base/tally.ts";
import { type MonoMillis, streamMicros, ticks } from "../../base/units.ts";
import { type Codec, CODECS, kindOf } from "../../media/codec.ts";
import type { FrameInfo } from "../../media/frame.ts";
import type { Track } from "../../media/track.ts";
import { type TsCounters, TsDemuxer } from "../../wire/container/ts/demux/demuxer.ts";
import type { TsProgramInfo, TsSink } from "../../wire/container/ts/demux/track_sink.ts";
import type { FrameSink } from "../frame_sink.ts";
import type { InputCounts } from "../input_meter.ts";
import { FrameOutput } from "../rtp/frame_output.ts";
import { VIDEO_WAIT_MILLIS } from "../video_first.ts";
import { StartGate } from "./start_gate.ts";

/** Times of arrival are reported this often, ms. */
const ARRIVAL_CLOCK_EVERY = 5000;

export interface TsIntakeOptions {
  /** program_number; 0: the first one that comes. */
  readonly program: number;
  readonly clock: Clock;
  readonly sink: FrameSink;
  readonly tally: Tally;
  readonly log: Log;
}

interface OpenTrack {
  readonly output: FrameOutput;
  video: boolean;
  timescale: number;
  /** What session times are behind the stream's, in ticks of the track. */
  origin: number;
}

/**
 * A transport stream into the frames of one session. Session time 0 is the first frame that is passed on: the first
 * picture where there are pictures, because a stream that is joined between two key frames has sound long before.
 */
export class TsIntake implements TsSink {
  readonly #options: TsIntakeOptions;
  readonly #gate: StartGate;
  readonly #demuxer: TsDemuxer;
  readonly #tracks: (OpenTrack | undefined)[] = [];
  /** Seconds of the stream's time; NaN before the first frame. */
  #origin = NaN;
  #soundSince: MonoMillis | undefined;
  #newest = 0;
  #clockAt = -Infinity;
  #program: TsProgramInfo | undefined;
  /** Frames that could not be put together. */
  damaged = 0;

  constructor(options: TsIntakeOptions) {
    this.#options = options;
    this.#gate = new StartGate(options.sink, options.clock);
    this.#demuxer = new TsDemuxer(this, options.program === 0 ? {} : { program: options.program });
  }

  get counters(): TsCounters {
    return this.#demuxer.counters;
  }

  /** Programs of the newest table. */
  get listed(): readonly number[] {
    return this.#demuxer.listed;
  }

  /** The program that is read; undefined until its table has come. */
  get chosen(): TsProgramInfo | undefined {
    return this.#program;
  }

  /** Frames handed over or held for it. */
  get frames(): number {
    return this.#tracks.reduce((sum, track) => sum + (track?.output.frames ?? 0), 0);
  }

  /** Session time of the newest frame, milliseconds. */
  get newestMillis(): number {
    return this.#newest;
  }

  /** Adds what was counted of the transport stream itself. */
  addCounts(into: InputCounts): void {
    const { continuityErrors, scrambled } = this.#demuxer.counters;
    into.discontinued += continuityErrors;
    into.scrambled += scrambled;
    into.damaged += this.damaged;
    into.frames += this.frames;
  }

  /** Takes the next bytes of a stream without borders. */
  push(bytes: Uint8Array): void {
    this.#demuxer.push(bytes);
  }

  /** Takes one packet, `bytes[at, at + 188)`. */
  packet(bytes: Uint8Array, at: number): void {
    this.#demuxer.packet(bytes, at);
  }

  /** At least so many packets never came before the next one. */
  missing(packets: number): void {
    this.#demuxer.missing(packets);
  }

  /** The end of the stream: the last frames are handed over. */
  flush(): void {
    this.#demuxer.flush();
  }

  /** From the demuxer. */
  program(program: TsProgramInfo): void {
    this.#program = program;
    this.#gate.expect(program);
    const read = program.streams.map((s) =>
      s.track === undefined ? `type ${s.streamType} (not read)` : s.codec
    );
    this.#options.log.info(`program ${program.program}: ${read.join(", ")}`);
  }

  /** From the demuxer. */
  track(track: Track): void {
    const known = this.#tracks[track.id];
    const video = track.kind === "video";
    if (known === undefined) {
      const { tally, log } = this.#options;
      const output = new FrameOutput(this.#gate, tally, log);
      this.#tracks[track.id] = { output, video, timescale: track.timescale, origin: NaN };
      output.describe(track);
      return;
    }
    if (known.timescale !== track.timescale) known.origin = NaN;
    known.timescale = track.timescale;
    known.output.describe(track);
  }

  /** From the demuxer. */
  frame(id: number, info: FrameInfo, data: Uint8Array): void {
    const track = this.#tracks[id];
    if (track === undefined) return;
    const seconds = info.dts / track.timescale;
    if (Number.isNaN(this.#origin)) {
      if (!track.video && this.#waitsForVideo()) return;
      this.#origin = seconds;
    }
    // sound that was sent before the first picture, and belongs before it
    if (seconds < this.#origin && track.output.frames === 0) return;
    if (Number.isNaN(track.origin)) track.origin = Math.round(this.#origin * track.timescale);
    const at = (seconds - this.#origin) * 1000;
    if (at > this.#newest) this.#newest = at;
    if (track.video || !this.#hasVideo()) this.#wallClock(at);
    track.output.write({ ...info, dts: ticks(info.dts - track.origin) }, data);
  }

  /** From the demuxer. */
  mishap(name: string, detail: string): void {
    if (name === "ts damaged" || name === "ts PES packet dropped") this.damaged++;
    this.#options.tally.add(name, detail);
  }

  #hasVideo(): boolean {
    return this.#program?.streams.some((s) => isPicture(s.codec)) ?? false;
  }

  #waitsForVideo(): boolean {
    if (!this.#hasVideo()) return false;
    const now = this.#options.clock.mono();
    this.#soundSince ??= now;
    return now - this.#soundSince < VIDEO_WAIT_MILLIS;
  }

  /** Transport streams know no time of day: that of arrival stands in. */
  #wallClock(at: number): void {
    const { clock, sink } = this.#options;
    if (at - this.#clockAt < ARRIVAL_CLOCK_EVERY) return;
    this.#clockAt = at;
    sink.wallClock(streamMicros(Math.round(at * 1000)), clock.wall());
  }
}

function isPicture(codec: string): boolean {
  return Object.hasOwn(CODECS, codec) && kindOf(codec as Codec) === "video";
}
