import {
  BOUNDARIES,
  BYTES_AT,
  FRAMES,
  LAYOUT_VERSION,
  PARTS,
  RING_LIMIT,
  type RingPlace,
  SEGMENTS,
  STREAM_MAGIC,
  TRACK_MAGIC,
  W_MAGIC,
  W_VERSION,
  W_WRAP_POINT,
} from "./layout.ts";

/** The parts of a page that were ever written to, for another process. */
export interface PageImage {
  /** Bytes of the whole page. */
  readonly size: number;
  readonly extents: readonly { readonly at: number; readonly bytes: Uint8Array }[];
}

/** Largest page that is made from an image. */
const SIZE_MAX = 2 ** 31;

/** Takes the image of a page at rest; its bytes are views on the page. Throws when it is no page. */
export function imageOf(page: SharedArrayBuffer): PageImage {
  const words = new Int32Array(page);
  const used = (ring: RingPlace) => ({
    at: ring.at,
    length: ring.stride * (words[ring.words + RING_LIMIT] as number),
  });
  const magic = words[W_MAGIC];
  const extents = magic === STREAM_MAGIC
    ? [{ at: 0, length: SEGMENTS.at }, used(SEGMENTS), used(BOUNDARIES)]
    : magic === TRACK_MAGIC
    ? [{ at: 0, length: PARTS.at }, used(PARTS), used(FRAMES), {
      at: BYTES_AT,
      length: words[W_WRAP_POINT] as number,
    }]
    : undefined;
  if (extents === undefined) throw new Error(`Cannot take the image of a page with magic ${magic}`);
  return {
    size: page.byteLength,
    extents: extents.map(({ at, length }) => ({ at, bytes: new Uint8Array(page, at, length) })),
  };
}

/** Makes the page anew. Throws when the image is of another layout, or is none. */
export function pageOf(image: PageImage): SharedArrayBuffer {
  if (!(image.size >= 4096 && image.size <= SIZE_MAX)) {
    throw new Error(`Cannot make a page of ${image.size} bytes`);
  }
  const page = new SharedArrayBuffer(image.size);
  const bytes = new Uint8Array(page);
  for (const extent of image.extents) bytes.set(extent.bytes, extent.at);
  const words = new Int32Array(page);
  const magic = words[W_MAGIC];
  if (magic !== STREAM_MAGIC && magic !== TRACK_MAGIC) {
    throw new Error(`Cannot make a page of magic ${magic}`);
  }
  if (words[W_VERSION] !== LAYOUT_VERSION) {
    throw new Error(`Cannot make a page of layout ${words[W_VERSION]}, this program has ${LAYOUT_VERSION}`);
  }
  return page;
}
