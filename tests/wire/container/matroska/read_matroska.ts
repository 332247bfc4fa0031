import { ByteReader } from "../../../../src/base/bytes.ts";

export interface ReadElement {
  readonly id: number;
  /** undefined: unknown size. */
  readonly body: Uint8Array | undefined;
}

export interface ReadBlock {
  readonly track: number;
  readonly millis: number;
  readonly key: boolean;
  readonly duration: number | undefined;
  readonly data: Uint8Array;
}

export interface ReadMatroska {
  readonly docType: string;
  readonly tracks: readonly ReadonlyMap<number, Uint8Array>[];
  /** Times of the clusters, and how many blocks each has. */
  readonly clusters: readonly { readonly millis: number; readonly blocks: number }[];
  readonly blocks: readonly ReadBlock[];
}

function readId(r: ByteReader): number {
  const first = r.u8();
  const more = Math.clz32(first) - 24;
  if (more > 3) throw new Error(`Element number beginning with ${first} at ${r.at - 1}`);
  let id = first;
  for (let i = 0; i < more; i++) id = id * 256 + r.u8();
  return id;
}

/** RFC 8794, 4; undefined for a size of all ones. */
function readSize(r: ByteReader): number | undefined {
  const first = r.u8();
  const more = Math.clz32(first) - 24;
  if (more > 7) throw new Error("Size of more than 8 bytes");
  let size = first & (0x7f >> more);
  let ones = size === 0x7f >> more;
  for (let i = 0; i < more; i++) {
    const next = r.u8();
    ones &&= next === 0xff;
    size = size * 256 + next;
  }
  return ones ? undefined : size;
}

/** Elements side by side; one of unknown size has no body: its children follow. */
export function readElements(bytes: Uint8Array): ReadElement[] {
  const r = new ByteReader(bytes);
  const found: ReadElement[] = [];
  while (r.left > 0) {
    const id = readId(r);
    const size = readSize(r);
    found.push({ id, body: size === undefined ? undefined : r.bytes(size) });
  }
  return found;
}

export function uintOf(bytes: Uint8Array | undefined): number {
  return (bytes ?? new Uint8Array(0)).reduce((n, b) => n * 256 + b, 0);
}

export function textOf(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}

function childrenOf(bytes: Uint8Array): Map<number, Uint8Array> {
  return new Map(readElements(bytes).map(({ id, body }) => [id, body ?? new Uint8Array(0)]));
}

/** Reads a file as RFC 9559 has it, with clusters of known or unknown size. */
export function readMatroska(file: Uint8Array): ReadMatroska {
  let docType = "";
  const tracks: ReadonlyMap<number, Uint8Array>[] = [];
  const clusters: { millis: number; blocks: number }[] = [];
  const blocks: ReadBlock[] = [];
  const block = (bytes: Uint8Array, duration?: number) => {
    const r = new ByteReader(bytes);
    const track = readSize(r) ?? 0;
    const cluster = clusters.at(-1);
    if (cluster === undefined) throw new Error("A block before any cluster");
    const millis = cluster.millis + r.i16();
    const flags = r.u8();
    if (flags & 0x06) throw new Error("Lacing");
    cluster.blocks++;
    blocks.push({ track, millis, key: (flags & 0x80) !== 0, duration, data: r.bytes(r.left) });
  };
  const walk = (bytes: Uint8Array) => {
    for (const { id, body } of readElements(bytes)) {
      if (id === 0x1f43b675) clusters.push({ millis: Number.NaN, blocks: 0 });
      if (body === undefined) continue;
      if (id === 0x1a45dfa3) docType = textOf(childrenOf(body).get(0x4282));
      else if (id === 0x18538067 || id === 0x1f43b675) walk(body);
      else if (id === 0x1654ae6b) {
        for (const e of readElements(body)) if (e.id === 0xae && e.body) tracks.push(childrenOf(e.body));
      } else if (id === 0xe7) (clusters.at(-1) as { millis: number }).millis = uintOf(body);
      else if (id === 0xa3) block(body);
      else if (id === 0xa0) {
        const group = childrenOf(body);
        const duration = group.get(0x9b);
        block(group.get(0xa1) ?? new Uint8Array(0), duration && uintOf(duration));
      }
    }
  };
  walk(file);
  return { docType, tracks, clusters, blocks };
}
