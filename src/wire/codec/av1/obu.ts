// AV1 bitstream specification, 5.3: open bitstream units.
import { bad, type Decoded, ok } from "../../../base/decoded.ts";

export const OBU_SEQUENCE_HEADER = 1;
export const OBU_TEMPORAL_DELIMITER = 2;
export const OBU_FRAME_HEADER = 3;
export const OBU_FRAME = 6;
export const OBU_TILE_LIST = 8;
export const OBU_PADDING = 15;

export interface Obu {
  readonly type: number;
  /** The extension byte (temporal and spatial layer), -1 without. */
  readonly extension: number;
  /** What follows header and size field. A view. */
  readonly payload: Uint8Array;
}

/** Bytes of a leb128 number at most, 4.10.5. */
export const LEB128_MAX = 8;

/** Reads a leb128 number at `at`. Values above 32 bits are bad. Never throws. */
export function decodeLeb128(bytes: Uint8Array, at: number): Decoded<number> {
  let value = 0;
  for (let i = 0; i < LEB128_MAX; i++) {
    const b = bytes[at + i];
    if (b === undefined) return bad(at, "leb128 number ends early");
    value += (b & 0x7f) * 2 ** (7 * i);
    if (b < 0x80) return value > 0xffffffff ? bad(at, "leb128 number above 32 bits") : ok(value, i + 1);
  }
  return bad(at, `leb128 number longer than ${LEB128_MAX} bytes`);
}

/** Bytes that a leb128 number takes. */
export function leb128Length(value: number): number {
  let n = 1;
  while (value >= 0x80) {
    value = Math.floor(value / 0x80);
    n++;
  }
  return n;
}

/** Writes a leb128 number at `out[at]` in as few bytes as it takes; answers how many. */
export function writeLeb128(out: Uint8Array, at: number, value: number): number {
  let n = 0;
  for (;;) {
    const low = value % 0x80;
    value = Math.floor(value / 0x80);
    out[at + n++] = value > 0 ? low | 0x80 : low;
    if (value === 0) return n;
  }
}

/** Decodes the unit at the start of `bytes`; one without a size field fills them. Never throws. */
export function decodeObu(bytes: Uint8Array): Decoded<Obu> {
  const header = bytes[0];
  if (header === undefined) return bad(0, "OBU of no bytes");
  if (header & 0x80) return bad(0, "forbidden bit of the OBU header is set");
  let at = 1;
  let extension = -1;
  if (header & 4) {
    const byte = bytes[at++];
    if (byte === undefined) return bad(1, "OBU extension is missing");
    extension = byte;
  }
  let size = bytes.length - at;
  if (header & 2) {
    const leb = decodeLeb128(bytes, at);
    if (leb.kind !== "ok") return leb;
    at += leb.used;
    size = leb.value;
    if (size > bytes.length - at) return bad(at, `OBU of ${size} bytes where ${bytes.length - at} are left`);
  }
  return ok({ type: (header >> 3) & 15, extension, payload: bytes.subarray(at, at + size) }, at + size);
}

/** Encodes a unit with a size field. */
export function encodeObu(obu: Obu): Uint8Array<ArrayBuffer> {
  const extended = obu.extension >= 0 ? 1 : 0;
  const out = new Uint8Array(1 + extended + leb128Length(obu.payload.length) + obu.payload.length);
  out[0] = (obu.type << 3) | (extended << 2) | 2;
  if (extended) out[1] = obu.extension;
  const at = 1 + extended;
  out.set(obu.payload, at + writeLeb128(out, at, obu.payload.length));
  return out;
}
