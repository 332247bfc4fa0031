// Action Message Format, AMF 0 (Adobe, 2007), 2: what metadata of FLV and commands of RTMP are written in.
import type { ByteWriter } from "../../../base/bytes.ts";

export type Amf0Value = number | boolean | string | Amf0Map;
export type Amf0Map = { readonly [key: string]: Amf0Value };

const NUMBER = 0, BOOLEAN = 1, STRING = 2, ECMA_ARRAY = 8, LONG_STRING = 12;
const OBJECT_END = [0, 0, 9];

/** Writes a value with its marker; an object as an ECMA array, 2.10. Throws RangeError for a key above 65 535 bytes. */
export function writeAmf0(w: ByteWriter, value: Amf0Value): void {
  if (typeof value === "number") {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value);
    w.u8(NUMBER).bytes(bytes);
  } else if (typeof value === "boolean") w.u8(BOOLEAN).u8(value ? 1 : 0);
  else if (typeof value === "string") writeString(w, value);
  else {
    const entries = Object.entries(value);
    w.u8(ECMA_ARRAY).u32(entries.length);
    for (const [key, item] of entries) {
      writeKey(w, key);
      writeAmf0(w, item);
    }
    w.bytes(OBJECT_END);
  }
}

function writeString(w: ByteWriter, text: string): void {
  const bytes = new TextEncoder().encode(text);
  if (bytes.length > 0xffff) w.u8(LONG_STRING).u32(bytes.length);
  else w.u8(STRING).u16(bytes.length);
  w.bytes(bytes);
}

function writeKey(w: ByteWriter, key: string): void {
  const bytes = new TextEncoder().encode(key);
  if (bytes.length > 0xffff) throw new RangeError(`Cannot write an AMF 0 key of ${bytes.length} bytes`);
  w.u16(bytes.length).bytes(bytes);
}
