import { decodeTsDescriptors, languageOf, type TsDescriptor } from "../descriptors.ts";
import { DESCRIPTOR_DVB_EXTENSION, DESCRIPTOR_SUBTITLING, EXTENSION_OPUS } from "../descriptors.ts";
import { DESCRIPTOR_TELETEXT, DESCRIPTOR_VBI_TELETEXT } from "../descriptors.ts";
import type { PesHeader } from "../pes.ts";
import { timeDifference } from "../pes.ts";
import type { PmtStream } from "../psi.ts";
import { isVideo, type StreamKind, streamKind } from "../stream_kind.ts";
import { Av1Stream } from "./av1_stream.ts";
import { audioFinder } from "./audio_finder.ts";
import { AudioStream } from "./audio_stream.ts";
import { DataStream } from "./data_stream.ts";
import { PesBuffer, type PesTaker } from "./pes_buffer.ts";
import type { ProgramClock } from "./program_clock.ts";
import { SectionBuffer } from "./section_buffer.ts";
import { type ElementaryStream, TrackOutput, type TsSink } from "./track_sink.ts";
import { VideoStream } from "./video_stream.ts";

/** What takes the payloads of one PID. */
export interface PidReader {
  payload(bytes: Uint8Array, from: number, to: number, unitStart: boolean): void;
  /** Packets are missing before the next one. */
  lost(): void;
  flush(): void;
}

/** A stream of a PMT that is read. */
export interface OpenStream {
  readonly kind: StreamKind;
  readonly language: string;
  readonly track: number;
  readonly reader: PidReader;
}

/** Descriptors of a stream; those of one whose loop is damaged are not looked at. */
export function descriptorsOf(stream: PmtStream): readonly TsDescriptor[] {
  const decoded = decodeTsDescriptors(stream.descriptors);
  return decoded.kind === "ok" ? decoded.value : [];
}

/** Opens a reader for a stream of a PMT; undefined where its codec is not known. */
export function openStream(
  stream: PmtStream,
  track: number,
  clock: ProgramClock,
  sink: TsSink,
): OpenStream | undefined {
  const descriptors = descriptorsOf(stream);
  const kind = streamKind(stream.streamType, descriptors);
  if (kind === undefined) return undefined;
  const language = languageOf(descriptors);
  const output = new TrackOutput(sink, track, language);
  const { codec, framing } = kind;
  if (framing === "sections") {
    const reader = new SectionReader(
      new DataStream(output, codec, new Uint8Array(0), false, () => clock.now),
      sink,
    );
    return { kind, language, track, reader };
  }
  const finder = audioFinder(framing, opusChannels(descriptors));
  const elementary: ElementaryStream = codec === "h264" || codec === "h265"
    ? new VideoStream(output, codec)
    : framing === "obu"
    ? new Av1Stream(output)
    : finder !== undefined
    ? new AudioStream(output, finder)
    : new DataStream(output, codec, configOf(descriptors), framing === "cells", () => clock.now);
  return { kind, language, track, reader: new PesReader(elementary, output, clock, isVideo(kind), sink) };
}

/** Channels as the Opus descriptor says them; 2 where it says nothing. */
function opusChannels(descriptors: readonly TsDescriptor[]): number {
  const found = descriptors.find((d) =>
    d.tag === DESCRIPTOR_DVB_EXTENSION && d.payload[0] === EXTENSION_OPUS
  );
  const code = found?.payload[1] ?? 2;
  return code >= 1 && code <= 8 ? code : 2; // 0 is dual mono
}

function configOf(descriptors: readonly TsDescriptor[]): Uint8Array {
  const tags = [DESCRIPTOR_SUBTITLING, DESCRIPTOR_TELETEXT, DESCRIPTOR_VBI_TELETEXT];
  return descriptors.find((d) => tags.includes(d.tag))?.payload.slice() ?? new Uint8Array(0);
}

/** PES packets of one PID, their times unwrapped, into a stream. */
class PesReader implements PidReader, PesTaker {
  readonly #stream: ElementaryStream;
  readonly #output: TrackOutput;
  readonly #clock: ProgramClock;
  readonly #buffer: PesBuffer;
  readonly #sink: TsSink;

  constructor(
    stream: ElementaryStream,
    output: TrackOutput,
    clock: ProgramClock,
    video: boolean,
    sink: TsSink,
  ) {
    this.#stream = stream;
    this.#output = output;
    this.#clock = clock;
    this.#sink = sink;
    this.#buffer = new PesBuffer(this, video);
  }

  payload(bytes: Uint8Array, from: number, to: number, unitStart: boolean): void {
    this.#buffer.push(bytes, from, to, unitStart);
  }

  lost(): void {
    if (this.#buffer.lost()) this.#sink.mishap("ts PES packet dropped", `track ${this.#output.id}`);
    this.#stream.lost();
  }

  flush(): void {
    this.#buffer.flush();
  }

  pes(header: PesHeader, payload: Uint8Array): void {
    if (header.scrambling !== 0) {
      this.#sink.mishap("ts scrambled", `track ${this.#output.id}`);
      return this.#stream.lost();
    }
    if (header.pts === undefined || header.dts === undefined) {
      return this.#stream.pes(payload, undefined, undefined, false);
    }
    const dts = this.#clock.unwrap(header.dts, this);
    this.#output.enter(this.#clock.epoch);
    const pts = dts + Math.max(0, timeDifference(header.pts, header.dts));
    this.#stream.pes(payload, pts, dts, header.dts !== header.pts);
  }

  damaged(why: string): void {
    this.#output.damaged(why);
    this.#stream.lost();
  }
}

/** Sections of one PID, each a frame. */
class SectionReader implements PidReader {
  readonly #buffer: SectionBuffer;
  readonly #sink: TsSink;

  constructor(stream: DataStream, sink: TsSink) {
    this.#sink = sink;
    this.#buffer = new SectionBuffer((section) => stream.frame(section.slice()));
  }

  payload(bytes: Uint8Array, from: number, to: number, unitStart: boolean): void {
    const wrong = this.#buffer.push(bytes.subarray(from, to), unitStart);
    if (wrong !== undefined) this.#sink.mishap("ts section", wrong);
  }

  lost(): void {
    this.#buffer.lost();
  }

  flush(): void {
    // A section that is not whole is none.
  }
}
