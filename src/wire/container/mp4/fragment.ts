import { emsgSize, type EventMessage, writeEmsg } from "./emsg.ts";
import { PRFT_SIZE, type ProducerTime, writePrft } from "./prft.ts";

/** One sample of a fragment. `data` may be a view on shared memory: its bytes are copied once, into the output. */
export interface FragmentSample {
  readonly data: Uint8Array;
  /** Ticks to the next sample, 0 to 2^32-1. */
  readonly duration: number;
  /** Presentation less decoding time in ticks, signed 32 bits. */
  readonly ptsOffset: number;
  /** A decoder may start here. */
  readonly key: boolean;
}

/** Consecutive samples of one track. A run without samples is left out. */
export interface FragmentRun {
  /** track_ID as in the init segment. */
  readonly id: number;
  /** Decoding time of the first sample in ticks: a safe integer, 0 or more. */
  readonly baseDts: number;
  readonly samples: readonly FragmentSample[];
}

/** What may stand before the `moof`. */
export interface FragmentOptions {
  /** `styp`: the first fragment of a segment, for DASH and CMAF. HLS does without. */
  readonly segmentType?: boolean;
  readonly producerTime?: ProducerTime;
  /** `emsg` boxes, in their order. */
  readonly events?: readonly EventMessage[];
  /** Whole boxes that stand last in each `traf`: Smooth Streaming has some there. */
  readonly trafBoxes?: Uint8Array;
}

/** Most bytes of one fragment: `trun`'s data offset is a signed 32-bit number. */
export const FRAGMENT_MAX = 0x7fffffff;

const STYP = 0x73747970, MOOF = 0x6d6f6f66, MFHD = 0x6d666864, TRAF = 0x74726166, TFHD = 0x74666864;
const TFDT = 0x74666474, TRUN = 0x7472756e, MDAT = 0x6d646174;

/** `msdh` (ISO/IEC 14496-12, 8.16.2) and CMAF's `cmfs` (ISO/IEC 23000-19, 7.2). */
const BRAND_MSDH = 0x6d736468, BRAND_CMFS = 0x636d6673;
const STYP_SIZE = 24;

// ISO/IEC 14496-12, 8.8.8.1: what `trun` holds; for each sample where the samples differ, else `tfhd` says it once.
const DATA_OFFSET = 0x1, FIRST_FLAGS = 0x4;
const DURATIONS = 0x100, SIZES = 0x200, FLAGS = 0x400, OFFSETS = 0x800;

// ISO/IEC 14496-12, 8.8.7.1
const DEFAULT_DURATION = 0x8, DEFAULT_SIZE = 0x10, DEFAULT_FLAGS = 0x20, DEFAULT_BASE_IS_MOOF = 0x20000;

/** ISO/IEC 14496-12, 8.8.3.1: depends on no other sample; depends on others and is no sync sample. */
const SYNC = 0x02000000, NOT_SYNC = 0x01010000;

const MOOF_AND_MFHD = 8 + 16;
const TRAF_TFHD_TFDT = 8 + 16 + 20;

/** Chooses the `trun` flags that write a run in the fewest bytes. */
function trunFlags(samples: readonly FragmentSample[]): number {
  const first = samples[0] as FragmentSample;
  const size = first.data.length;
  let flags = DATA_OFFSET;
  let keys = first.key ? 1 : 0;
  if (first.ptsOffset !== 0) flags |= OFFSETS;
  for (let i = 1; i < samples.length; i++) {
    const s = samples[i] as FragmentSample;
    if (s.duration !== first.duration) flags |= DURATIONS;
    if (s.data.length !== size) flags |= SIZES;
    if (s.ptsOffset !== 0) flags |= OFFSETS;
    if (s.key) keys++;
  }
  if (keys === 0 || keys === samples.length) return flags;
  return flags | (keys === 1 && first.key ? FIRST_FLAGS : FLAGS);
}

function tfhdFlags(trun: number): number {
  return DEFAULT_BASE_IS_MOOF | (trun & DURATIONS ? 0 : DEFAULT_DURATION) |
    (trun & SIZES ? 0 : DEFAULT_SIZE) | (trun & FLAGS ? 0 : DEFAULT_FLAGS);
}

/** Bytes a sample takes in `trun`. */
function rowSize(trun: number): number {
  return (trun & DURATIONS ? 4 : 0) + (trun & SIZES ? 4 : 0) + (trun & FLAGS ? 4 : 0) +
    (trun & OFFSETS ? 4 : 0);
}

/** Bytes of `tfhd`'s optional fields. */
function defaultsSize(trun: number): number {
  return (trun & DURATIONS ? 0 : 4) + (trun & SIZES ? 0 : 4) + (trun & FLAGS ? 0 : 4);
}

function trunSize(trun: number, count: number): number {
  return 20 + (trun & FIRST_FLAGS ? 4 : 0) + count * rowSize(trun);
}

function headSize(options: FragmentOptions | undefined): number {
  if (options === undefined) return 0;
  const { segmentType, producerTime, events } = options;
  let size = (segmentType === true ? STYP_SIZE : 0) + (producerTime === undefined ? 0 : PRFT_SIZE);
  if (events !== undefined) {
    for (let i = 0; i < events.length; i++) size += emsgSize(events[i] as EventMessage);
  }
  return size;
}

function moofSize(runs: readonly FragmentRun[], boxes: number): number {
  let size = MOOF_AND_MFHD;
  for (let i = 0; i < runs.length; i++) {
    const { samples } = runs[i] as FragmentRun;
    if (samples.length === 0) continue;
    const trun = trunFlags(samples);
    size += TRAF_TFHD_TFDT + defaultsSize(trun) + trunSize(trun, samples.length) + boxes;
  }
  return size;
}

function dataSize(runs: readonly FragmentRun[]): number {
  let size = 0;
  for (let i = 0; i < runs.length; i++) {
    const { samples } = runs[i] as FragmentRun;
    for (let j = 0; j < samples.length; j++) size += (samples[j] as FragmentSample).data.length;
  }
  return size;
}

/** Exactly how many bytes {@link writeFragment} will write for the same arguments. */
export function fragmentSize(runs: readonly FragmentRun[], options?: FragmentOptions): number {
  return headSize(options) + moofSize(runs, options?.trafBoxes?.length ?? 0) + 8 + dataSize(runs);
}

/**
 * Writes one movie fragment, ISO/IEC 14496-12, 8.8: `moof` and `mdat`, after them whatever `options` ask to precede.
 * `sequence` counts the fragments of the file (32 bits, wraps). Answers the bytes written. Throws RangeError when
 * `out` from `at` on is shorter than {@link fragmentSize} says, when the fragment is larger than
 * {@link FRAGMENT_MAX}, or when a time is negative; what `out` holds then is undefined.
 */
export function writeFragment(
  out: Uint8Array,
  at: number,
  sequence: number,
  runs: readonly FragmentRun[],
  options?: FragmentOptions,
): number {
  const boxes = options?.trafBoxes;
  const moof = moofSize(runs, boxes?.length ?? 0);
  const data = dataSize(runs);
  const total = headSize(options) + moof + 8 + data;
  if (total > FRAGMENT_MAX) throw new RangeError(`Cannot write a fragment of ${total} bytes`);
  if (at + total > out.length) {
    throw new RangeError(`Cannot write ${total} bytes at offset ${at}: only ${out.length - at} left`);
  }
  const view = new DataView(out.buffer, out.byteOffset, out.byteLength);
  let o = writeHead(out, view, at, options);
  view.setUint32(o, moof);
  view.setUint32(o + 4, MOOF);
  view.setUint32(o + 8, 16);
  view.setUint32(o + 12, MFHD);
  view.setUint32(o + 16, 0);
  view.setUint32(o + 20, sequence);
  o += MOOF_AND_MFHD;
  let offset = moof + 8; // of the run's data, from the start of the moof
  for (let i = 0; i < runs.length; i++) {
    const run = runs[i] as FragmentRun;
    if (run.samples.length === 0) continue;
    const traf = o;
    o = writeTraf(view, o, run, offset);
    if (boxes !== undefined) {
      out.set(boxes, o);
      o += boxes.length;
      view.setUint32(traf, o - traf);
    }
    const { samples } = run;
    for (let j = 0; j < samples.length; j++) offset += (samples[j] as FragmentSample).data.length;
  }
  view.setUint32(o, 8 + data);
  view.setUint32(o + 4, MDAT);
  o += 8;
  for (let i = 0; i < runs.length; i++) {
    const { samples } = runs[i] as FragmentRun;
    for (let j = 0; j < samples.length; j++) {
      const bytes = (samples[j] as FragmentSample).data;
      out.set(bytes, o);
      o += bytes.length;
    }
  }
  return total;
}

function writeHead(
  out: Uint8Array,
  view: DataView,
  at: number,
  options: FragmentOptions | undefined,
): number {
  let o = at;
  if (options?.segmentType === true) {
    view.setUint32(o, STYP_SIZE);
    view.setUint32(o + 4, STYP);
    view.setUint32(o + 8, BRAND_MSDH);
    view.setUint32(o + 12, 0);
    view.setUint32(o + 16, BRAND_MSDH);
    view.setUint32(o + 20, BRAND_CMFS);
    o += STYP_SIZE;
  }
  if (options?.producerTime !== undefined) o = writePrft(view, o, options.producerTime);
  const { events = [] } = options ?? {};
  for (let i = 0; i < events.length; i++) o = writeEmsg(out, view, o, events[i] as EventMessage);
  return o;
}

/** One track's `tfhd`, `tfdt` (version 1) and `trun` (version 1); answers where they end. */
function writeTraf(view: DataView, at: number, run: FragmentRun, dataOffset: number): number {
  const { samples, baseDts } = run;
  if (!(baseDts >= 0)) throw new RangeError(`Cannot write decoding time ${baseDts}`);
  const first = samples[0] as FragmentSample;
  const trun = trunFlags(samples);
  const defaults = defaultsSize(trun);
  const runSize = trunSize(trun, samples.length);
  view.setUint32(at, TRAF_TFHD_TFDT + defaults + runSize);
  view.setUint32(at + 4, TRAF);
  view.setUint32(at + 8, 16 + defaults);
  view.setUint32(at + 12, TFHD);
  view.setUint32(at + 16, tfhdFlags(trun));
  view.setUint32(at + 20, run.id);
  let o = at + 24;
  if ((trun & DURATIONS) === 0) {
    view.setUint32(o, first.duration);
    o += 4;
  }
  if ((trun & SIZES) === 0) {
    view.setUint32(o, first.data.length);
    o += 4;
  }
  if ((trun & FLAGS) === 0) {
    view.setUint32(o, first.key && (trun & FIRST_FLAGS) === 0 ? SYNC : NOT_SYNC);
    o += 4;
  }
  view.setUint32(o, 20);
  view.setUint32(o + 4, TFDT);
  view.setUint32(o + 8, 1 << 24);
  view.setUint32(o + 12, Math.floor(baseDts / 2 ** 32));
  view.setUint32(o + 16, baseDts);
  view.setUint32(o + 20, runSize);
  view.setUint32(o + 24, TRUN);
  view.setUint32(o + 28, (1 << 24) | trun);
  view.setUint32(o + 32, samples.length);
  view.setInt32(o + 36, dataOffset);
  o += 40;
  if (trun & FIRST_FLAGS) {
    view.setUint32(o, SYNC);
    o += 4;
  }
  return writeRows(view, o, trun, samples);
}

/** The rows of `trun`: for each sample what differs. */
function writeRows(view: DataView, at: number, trun: number, samples: readonly FragmentSample[]): number {
  if (rowSize(trun) === 0) return at;
  let o = at;
  for (let i = 0; i < samples.length; i++) {
    const s = samples[i] as FragmentSample;
    if (trun & DURATIONS) {
      view.setUint32(o, s.duration);
      o += 4;
    }
    if (trun & SIZES) {
      view.setUint32(o, s.data.length);
      o += 4;
    }
    if (trun & FLAGS) {
      view.setUint32(o, s.key ? SYNC : NOT_SYNC);
      o += 4;
    }
    if (trun & OFFSETS) {
      view.setInt32(o, s.ptsOffset);
      o += 4;
    }
  }
  return o;
}
