import { sameBytes } from "../../../../base/bytes.ts";
import { isStreamPid, type Pmt } from "../psi.ts";
import { languageOf } from "../descriptors.ts";
import { isVideo } from "../stream_kind.ts";
import { ProgramClock } from "./program_clock.ts";
import { descriptorsOf, type OpenStream, openStream, type PidReader } from "./program_streams.ts";
import type { TsSink } from "./track_sink.ts";

/** Tracks that are opened while a stream lasts; more are left out. */
export const TS_TRACKS_MAX = 256;

/** Video streams of a program that are read; their buffers are the large ones. */
export const TS_VIDEOS_MAX = 8;

/** Hands out track numbers, for all programs of a stream. */
export class TrackNumbers {
  #next = 0;

  take(): number | undefined {
    return this.#next < TS_TRACKS_MAX ? this.#next++ : undefined;
  }
}

/** One program: its clock and the streams of its PMT. */
export class OpenProgram {
  readonly number: number;
  readonly pmtPid: number;
  readonly clock = new ProgramClock();
  pcrPid = -1;
  readonly #sink: TsSink;
  readonly #numbers: TrackNumbers;
  readonly #streams = new Map<number, OpenStream>();
  /** The section in force, to tell a new one: there are muxers that change it and not its version. */
  #section = new Uint8Array(0);

  constructor(number: number, pmtPid: number, sink: TsSink, numbers: TrackNumbers) {
    this.number = number;
    this.pmtPid = pmtPid;
    this.#sink = sink;
    this.#numbers = numbers;
  }

  /** Readers by PID. */
  get readers(): ReadonlyMap<number, PidReader> {
    return new Map([...this.#streams].map(([pid, s]) => [pid, s.reader]));
  }

  /** Whether this section is the one in force. */
  holds(section: Uint8Array): boolean {
    return sameBytes(this.#section, section);
  }

  /** Takes a new PMT into use: streams that go on keep their track, the others end or begin. */
  use(section: Uint8Array, version: number, pmt: Pmt): void {
    this.#section = section.slice();
    this.pcrPid = pmt.pcrPid;
    const before = new Map(this.#streams);
    this.#streams.clear();
    const listed = pmt.streams.map((stream) => {
      const { pid, streamType } = stream;
      const language = languageOf(descriptorsOf(stream));
      const old = before.get(pid);
      // Opened again where it says something else now, as the codec's name is part of the track.
      let open = isStreamPid(pid) && pid !== this.pmtPid && !this.#streams.has(pid)
        ? openStream(stream, old?.track ?? -1, this.clock, this.#sink)
        : undefined;
      if (open !== undefined && isVideo(open.kind) && this.#videos() >= TS_VIDEOS_MAX) open = undefined;
      if (old !== undefined && open !== undefined && sameStream(old, open)) open = old;
      else if (open !== undefined) {
        const track = this.#numbers.take();
        open = track === undefined ? undefined : openStream(stream, track, this.clock, this.#sink);
      }
      if (open !== undefined) {
        this.#streams.set(pid, open);
        if (open === old) before.delete(pid);
      }
      return { pid, streamType, track: open?.track, codec: open?.kind.codec ?? "", language };
    });
    for (const gone of before.values()) gone.reader.flush();
    const { number: program, pmtPid, pcrPid } = this;
    this.#sink.program?.({ program, version, pmtPid, pcrPid, streams: listed });
  }

  #videos(): number {
    let n = 0;
    for (const { kind } of this.#streams.values()) if (isVideo(kind)) n++;
    return n;
  }

  flush(): void {
    for (const { reader } of this.#streams.values()) reader.flush();
  }
}

function sameStream(a: OpenStream, b: OpenStream): boolean {
  return a.kind.codec === b.kind.codec && a.kind.framing === b.kind.framing && a.language === b.language;
}
