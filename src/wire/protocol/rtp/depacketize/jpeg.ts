// RFC 2435: JPEG over RTP. The headers of the image are not sent; they are made here from the payload headers.
import type { RtpPacket } from "../packet.ts";
import type { Depacketizer, UnitSink } from "./depacketizer.ts";
import { type JpegShape, writeJpegHeaders } from "./jpeg_headers.ts";
import { quantTables } from "./jpeg_tables.ts";
import { PictureUnits } from "./picture_units.ts";
import type { UnitBuffer } from "./unit_buffer.ts";

/** Main header, RFC 2435, 3.1. */
const HEADER = 8;
/** Quantization tables of one image at most: four of 16-bit coefficients. */
const TABLES_MAX = 512;

/** JPEG packets into whole JFIF images. */
export class JpegDepacketizer implements Depacketizer {
  readonly #sink: UnitSink;
  readonly #image: PictureUnits;
  /** Tables by Q, as computed or sent in band. */
  readonly #tables = new Map<number, { bytes: Uint8Array; precision: number }>();
  #headers = 0;

  constructor(sink: UnitSink, max: number) {
    this.#sink = sink;
    this.#image = new PictureUnits(sink, { told: true, max, complete: endImage });
  }

  packet(packet: RtpPacket, gap: boolean): void {
    const p = packet.payload;
    if (p.length < HEADER) {
      if (gap) this.#image.packet(packet.timestamp, true, false);
      return this.#sink.skipped("JPEG header cut off");
    }
    const offset = ((p[1] as number) << 16) | ((p[2] as number) << 8) | (p[3] as number);
    if (this.#image.packet(packet.timestamp, gap, offset === 0)) {
      const why = this.#payload(p, offset);
      if (why !== undefined) this.#image.harm(why);
    }
    if (packet.marker) this.#image.marker();
  }

  flush(): void {
    this.#image.flush();
  }

  reset(): void {
    this.#image.clear();
  }

  #payload(p: Uint8Array, offset: number): string | undefined {
    const type = p[4] as number;
    const q = p[5] as number;
    let at = HEADER;
    let restart = 0;
    if ((type & 0xbf) > 1) return "JPEG of a type that is not supported";
    if (type & 0x40) {
      if (p.length < at + 4) return "JPEG restart header cut off";
      restart = ((p[at] as number) << 8) | (p[at + 1] as number);
      at += 4;
    }
    if (offset > 0) {
      if (offset !== this.#image.buffer.length - this.#headers) return "JPEG fragments do not fit";
      this.#image.append(p, at);
      return undefined;
    }
    if (q >= 128) {
      if (p.length < at + 4) return "JPEG table header cut off";
      const precision = p[at + 1] as number;
      const length = ((p[at + 2] as number) << 8) | (p[at + 3] as number);
      at += 4;
      if (length > TABLES_MAX || length > p.length - at) return "JPEG tables cut off";
      if (length > 0) this.#tables.set(q, { bytes: p.slice(at, at + length), precision });
      at += length;
    }
    return this.#begin(
      { type: type & 1, width: (p[6] as number) * 8, height: (p[7] as number) * 8, restart },
      q,
      p,
      at,
    );
  }

  #begin(shape: JpegShape, q: number, p: Uint8Array, at: number): string | undefined {
    if (shape.width === 0 || shape.height === 0) return "JPEG without its size (above 2040 pixels)";
    let tables = this.#tables.get(q);
    if (tables === undefined) {
      if (q === 0 || q > 99) return "JPEG without its quantization tables";
      tables = { bytes: quantTables(q), precision: 0 };
      this.#tables.set(q, tables);
    }
    const headers = writeJpegHeaders(shape, tables.bytes, tables.precision);
    if (headers === undefined) return "JPEG tables of a wrong length";
    this.#headers = headers.length;
    this.#image.append(headers);
    this.#image.append(p, at);
    return undefined;
  }
}

/** The end marker, where the sender left it out. */
function endImage(buffer: UnitBuffer): string | undefined {
  const length = buffer.length;
  if (buffer.peek(0, length - 2) === 0xff && buffer.peek(0, length - 1) === 0xd9) return undefined;
  return buffer.byte(0xff) && buffer.byte(0xd9) ? undefined : "access unit too large";
}
