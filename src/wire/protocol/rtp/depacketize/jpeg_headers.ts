// ITU-T T.81, Annex B: the segments before the scan data of a baseline image.
import { ByteWriter } from "../../../../base/bytes.ts";
import { HUFFMAN_SEGMENTS } from "./jpeg_tables.ts";

/** What an image's headers depend on besides the quantization tables. */
export interface JpegShape {
  /** RFC 2435, 4.1: 0 is 4:2:2, 1 is 4:2:0. */
  readonly type: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Restart interval in MCUs; 0 none. */
  readonly restart: number;
}

const JFIF = [0xff, 0xe0, 0, 16, 0x4a, 0x46, 0x49, 0x46, 0, 1, 1, 0, 0, 1, 0, 1, 0, 0];

/**
 * SOI to SOS. `tables`: quantization tables in zigzag order, one after the other; bit i of `precision` tells that table
 * i has 16-bit coefficients. Undefined when the tables are not one to four whole ones.
 */
export function writeJpegHeaders(
  shape: JpegShape,
  tables: Uint8Array,
  precision: number,
): Uint8Array<ArrayBuffer> | undefined {
  const w = new ByteWriter(1024);
  w.u16(0xffd8).bytes(JFIF);
  let count = 0;
  for (let at = 0; at < tables.length; count++) {
    const wide = (precision >> count) & 1;
    const length = wide ? 128 : 64;
    if (at + length > tables.length || count === 4) return undefined;
    w.u16(0xffdb).u16(length + 3).u8((wide << 4) | count).bytes(tables.subarray(at, at + length));
    at += length;
  }
  if (count === 0) return undefined;
  if (shape.restart > 0) w.u16(0xffdd).u16(4).u16(shape.restart);
  const colour = Math.min(count - 1, 1);
  w.u16(0xffc0).u16(17).u8(8).u16(shape.height).u16(shape.width).u8(3);
  w.u8(1).u8(shape.type === 0 ? 0x21 : 0x22).u8(0);
  w.u8(2).u8(0x11).u8(colour).u8(3).u8(0x11).u8(colour);
  w.bytes(HUFFMAN_SEGMENTS);
  w.u16(0xffda).u16(12).u8(3).u8(1).u8(0x00).u8(2).u8(0x11).u8(3).u8(0x11).u8(0).u8(63).u8(0);
  return w.take();
}
