// RFC 8794: EBML elements. Headers are built with an ElementWriter; clusters and blocks are put straight into the output.
import { joinBytes } from "../../../base/bytes.ts";

/** Bytes of the longest size that is written: sizes to 2^28 - 2 in four, to 2^35 - 2 in five. */
export const SIZE_MAX = 5;
/** RFC 8794, 6.2: a size of all ones is unknown; in eight bytes, as other live writers have it. */
const UNKNOWN = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];

export type Element = Uint8Array;

/** The bytes of an element's number, marker included, 1 to 4. */
function idBytes(id: number): number[] {
  const bytes = [id >>> 24, (id >>> 16) & 0xff, (id >>> 8) & 0xff, id & 0xff];
  return bytes.slice(bytes.findIndex((b) => b !== 0));
}

/** Bytes that {@link putSize} takes. */
export function sizeLength(size: number): number {
  return size < 0x7f ? 1 : size < 0x3fff ? 2 : size < 0x1fffff ? 3 : size < 0xfffffff ? 4 : 5;
}

/** Writes a size as a variable-length integer, RFC 8794, 4; answers where it ends. */
export function putSize(out: Uint8Array, at: number, size: number): number {
  const length = sizeLength(size);
  for (let i = length - 1, rest = size; i >= 0; i--, rest = Math.floor(rest / 256)) out[at + i] = rest & 0xff;
  out[at] = (out[at] as number) | (0x80 >> (length - 1));
  return at + length;
}

function wrap(id: number, body: Uint8Array): Element {
  const size = new Uint8Array(sizeLength(body.length));
  putSize(size, 0, body.length);
  return joinBytes([Uint8Array.from(idBytes(id)), size, body]);
}

/** An element of elements. */
export function master(id: number, children: readonly (Element | undefined)[]): Element {
  return wrap(id, joinBytes(children.filter((c) => c !== undefined)));
}

/** The beginning of a master element of unknown size. */
export function openMaster(id: number): Element {
  return Uint8Array.from([...idBytes(id), ...UNKNOWN]);
}

/** An unsigned integer in as few bytes as it takes, one at least; a safe integer. */
export function uint(id: number, value: number): Element {
  const bytes: number[] = [];
  for (let rest = value; rest > 0 || bytes.length === 0; rest = Math.floor(rest / 256)) {
    bytes.unshift(rest % 256);
  }
  return wrap(id, Uint8Array.from(bytes));
}

/** A number of 64 bits. */
export function float(id: number, value: number): Element {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value);
  return wrap(id, bytes);
}

export function text(id: number, value: string): Element {
  return wrap(id, new TextEncoder().encode(value));
}

export function binary(id: number, value: Uint8Array): Element {
  return wrap(id, value);
}
