import {
  type FrameRecord,
  makeFrameRecord,
  type PartRow,
  type TrackView,
} from "../../../buffer/track_view.ts";
import type { Ticks } from "../../../base/units.ts";
import type { Track } from "../../../media/track.ts";
import { NotInTs } from "../../../wire/container/ts/mux/not_in_ts.ts";
import { openProgram } from "../../../wire/container/ts/mux/program.ts";
import { TsUnitWriter } from "../../../wire/container/ts/mux/unit.ts";
import type { MuxResult, PartFormat } from "./part_format.ts";
import type { SegmentFacts } from "./rendition_segment.ts";
import type { SegmentBuffer } from "./segment_buffer.ts";
import type { Silence, SilentSpan } from "./silence.ts";
import { TimedData } from "./timed_data.ts";

/** A frame on its way into a part, its object used again. */
interface PartFrame {
  track: number;
  dts: number;
  ptsOffset: number;
  duration: number;
  key: boolean;
  withSets: boolean;
  data: Uint8Array;
  /** Decoding time, seconds: frames are sent in this order. */
  time: number;
}

/** What frames of one configuration are written with. */
interface Writer {
  readonly unit: TsUnitWriter;
  readonly scales: readonly number[];
}

/** Writers that are kept for configurations that no listed segment has. */
const KEPT = 8;
/** A frame of sound or data that no PES packet can hold is left out. */
const FRAME_MAX = 65_000;

/**
 * Parts as MPEG-TS: each begins with tables and parameter sets and can be read by itself, and parts and segments follow
 * each other without a continuity error. Tables behind the first part of a segment say that they are the same again.
 */
export class TsParts implements PartFormat {
  readonly extension = "ts";
  readonly mimeType = "video/mp2t";
  readonly #tracks: readonly TrackView[];
  readonly #data: readonly TimedData[];
  readonly #record: FrameRecord;
  readonly #silent = makeFrameRecord();
  readonly #silences: readonly (Silence | undefined)[];
  readonly #writers = new Map<string, Writer | undefined>();
  readonly #pool: PartFrame[] = [];
  readonly #frames: PartFrame[] = [];

  /** `data` goes along in the parts during which it came; `silences[n]` fills the parts that track n leaves out. */
  constructor(
    tracks: readonly TrackView[],
    data: readonly TrackView[],
    record: FrameRecord = makeFrameRecord(),
    silences: readonly (Silence | undefined)[] = [],
  ) {
    this.#tracks = tracks;
    this.#data = data.map((view) => new TimedData(view, tracks[0] as TrackView));
    this.#record = record;
    this.#silences = silences;
  }

  needs(versions: readonly number[]): { readonly map: undefined } | undefined {
    return this.#writer(versions) === undefined ? undefined : { map: undefined };
  }

  init(): undefined {
    return undefined;
  }

  keep(used: ReadonlySet<string>): void {
    for (const key of this.#writers.keys()) {
      if (!used.has(key) && this.#writers.size > KEPT) this.#writers.delete(key);
    }
  }

  append(
    { msn }: SegmentFacts,
    part: number,
    versions: readonly number[],
    out: SegmentBuffer,
  ): MuxResult {
    const writer = this.#writer(versions);
    if (writer === undefined) return "gap";
    this.#frames.length = 0;
    for (let n = 0; n < this.#tracks.length; n++) {
      const row = (this.#tracks[n] as TrackView).part(msn, part);
      const silence = this.#silences[n];
      if (row === undefined) this.#loadSilence(n, silence?.instead(msn, part, versions[n]), writer);
      else if (row.configVersion === versions[n]) {
        this.#loadSilence(n, silence?.before(msn, part, row), writer);
        if (!this.#load(n, row, writer)) return "lapped";
      }
    }
    if (this.#frames.length === 0) return "gap";
    if (!this.#loadData(msn, part, writer)) return "lapped";
    this.#frames.sort((a, b) => a.time - b.time || a.track - b.track);
    const { unit } = writer;
    const again = part > 0;
    const whole = out.append(unit.size(this.#frames, msn, again), (bytes, at) => {
      unit.write(bytes, at, this.#frames, msn, again);
      return this.#intact(msn, part);
    });
    return whole ? "ok" : "lapped";
  }

  #load(n: number, row: PartRow, { scales }: Writer): boolean {
    const view = this.#tracks[n] as TrackView;
    const record = this.#record;
    let last: PartFrame | undefined;
    for (let i = 0; i < row.count; i++) {
      if (view.read(row.first + i, record) !== "ok") return false;
      if (last !== undefined) last.duration = record.dts - last.dts;
      if (view.kind !== "video" && record.size > FRAME_MAX) continue;
      last = this.#add(n, record, scales[n] as number);
      last.withSets = i === 0;
    }
    return true;
  }

  #loadSilence(n: number, span: SilentSpan | undefined, { scales }: Writer): void {
    if (span === undefined) return;
    const { start, length, frame: { data, ticks } } = span;
    const record = this.#silent;
    record.data = data;
    record.size = data.length;
    record.key = true;
    for (let at = 0; at + ticks / 2 <= length; at += ticks) {
      record.dts = start + at as Ticks;
      record.duration = ticks;
      this.#add(n, record, scales[n] as number);
    }
  }

  #loadData(msn: number, part: number, { scales }: Writer): boolean {
    for (let n = 0; n < this.#data.length; n++) {
      const track = this.#tracks.length + n;
      const data = this.#data[n] as TimedData;
      const scale = scales[track] as number;
      const read = data.read(msn, part, this.#record, (record) => {
        if (record.size <= FRAME_MAX) this.#add(track, record, scale);
      });
      if (!read) return false;
    }
    return true;
  }

  #add(track: number, record: FrameRecord, scale: number): PartFrame {
    const n = this.#frames.length;
    let frame = this.#pool[n];
    if (frame === undefined) {
      frame = {
        track,
        dts: 0,
        ptsOffset: 0,
        duration: 1,
        key: true,
        withSets: false,
        data: record.data,
        time: 0,
      };
      this.#pool.push(frame);
    }
    frame.track = track;
    frame.dts = record.dts;
    frame.ptsOffset = record.ptsOffset;
    frame.duration = Math.max(1, record.duration);
    frame.key = record.key;
    frame.withSets = false;
    frame.data = record.data;
    frame.time = record.dts / scale;
    this.#frames.push(frame);
    return frame;
  }

  /** The proof, after the copy: the writer has not come past the first frame of any track. */
  #intact(msn: number, part: number): boolean {
    for (const view of this.#tracks) {
      const row = view.part(msn, part);
      if (row !== undefined && !view.intact(row.first)) return false;
    }
    return this.#data.every((data) => data.intact());
  }

  #writer(versions: readonly number[]): Writer | undefined {
    const key = versions.join("_");
    if (!this.#writers.has(key)) this.#writers.set(key, this.#open(versions));
    return this.#writers.get(key);
  }

  #open(versions: readonly number[]): Writer | undefined {
    const tracks: (Track | undefined)[] = this.#tracks.map((t, n) => t.track(versions[n])?.track);
    for (const data of this.#data) tracks.push(data.view.track()?.track);
    if (!tracks.every((t) => t !== undefined)) return undefined;
    try {
      const version = versions.reduce((a, b) => a + b, 0) & 31;
      return {
        unit: new TsUnitWriter(openProgram(tracks, { version })),
        scales: tracks.map((t) => t.timescale),
      };
    } catch (e) {
      if (e instanceof NotInTs) return undefined;
      throw e;
    }
  }
}
