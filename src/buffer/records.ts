import type { MonoMillis, StreamMicros, Ticks, WallMillis } from "../base/units.ts";

/** What a reader gets of a frame. Reused from read to read; `data` is a view on shared memory and wants proof. */
export interface FrameRecord {
  sequence: number;
  dts: Ticks;
  ptsOffset: number;
  duration: number;
  size: number;
  data: Uint8Array;
  key: boolean;
  discontinuity: boolean;
  startsSegment: boolean;
  startsPart: boolean;
  /** The writer knew when it wrote the frame that no further one comes in this part. */
  endsPart: boolean;
  /** Segment that the frame is in; -1 when it came before the session's first boundary. */
  msn: number;
  /** Part that the frame is in; -1 as above. */
  part: number;
  /** Version of the track's init data that the frame needs; its time scale is that of `dts`. */
  configVersion: number;
  arrival: MonoMillis;
}

/** A closed part of one track. */
export interface PartRow {
  msn: number;
  part: number;
  /** Sequence of its first frame; the others follow without gaps. */
  first: number;
  count: number;
  startDts: Ticks;
  durationTicks: number;
  /** Begins with a key frame. */
  independent: boolean;
  discontinuity: boolean;
  configVersion: number;
  /** Sum of the frames' sizes. */
  bytes: number;
  closedAt: MonoMillis;
}

/** A segment of the stream. */
export interface SegmentRow {
  msn: number;
  startMicros: StreamMicros;
  /** Its length; 0 while it is open. */
  durationMicros: number;
  /** Wall-clock time of its start. */
  wallMillis: WallMillis;
  /**
   * Start of the run that the segment belongs to: segments without a discontinuity or a change of parameters between
   * them, whose times go with this machine's clock. In stream time, and when its first frame was written by that clock.
   */
  runMicros: StreamMicros;
  runWallMillis: WallMillis;
  /** It does not continue the segment before. */
  discontinuity: boolean;
  /** Discontinuities of the stream so far, this segment's own included. */
  discontinuitySequence: number;
}

const NOTHING = new Uint8Array(0);

/** An empty record to read into. */
export function makeFrameRecord(): FrameRecord {
  return {
    sequence: 0,
    dts: 0 as Ticks,
    ptsOffset: 0,
    duration: 0,
    size: 0,
    data: NOTHING,
    key: false,
    discontinuity: false,
    startsSegment: false,
    startsPart: false,
    endsPart: false,
    msn: -1,
    part: -1,
    configVersion: 0,
    arrival: 0 as MonoMillis,
  };
}

/** An empty row to read into. */
export function makePartRow(): PartRow {
  return {
    msn: -1,
    part: -1,
    first: 0,
    count: 0,
    startDts: 0 as Ticks,
    durationTicks: 0,
    independent: false,
    discontinuity: false,
    configVersion: 0,
    bytes: 0,
    closedAt: 0 as MonoMillis,
  };
}

/** An empty row to read into. */
export function makeSegmentRow(): SegmentRow {
  return {
    msn: -1,
    startMicros: 0 as StreamMicros,
    durationMicros: 0,
    wallMillis: 0 as WallMillis,
    runMicros: 0 as StreamMicros,
    runWallMillis: 0 as WallMillis,
    discontinuity: false,
    discontinuitySequence: 0,
  };
}
