import { imageOf, type PageImage, pageOf } from "../../buffer/page_image.ts";
import type { Splice } from "../../buffer/splice.ts";

/** What a stream leaves to the server that takes over: its pages at rest, and where to go on. */
export interface StreamLegacy {
  readonly page: SharedArrayBuffer;
  /** By the number under which the source's worker asked for them. */
  readonly tracks: readonly (readonly [number, SharedArrayBuffer])[];
  /** Undefined: the session did not end at a segment's end. */
  readonly splice: Splice | undefined;
  /** What the source's workers found out. */
  readonly remembered: readonly (readonly [string, string])[];
}

/** Head of the file: magic, then the length of the JSON that says what follows. */
const MAGIC = 0x666f6748;
const HEAD = 8;
const JSON_MAX = 1024 * 1024;

interface ImageIndex {
  readonly size: number;
  readonly extents: readonly (readonly [at: number, length: number])[];
}

interface Index {
  readonly page: ImageIndex;
  readonly tracks: readonly (readonly [number, ImageIndex])[];
  readonly splice: { readonly startMicros: number; readonly length: number } | undefined;
  readonly remembered: readonly (readonly [string, string])[];
}

const indexOf = (image: PageImage): ImageIndex => ({
  size: image.size,
  extents: image.extents.map(({ at, bytes }) => [at, bytes.length]),
});

/** The file's content: head, index, then the bytes of all extents and of the splice's frame, in order. */
export function encodeLegacy(legacy: StreamLegacy): Uint8Array<ArrayBuffer> {
  const page = imageOf(legacy.page);
  const tracks = legacy.tracks.map(([id, track]) => [id, imageOf(track)] as const);
  const { splice } = legacy;
  const index: Index = {
    page: indexOf(page),
    tracks: tracks.map(([id, image]) => [id, indexOf(image)]),
    splice: splice === undefined
      ? undefined
      : { startMicros: splice.startMicros, length: splice.frame.length },
    remembered: legacy.remembered,
  };
  const json = new TextEncoder().encode(JSON.stringify(index));
  const pieces = [page, ...tracks.map(([, image]) => image)].flatMap((i) => i.extents.map((e) => e.bytes));
  if (splice !== undefined) pieces.push(splice.frame);
  const out = new Uint8Array(HEAD + json.length + pieces.reduce((sum, p) => sum + p.length, 0));
  const head = new DataView(out.buffer);
  head.setUint32(0, MAGIC);
  head.setUint32(4, json.length);
  out.set(json, HEAD);
  let at = HEAD + json.length;
  for (const piece of pieces) {
    out.set(piece, at);
    at += piece.length;
  }
  return out;
}

/** Reads what {@link encodeLegacy} wrote. Throws when it is cut, or of another layout: the stream then starts afresh. */
export function decodeLegacy(bytes: Uint8Array): StreamLegacy {
  const head = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < HEAD || head.getUint32(0) !== MAGIC) {
    throw new Error("Cannot read streams: no such file");
  }
  const length = head.getUint32(4);
  if (length > JSON_MAX) throw new Error(`Cannot read streams: an index of ${length} bytes`);
  const index = JSON.parse(new TextDecoder().decode(bytes.subarray(HEAD, HEAD + length))) as Index;
  let at = HEAD + length;
  const take = (size: number) => {
    if (!(size >= 0 && at + size <= bytes.length)) {
      throw new Error(`Cannot read ${size} bytes at offset ${at}`);
    }
    at += size;
    return bytes.subarray(at - size, at);
  };
  const open = (image: ImageIndex) =>
    pageOf({ size: image.size, extents: image.extents.map(([to, size]) => ({ at: to, bytes: take(size) })) });
  const page = open(index.page);
  const tracks = index.tracks.map(([id, image]) => [id, open(image)] as const);
  const splice = index.splice === undefined
    ? undefined
    : { startMicros: index.splice.startMicros, frame: take(index.splice.length) };
  return { page, tracks, splice, remembered: index.remembered };
}
