import type { FrameRecord, PartRow, TrackView } from "../../../buffer/track_view.ts";
import { wallMillis } from "../../../base/units.ts";
import type { AudioTrack } from "../../../media/track.ts";
import { becomesFlac, FlacRun } from "../../../wire/codec/flac/flac_audio.ts";
import { fragmentSize, writeFragment } from "../../../wire/container/mp4/fragment.ts";
import { InitSections } from "./init_section.ts";
import { type EventSource, PartEvents } from "./part_events.ts";
import type { MuxResult, PartFormat } from "./part_format.ts";
import type { SegmentFacts } from "./rendition_segment.ts";
import type { SegmentBuffer } from "./segment_buffer.ts";
import type { Silence, SilentSpan } from "./silence.ts";

/** One sample, its object used again for each part. */
export interface MuxSample {
  data: Uint8Array;
  duration: number;
  ptsOffset: number;
  key: boolean;
}

class Run {
  baseDts = 0;
  /** Decoding time of the last sample. */
  endsAt = 0;
  /** Some of it lies in the buffer. */
  borrowed = false;
  readonly samples: MuxSample[] = [];
  readonly #pool: MuxSample[] = [];

  constructor(readonly id: number) {}

  clear(): void {
    this.samples.length = 0;
    this.borrowed = false;
  }

  add(data: Uint8Array, duration: number, ptsOffset: number, key: boolean): MuxSample {
    const n = this.samples.length;
    let sample = this.#pool[n];
    if (sample === undefined) {
      sample = { data, duration, ptsOffset, key };
      this.#pool.push(sample);
    } else {
      sample.data = data;
      sample.duration = duration;
      sample.ptsOffset = ptsOffset;
      sample.key = key;
    }
    this.samples.push(sample);
    return sample;
  }
}

/** Parts of one segment never reach this number (30 s of 50 ms parts are 600). */
const PARTS_MAX = 1024;

/** `mfhd` sequence number: a function of the part alone, so that every worker writes the same bytes. */
function fragmentSequence(msn: number, part: number): number {
  return (msn * PARTS_MAX + part + 1) % 2 ** 32;
}

/**
 * Parts of one or several tracks as fragments of MP4: one `moof` and `mdat` a part; before the first one of a segment,
 * what DASH and CMAF want there, and before any of them the events that came meanwhile. Frames are copied once, from shared memory into the segment.
 */
export class Mp4Parts implements PartFormat {
  readonly extension = "m4s";
  readonly mimeType: string;
  readonly #tracks: readonly TrackView[];
  readonly #runs: readonly Run[];
  readonly #flac: (FlacRun | undefined)[];
  readonly #record: FrameRecord;
  readonly #inits: InitSections;
  readonly #events: PartEvents;
  readonly #silences: readonly (Silence | undefined)[];

  /**
   * Track number n of the file (`track_ID`) is `tracks[n - 1]`. `events` go along in the parts during which they came;
   * `silences[n - 1]` fills the parts that the track leaves out.
   */
  constructor(
    tracks: readonly TrackView[],
    record: FrameRecord,
    events: () => EventSource | undefined = () => undefined,
    silences: readonly (Silence | undefined)[] = [],
  ) {
    this.#tracks = tracks;
    this.#runs = tracks.map((_, n) => new Run(n + 1));
    this.#flac = tracks.map(() => undefined);
    this.#record = record;
    this.#inits = new InitSections(tracks);
    this.#events = new PartEvents(events);
    this.#silences = silences;
    this.mimeType = tracks.every((track) => track.kind === "audio") ? "audio/mp4" : "video/mp4";
  }

  needs(versions: readonly number[]): { readonly map: string } | undefined {
    const section = this.#inits.section(versions);
    return section === undefined ? undefined : { map: section.name };
  }

  init(name: string): Uint8Array<ArrayBuffer> | undefined {
    return this.#inits.bytes(name);
  }

  keep(versions: ReadonlySet<string>): void {
    this.#inits.keep(versions);
  }

  append(
    { msn, runMicros, runWallMillis }: SegmentFacts,
    part: number,
    versions: readonly number[],
    out: SegmentBuffer,
  ): MuxResult {
    let first: Run | undefined;
    let scale = 1;
    for (let n = 0; n < this.#tracks.length; n++) {
      const run = this.#runs[n] as Run;
      run.clear();
      this.#flac[n]?.begin();
      const row = (this.#tracks[n] as TrackView).part(msn, part);
      if (row === undefined) this.#loadSilence(n, this.#silences[n]?.instead(msn, part, versions[n]));
      else if (row.configVersion !== versions[n]) continue;
      else if (!this.#load(n, row, this.#silences[n]?.before(msn, part, row))) return "lapped";
      if (first !== undefined || run.samples.length === 0) continue;
      first = run;
      scale = (this.#tracks[n] as TrackView).track(versions[n])?.track.timescale ?? 1;
    }
    if (first === undefined) return "gap";
    if (!this.#events.load(msn, part, scale)) return "lapped";
    const sequence = fragmentSequence(msn, part);
    const { events } = this.#events;
    const options = part === 0
      ? {
        events,
        segmentType: true,
        producerTime: {
          trackId: first.id,
          wall: wallMillis(runWallMillis + ((first.baseDts / scale) * 1e6 - runMicros) / 1000),
          mediaTime: first.baseDts,
        },
      }
      : { events };
    const whole = out.append(fragmentSize(this.#runs, options), (bytes, at) => {
      writeFragment(bytes, at, sequence, this.#runs, options);
      return this.#intact(msn, part);
    });
    return whole ? "ok" : "lapped";
  }

  /**
   * A segment of a single track as one fragment with `boxes` in its `traf`; undefined when some of it is gone, or where
   * there is none.
   */
  whole(
    msn: number,
    parts: number,
    versions: readonly number[],
    boxes: Uint8Array,
  ): Uint8Array<ArrayBuffer> | undefined {
    const run = this.#runs[0] as Run;
    const view = this.#tracks[0] as TrackView;
    let first: PartRow | undefined;
    run.clear();
    this.#flac[0]?.begin();
    for (let part = 0; part < parts; part++) {
      const row = view.part(msn, part);
      const begin = run.samples.length > 0 ? run.baseDts : undefined;
      if (row === undefined) this.#loadSilence(0, this.#silences[0]?.instead(msn, part, versions[0]));
      else if (row.configVersion !== versions[0]) continue;
      else if (!this.#load(0, row, this.#silences[0]?.before(msn, part, row))) return undefined;
      else first ??= row;
      if (begin !== undefined) run.baseDts = begin;
    }
    if (run.samples.length === 0) return undefined;
    const runs = [run];
    const out = new Uint8Array(fragmentSize(runs, { trafBoxes: boxes }));
    writeFragment(out, 0, fragmentSequence(msn, 0), runs, { trafBoxes: boxes });
    return first === undefined || view.intact(first.first) ? out : undefined;
  }

  /** Collects the frames of a part, and silence before them, behind those that are there; false when they are gone. */
  #load(n: number, row: PartRow, before: SilentSpan | undefined): boolean {
    const view = this.#tracks[n] as TrackView;
    const run = this.#runs[n] as Run;
    const record = this.#record;
    const track = view.track(row.configVersion)?.track;
    if (track === undefined) return false;
    const flac = track.kind === "audio" && becomesFlac(track.codec) ? this.#flacRun(n, track) : undefined;
    if (before !== undefined) this.#addSilence(run, before, flac);
    run.baseDts = before?.start ?? row.startDts;
    run.borrowed = true;
    let last = run.samples.at(-1);
    let lastDts = run.endsAt;
    for (let i = 0; i < row.count; i++) {
      if (view.read(row.first + i, record) !== "ok") return false;
      if (flac !== undefined) {
        flac.add(record.dts, record.data);
        continue;
      }
      // The length of a frame is how long it is until the next; only the last one's is taken on trust.
      if (last !== undefined) last.duration = record.dts - lastDts;
      last = run.add(record.data, Math.max(1, record.duration), record.ptsOffset, record.key);
      lastDts = record.dts;
    }
    run.endsAt = lastDts;
    while (flac?.next()) run.add(flac.data, flac.duration, 0, true);
    return true;
  }

  /** Collects silence behind the frames that are there. */
  #loadSilence(n: number, span: SilentSpan | undefined): void {
    if (span === undefined) return;
    const run = this.#runs[n] as Run;
    const flac = becomesFlac(span.track.codec) ? this.#flacRun(n, span.track) : undefined;
    this.#addSilence(run, span, flac);
    run.baseDts = span.start;
    while (flac?.next()) run.add(flac.data, flac.duration, 0, true);
  }

  #addSilence(
    run: Run,
    { start, length, frame: { data, ticks } }: SilentSpan,
    flac: FlacRun | undefined,
  ): void {
    if (flac !== undefined) {
      const samples = new Uint8Array(data.length * length);
      for (let at = 0; at < samples.length; at += data.length) samples.set(data, at);
      return flac.add(start, samples);
    }
    const last = run.samples.at(-1);
    if (last !== undefined) last.duration = start - run.endsAt;
    const count = Math.max(1, Math.round(length / ticks));
    for (let i = 0; i < count; i++) {
      run.add(data, i < count - 1 ? ticks : length - i * ticks, 0, true);
    }
    run.endsAt = start + (count - 1) * ticks;
  }

  #flacRun(n: number, track: AudioTrack): FlacRun {
    let run = this.#flac[n];
    // A track read from the buffer is a new object when its configuration changed.
    if (run === undefined || run.track !== track) run = this.#flac[n] = new FlacRun(track);
    return run;
  }

  /** The proof, after the copy: the writer has not come past the first frame of any track. */
  #intact(msn: number, part: number): boolean {
    for (let n = 0; n < this.#tracks.length; n++) {
      if (!(this.#runs[n] as Run).borrowed) continue;
      const view = this.#tracks[n] as TrackView;
      const row = view.part(msn, part);
      if (row === undefined || !view.intact(row.first)) return false;
    }
    return this.#events.intact();
  }
}
