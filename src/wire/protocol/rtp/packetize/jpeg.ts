// RFC 2435: scan data behind a main header of 8 bytes (3.1.1 to 3.1.6), restart (3.1.7) and table headers (3.1.8).
import { readJpegImage } from "./jpeg_image.ts";
import type { Packetizer, PacketWriter } from "./packetizer.ts";

const HEADER = 8;
const RESTART = 4;
const TABLE_HEADER = 4;
/** Tables are sent with every image: they need not be the same twice. */
const Q_IN_BAND = 255;

/** Whole JFIF images into packets. */
export class JpegPacketizer implements Packetizer {
  readonly #out: PacketWriter;

  constructor(out: PacketWriter) {
    this.#out = out;
  }

  config(): void {
    // Images describe themselves.
  }

  frame(data: Uint8Array, timestamp: number): void {
    const image = readJpegImage(data);
    const [luminance, chrominance] = image.tables;
    const tables = luminance.length + chrominance.length;
    const each = HEADER + (image.restart > 0 ? RESTART : 0);
    const scan = data.length - image.scan;
    if (scan > 0xffffff) throw new RangeError(`JPEG of ${data.length} bytes`);
    for (let offset = 0; offset < scan;) {
      const { buffer, at: start, room } = this.#out;
      let at = start;
      buffer[at] = 0;
      buffer[at + 1] = offset >> 16;
      buffer[at + 2] = offset >> 8;
      buffer[at + 3] = offset;
      buffer[at + 4] = image.type;
      buffer[at + 5] = Q_IN_BAND;
      buffer[at + 6] = image.width;
      buffer[at + 7] = image.height;
      at += HEADER;
      if (image.restart > 0) {
        buffer[at] = image.restart >> 8;
        buffer[at + 1] = image.restart;
        // First and last of an interval, count unknown: the receiver may decode when it has the whole image.
        buffer[at + 2] = 0xff;
        buffer[at + 3] = 0xff;
        at += RESTART;
      }
      if (offset === 0) {
        buffer[at] = 0;
        buffer[at + 1] = image.precision;
        buffer[at + 2] = tables >> 8;
        buffer[at + 3] = tables;
        buffer.set(luminance, at + TABLE_HEADER);
        buffer.set(chrominance, at + TABLE_HEADER + luminance.length);
        at += TABLE_HEADER + tables;
      }
      const end = Math.min(scan, offset + room - (offset === 0 ? each + TABLE_HEADER + tables : each));
      buffer.set(data.subarray(image.scan + offset, image.scan + end), at);
      at += end - offset;
      offset = end;
      this.#out.send(at - start, timestamp, end === scan);
    }
  }
}
