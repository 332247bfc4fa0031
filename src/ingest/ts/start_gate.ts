import type { Clock } from "../../base/clock.ts";
import type { StreamMicros, WallMillis } from "../../base/units.ts";
import { type Codec, CODECS, kindOf } from "../../media/codec.ts";
import type { Track } from "../../media/track.ts";
import type { TsProgramInfo } from "../../wire/container/ts/demux/track_sink.ts";
import type { FrameSink, TrackSink } from "../frame_sink.ts";

/** How long the first tracks of a program wait for the others, milliseconds. */
export const GATE_MILLIS = 1000;

/**
 * Lets the first frames of a program through when all its pictures and sounds have a place, or after a second: what is
 * read at once has whole parts of the first track before the second one is known, and players that come then would
 * take the stream for one without sound.
 */
export class StartGate implements FrameSink {
  readonly #sink: FrameSink;
  readonly #clock: Clock;
  #expected = Infinity;
  #added = 0;
  #open = false;
  #waiting: (() => void)[] = [];

  constructor(sink: FrameSink, clock: Clock) {
    this.#sink = sink;
    this.#clock = clock;
  }

  /** The program's streams are known. */
  expect(program: TsProgramInfo): void {
    this.#expected =
      program.streams.filter((s) =>
        s.track !== undefined && Object.hasOwn(CODECS, s.codec) && kindOf(s.codec as Codec) !== "data"
      )
        .length;
    this.#look();
  }

  async addTrack(track: Track): Promise<TrackSink> {
    const inner = await this.#sink.addTrack(track);
    if (this.#open) return inner;
    if (track.kind !== "data") this.#added++;
    if (this.#waiting.length === 0) this.#clock.after(GATE_MILLIS, () => this.#release());
    const opened = new Promise<void>((resolve) => this.#waiting.push(resolve));
    this.#look();
    await opened;
    return inner;
  }

  wallClock(at: StreamMicros, wall: WallMillis): void {
    this.#sink.wallClock(at, wall);
  }

  #look(): void {
    if (this.#added >= this.#expected) this.#release();
  }

  #release(): void {
    this.#open = true;
    for (const go of this.#waiting) go();
    this.#waiting = [];
  }
}
