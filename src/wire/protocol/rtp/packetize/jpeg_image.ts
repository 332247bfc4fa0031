// ITU-T T.81, Annex B: what of a JPEG image's headers RTP tells, RFC 2435, 3.1.
import { STANDARD_HUFFMAN } from "../depacketize/jpeg_tables.ts";

/** An image as RTP sends it. */
export interface JpegImage {
  /** 0 is 4:2:2, 1 is 4:2:0; 64 more with restart markers. */
  readonly type: number;
  /** In blocks of 8 pixels. */
  readonly width: number;
  readonly height: number;
  /** Restart interval in MCUs; 0 none. */
  readonly restart: number;
  /** Luminance and chrominance tables in zigzag order; bit i of `precision`: 16-bit coefficients in table i. */
  readonly tables: readonly [Uint8Array, Uint8Array];
  readonly precision: number;
  /** Where the scan data begins. */
  readonly scan: number;
}

/** The largest image, pixels either way: sizes are sent as blocks of 8 in one byte. */
export const JPEG_SIDE_MAX = 2040;
const SEGMENTS_MAX = 64;

interface Component {
  readonly sampling: number;
  readonly table: number;
}

/**
 * Reads the headers of a baseline image. Throws RangeError for images that RFC 2435 has no way to send: progressive ones,
 * grey ones, other samplings than 4:2:2 and 4:2:0, Huffman tables of their own, more than 2040 pixels either way.
 */
export function readJpegImage(image: Uint8Array): JpegImage {
  const tables: (Uint8Array | undefined)[] = [];
  let precision = 0;
  let components: readonly Component[] = [];
  let size = { width: 0, height: 0 };
  let restart = 0;
  const u16 = (at: number) => ((image[at] ?? 0) << 8) | (image[at + 1] ?? 0);
  if (u16(0) !== 0xffd8) throw new RangeError("no JPEG start of image");
  for (let at = 2, n = 0; n < SEGMENTS_MAX; n++) {
    while (image[at] === 0xff && image[at + 1] === 0xff) at++;
    const marker = u16(at);
    const end = at + 2 + u16(at + 2);
    if (marker < 0xffc0 || end > image.length) throw new RangeError("JPEG headers cut off");
    if (marker === 0xffdb) precision = readTables(image.subarray(at + 4, end), tables, precision);
    else if (marker === 0xffc4) checkHuffman(image.subarray(at + 4, end));
    else if (marker === 0xffdd) restart = u16(at + 4);
    else if (marker === 0xffc0) {
      size = { width: u16(at + 7), height: u16(at + 5) };
      components = readComponents(image.subarray(at + 9, end));
    } else if (marker > 0xffc0 && marker < 0xffd0 && marker !== 0xffc8 && marker !== 0xffcc) {
      throw new RangeError("JPEG is not baseline");
    } else if (marker === 0xffda) {
      const { type, used } = shapeOf(components);
      if (size.width > JPEG_SIDE_MAX || size.height > JPEG_SIDE_MAX) {
        throw new RangeError(
          `JPEG of ${size.width}x${size.height}: RTP carries up to ${JPEG_SIDE_MAX} pixels`,
        );
      }
      const [luminance, chrominance] = used.map((i) => tables[i]);
      if (luminance === undefined || chrominance === undefined) {
        throw new RangeError("JPEG without its tables");
      }
      return {
        type: type | (restart > 0 ? 0x40 : 0),
        width: (size.width + 7) >> 3,
        height: (size.height + 7) >> 3,
        restart,
        tables: [luminance, chrominance],
        precision: used.reduce((bits, table, i) => bits | (((precision >> table) & 1) << i), 0),
        scan: end,
      };
    }
    at = end;
  }
  throw new RangeError("JPEG without a scan");
}

/** Adds the tables of a DQT segment; answers which tables have 16-bit coefficients. */
function readTables(segment: Uint8Array, into: (Uint8Array | undefined)[], precision: number): number {
  for (let at = 0; at < segment.length;) {
    const head = segment[at++] as number;
    const wide = head >> 4 !== 0;
    const table = head & 3;
    const end = at + (wide ? 128 : 64);
    if (end > segment.length) throw new RangeError("JPEG tables cut off");
    into[table] = segment.subarray(at, end);
    precision = wide ? precision | (1 << table) : precision & ~(1 << table);
    at = end;
  }
  return precision;
}

function checkHuffman(segment: Uint8Array): void {
  for (let at = 0; at < segment.length;) {
    let length = 17;
    for (let i = 1; i <= 16; i++) length += segment[at + i] ?? 0;
    const table = STANDARD_HUFFMAN.get(segment[at] as number);
    for (let i = 0; i < length; i++) {
      if (table?.[i] !== segment[at + i]) throw new RangeError("JPEG with Huffman tables of its own");
    }
    at += length;
  }
}

function readComponents(b: Uint8Array): Component[] {
  const out: Component[] = [];
  for (let i = 0; i < (b[0] ?? 0); i++) {
    out.push({ sampling: b[2 + 3 * i] ?? 0, table: (b[3 + 3 * i] ?? 0) & 3 });
  }
  return out;
}

/** The type, and the tables of luminance and chrominance. */
function shapeOf(components: readonly Component[]): { type: number; used: readonly [number, number] } {
  const [y, cb, cr] = components;
  const type = y?.sampling === 0x21 ? 0 : y?.sampling === 0x22 ? 1 : -1;
  const sampled = components.length === 3 && cb?.sampling === 0x11 && cr?.sampling === 0x11;
  if (y === undefined || cb === undefined || type < 0 || !sampled || cb.table !== cr?.table) {
    throw new RangeError("JPEG is neither 4:2:2 nor 4:2:0");
  }
  return { type, used: [y.table, cb.table] };
}
