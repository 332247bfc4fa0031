import { bad, type Decoded, more, ok } from "../../../base/decoded.ts";

/** One box, ISO/IEC 14496-12, 4.2. */
export interface Box {
  /** Four characters, Latin-1. A `uuid` box's extended type is the first 16 bytes of its payload. */
  readonly type: string;
  /** Bytes of the whole box, header included. */
  readonly size: number;
  /** Bytes of the header: 8, or 16 with a 64-bit size. */
  readonly header: number;
  /** A view on what follows the header; for a full box it begins with version and flags. */
  readonly payload: Uint8Array;
}

/** What {@link decodeBoxHeader} reads. */
export interface BoxHeader {
  readonly type: string;
  /** undefined: the box goes on to the end of the file. */
  readonly size: number | undefined;
}

/** Most boxes that {@link decodeBoxes} reads side by side. */
export const BOXES_MAX = 100_000;

function readU32(bytes: Uint8Array, at: number): number {
  return (((bytes[at] as number) << 24) | ((bytes[at + 1] as number) << 16) |
    ((bytes[at + 2] as number) << 8) |
    (bytes[at + 3] as number)) >>> 0;
}

/**
 * Reads a box's size and type at `at`; `used` is the header's length. "more" while the header is incomplete, "bad" for
 * a size smaller than the header, or beyond 2^53.
 */
export function decodeBoxHeader(bytes: Uint8Array, at = 0): Decoded<BoxHeader> {
  if (bytes.length - at < 8) return more(8);
  const size = readU32(bytes, at);
  let type = "";
  for (let i = 4; i < 8; i++) type += String.fromCharCode(bytes[at + i] as number);
  if (size === 0) return ok({ type, size: undefined }, 8);
  if (size !== 1) return size < 8 ? bad(at, `size ${size} of a box`) : ok({ type, size }, 8);
  if (bytes.length - at < 16) return more(16);
  const high = readU32(bytes, at + 8);
  if (high >= 2 ** 21) return bad(at + 8, `size of box ${JSON.stringify(type)} beyond 2^53`);
  const large = high * 2 ** 32 + readU32(bytes, at + 12);
  return large < 16 ? bad(at + 8, `size ${large} of a box`) : ok({ type, size: large }, 16);
}

/** Reads one whole box at `at`; `used` is its size. A box that lasts to the end of the file takes all the bytes. */
export function decodeBox(bytes: Uint8Array, at = 0): Decoded<Box> {
  const head = decodeBoxHeader(bytes, at);
  if (head.kind !== "ok") return head;
  const size = head.value.size ?? bytes.length - at;
  if (size > bytes.length - at) return more(size);
  const payload = bytes.subarray(at + head.used, at + size);
  return ok({ type: head.value.type, size, header: head.used, payload }, size);
}

/**
 * Reads boxes side by side to the end of `bytes`. An incomplete last box answers "more" with the length in all that
 * is wanted; for a payload, which is complete, that means that it is damaged.
 */
export function decodeBoxes(bytes: Uint8Array): Decoded<Box[]> {
  const boxes: Box[] = [];
  let at = 0;
  while (at < bytes.length) {
    const next = decodeBox(bytes, at);
    if (next.kind === "more") return more(at + next.need);
    if (next.kind === "bad") return next;
    if (boxes.length === BOXES_MAX) return bad(at, `more than ${BOXES_MAX} boxes`);
    boxes.push(next.value);
    at += next.used;
  }
  return ok(boxes, at);
}

/** Bytes that stand before the boxes inside a box's payload, of those boxes where it is not 0. */
const BEFORE_CHILDREN: Readonly<Record<string, number>> = { stsd: 8, meta: 4, dref: 8 };

/**
 * All boxes at a path such as `["moov", "trak", "mdia"]`, in file order. Throws nothing: a damaged level has no boxes.
 * The payload of `stsd`, `meta` and `dref` is entered behind its own fields; sample entries are not entered.
 */
export function findBoxes(bytes: Uint8Array, path: readonly string[]): Box[] {
  const [type, ...rest] = path;
  const level = decodeBoxes(bytes);
  if (type === undefined || level.kind !== "ok") return [];
  const found = level.value.filter((b) => b.type === type);
  if (rest.length === 0) return found;
  return found.flatMap((b) => findBoxes(b.payload.subarray(BEFORE_CHILDREN[type] ?? 0), rest));
}
