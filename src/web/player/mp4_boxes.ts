/** ISO/IEC 14496-12: as much as is needed to take frames out of fragmented MP4. */

/** A box in `bytes`: `at` its header, `body` its content, `end` what follows. */
export interface Box {
  readonly type: string;
  readonly at: number;
  readonly body: number;
  readonly end: number;
}

export interface Mp4Track {
  readonly id: number;
  readonly kind: "video" | "audio" | "other";
  readonly timescale: number;
  /** Type of the sample entry: `hvc1`, `mp4a` … */
  readonly entry: string;
  /** Content of `hvcC`; empty for others. */
  readonly config: Uint8Array<ArrayBuffer>;
  readonly width: number;
  readonly height: number;
}

/** One frame; times in the track's own timescale. */
export interface Mp4Sample {
  readonly track: number;
  readonly dts: number;
  readonly pts: number;
  readonly duration: number;
  readonly key: boolean;
  /** A view on the fragment. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** A box may not be longer than this, bytes. */
const BOX_MAX = 64 << 20;

/** The boxes that stand whole between two places, in order; throws on a length that cannot be. */
export function readBoxes(
  bytes: Uint8Array,
  from = 0,
  to = bytes.length,
): Box[] {
  const view = viewOf(bytes);
  const found: Box[] = [];
  for (let at = from; at + 8 <= to;) {
    let size = view.getUint32(at);
    let header = 8;
    if (size === 1) {
      if (at + 16 > to) break;
      size = Number(view.getBigUint64(at + 8));
      header = 16;
    }
    if (size < header || size > BOX_MAX) {
      throw new Error(`A box of ${size} bytes at offset ${at}`);
    }
    if (at + size > to) break;
    found.push({
      type: fourCc(bytes, at + 4),
      at,
      body: at + header,
      end: at + size,
    });
    at += size;
  }
  return found;
}

/** The box at the end of a path of types; undefined when there is none. */
export function findBox(
  bytes: Uint8Array,
  path: readonly string[],
  from = 0,
  to = bytes.length,
): Box | undefined {
  let box: Box | undefined;
  for (const type of path) {
    box = readBoxes(bytes, from, to).find((b) => b.type === type);
    if (box === undefined) return undefined;
    [from, to] = [box.body, box.end];
  }
  return box;
}

/** What the tracks of an initialisation segment are. */
export function readTracks(bytes: Uint8Array<ArrayBuffer>): Mp4Track[] {
  const moov = findBox(bytes, ["moov"]);
  if (moov === undefined) return [];
  const tracks: Mp4Track[] = [];
  for (const trak of readBoxes(bytes, moov.body, moov.end)) {
    if (trak.type === "trak") tracks.push(readTrack(bytes, trak));
  }
  return tracks;
}

const KINDS: Readonly<Record<string, Mp4Track["kind"]>> = {
  vide: "video",
  soun: "audio",
};

function readTrack(bytes: Uint8Array<ArrayBuffer>, trak: Box): Mp4Track {
  const view = viewOf(bytes);
  const inside = (...path: string[]): Box => {
    const box = findBox(bytes, path, trak.body, trak.end);
    if (box === undefined) throw new Error(`A track without ${path.join("/")}`);
    return box;
  };
  const tkhd = inside("tkhd");
  const mdhd = inside("mdia", "mdhd");
  const long = (box: Box) => bytes[box.body] === 1;
  const stsd = inside("mdia", "minf", "stbl", "stsd");
  const [entry] = readBoxes(bytes, stsd.body + 8, stsd.end);
  if (entry === undefined) throw new Error("A track without a sample entry");
  const kind = KINDS[fourCc(bytes, inside("mdia", "hdlr").body + 8)] ?? "other";
  // VisualSampleEntry: 78 bytes before its boxes
  const hvcC = kind === "video"
    ? readBoxes(bytes, entry.body + 78, entry.end).find((b) => b.type === "hvcC")
    : undefined;
  return {
    id: view.getUint32(tkhd.body + (long(tkhd) ? 20 : 12)),
    kind,
    timescale: view.getUint32(mdhd.body + (long(mdhd) ? 20 : 12)),
    entry: entry.type,
    config: hvcC === undefined ? new Uint8Array() : bytes.slice(hvcC.body, hvcC.end),
    width: kind === "video" ? view.getUint16(entry.body + 24) : 0,
    height: kind === "video" ? view.getUint16(entry.body + 26) : 0,
  };
}

/** Defaults of `trex` by track. */
export type Defaults = ReadonlyMap<
  number,
  { duration: number; size: number; flags: number }
>;

export function readDefaults(bytes: Uint8Array): Defaults {
  const mvex = findBox(bytes, ["moov", "mvex"]);
  const defaults = new Map<
    number,
    { duration: number; size: number; flags: number }
  >();
  if (mvex === undefined) return defaults;
  const view = viewOf(bytes);
  for (const box of readBoxes(bytes, mvex.body, mvex.end)) {
    if (box.type !== "trex") continue;
    defaults.set(view.getUint32(box.body + 4), {
      duration: view.getUint32(box.body + 12),
      size: view.getUint32(box.body + 16),
      flags: view.getUint32(box.body + 20),
    });
  }
  return defaults;
}

const NOT_SYNC = 0x10000;

/** The frames of one `moof` that stands in `bytes` with its `mdat` behind it. */
export function readSamples(
  bytes: Uint8Array<ArrayBuffer>,
  moof: Box,
  defaults: Defaults,
): Mp4Sample[] {
  const samples: Mp4Sample[] = [];
  for (const traf of readBoxes(bytes, moof.body, moof.end)) {
    if (traf.type === "traf") readTraf(bytes, moof, traf, defaults, samples);
  }
  return samples;
}

function readTraf(
  bytes: Uint8Array<ArrayBuffer>,
  moof: Box,
  traf: Box,
  defaults: Defaults,
  out: Mp4Sample[],
): void {
  const view = viewOf(bytes);
  const boxes = readBoxes(bytes, traf.body, traf.end);
  const tfhd = boxes.find((b) => b.type === "tfhd");
  const tfdt = boxes.find((b) => b.type === "tfdt");
  if (tfhd === undefined) throw new Error("A traf without tfhd");
  const given = view.getUint32(tfhd.body) & 0xffffff;
  const track = view.getUint32(tfhd.body + 4);
  let at = tfhd.body + 8;
  const optional = (flag: number, size = 4): number | undefined => {
    if ((given & flag) === 0) return undefined;
    at += size;
    return size === 8 ? Number(view.getBigUint64(at - 8)) : view.getUint32(at - size);
  };
  const base = optional(0x1, 8) ?? moof.at;
  optional(0x2);
  const usual = defaults.get(track);
  const duration = optional(0x8) ?? usual?.duration ?? 0;
  const size = optional(0x10) ?? usual?.size ?? 0;
  const flags = optional(0x20) ?? usual?.flags ?? 0;
  let dts = tfdt === undefined
    ? 0
    : bytes[tfdt.body] === 1
    ? Number(view.getBigUint64(tfdt.body + 4))
    : view.getUint32(tfdt.body + 4);
  let data = base;
  for (const trun of boxes) {
    if (trun.type !== "trun") continue;
    const has = view.getUint32(trun.body) & 0xffffff;
    const count = view.getUint32(trun.body + 4);
    let p = trun.body + 8;
    const next = (flag: number): number | undefined => {
      if ((has & flag) === 0) return undefined;
      p += 4;
      return view.getUint32(p - 4);
    };
    const offset = next(0x1);
    if (offset !== undefined) data = base + (offset | 0);
    const first = next(0x4);
    for (let i = 0; i < count; i++) {
      const length = next(0x100) ?? duration;
      const bytesOfSample = next(0x200) ?? size;
      const flagsOfSample = next(0x400) ?? (i === 0 ? first : undefined) ??
        flags;
      const shift = (next(0x800) ?? 0) | 0;
      if (data + bytesOfSample > bytes.length) {
        throw new Error("A sample beyond the end of the fragment");
      }
      out.push({
        track,
        dts,
        pts: dts + shift,
        duration: length,
        key: (flagsOfSample & NOT_SYNC) === 0,
        data: bytes.subarray(data, data + bytesOfSample),
      });
      dts += length;
      data += bytesOfSample;
    }
  }
}

/** Puts chunks together until whole boxes stand in them. */
export class BoxAssembler {
  #kept: Uint8Array<ArrayBuffer> = new Uint8Array();

  /** The bytes of all boxes that are whole now, `moof` always together with its `mdat`; undefined: none yet. */
  push(chunk: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> | undefined {
    let bytes = chunk;
    if (this.#kept.length > 0) {
      bytes = new Uint8Array(this.#kept.length + chunk.length);
      bytes.set(this.#kept);
      bytes.set(chunk, this.#kept.length);
    }
    const boxes = readBoxes(bytes);
    const end = boxes.findLast((b) => b.type !== "moof" && b.type !== "styp" && b.type !== "prft")?.end ?? 0;
    this.#kept = bytes.subarray(end);
    return end === 0 ? undefined : bytes.subarray(0, end);
  }
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function fourCc(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(
    bytes[at] ?? 0,
    bytes[at + 1] ?? 0,
    bytes[at + 2] ?? 0,
    bytes[at + 3] ?? 0,
  );
}
