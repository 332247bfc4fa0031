// ISO/IEC 13818-1, 2.4.3.6: PES packet header.
import { bad, type Decoded, more, ok } from "../../../base/decoded.ts";

/** Bytes before the first optional field. */
export const PES_FIXED = 9;
export const STREAM_PRIVATE_1 = 0xbd;
export const STREAM_PADDING = 0xbe;
export const STREAM_AUDIO = 0xc0;
export const STREAM_VIDEO = 0xe0;
/** Largest PES_packet_length; a longer packet of video says 0. */
export const PES_LENGTH_MAX = 0xffff;
/** 2^33: times are counted modulo this, in ticks of 90 kHz. */
export const TS_WRAP = 0x200000000;

export interface PesHeader {
  readonly streamId: number;
  /** Bytes of the whole packet, header included; 0 where it does not say. */
  readonly length: number;
  /** Offset of the payload. */
  readonly payloadAt: number;
  /** Ticks of 90 kHz, 33 bits. */
  readonly pts: number | undefined;
  readonly dts: number | undefined;
  /** The payload begins with a frame. */
  readonly aligned: boolean;
  /** 0: not scrambled. */
  readonly scrambling: number;
}

/** Streams whose packets have no optional fields: padding, maps, directories and the like. */
const PLAIN = [0xbc, 0xbe, 0xbf, 0xf0, 0xf1, 0xf2, 0xf8, 0xff];

/** Decodes the header at the start of `bytes`. Never throws. */
export function decodePesHeader(bytes: Uint8Array): Decoded<PesHeader> {
  if (bytes.length < 6) return more(6);
  if (bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 1) return bad(0, "no PES start code");
  const streamId = bytes[3] as number;
  const said = ((bytes[4] as number) << 8) | (bytes[5] as number);
  const length = said === 0 ? 0 : said + 6;
  const plain = { streamId, length, pts: undefined, dts: undefined, aligned: false, scrambling: 0 };
  if (PLAIN.includes(streamId)) return ok({ ...plain, payloadAt: 6 }, 6);
  if (bytes.length < PES_FIXED) return more(PES_FIXED);
  const b6 = bytes[6] as number;
  if ((b6 & 0xc0) !== 0x80) return bad(6, "PES header of another standard");
  const flags = bytes[7] as number;
  const payloadAt = PES_FIXED + (bytes[8] as number);
  if (length !== 0 && payloadAt > length) return bad(8, "PES header longer than its packet");
  if (bytes.length < payloadAt) return more(payloadAt);
  const room = payloadAt - PES_FIXED;
  const pts = (flags & 0x80) !== 0 && room >= 5 ? readTime(bytes, PES_FIXED) : undefined;
  const dts = (flags & 0xc0) === 0xc0 && room >= 10 ? readTime(bytes, PES_FIXED + 5) : pts;
  const aligned = (b6 & 4) !== 0;
  return ok({ streamId, length, payloadAt, pts, dts, aligned, scrambling: (b6 >> 4) & 3 }, payloadAt);
}

/**
 * Writes a header at `out[at]` and answers its length: 14 bytes, 19 where `dts` differs from `pts`, and `stuffing` more
 * (at most 32). Times are integers of 90 kHz and wrap at 33 bits. `payload` bytes follow; where packet and header
 * together do not fit the length field, as only video may do, it says 0.
 */
export function writePesHeader(
  out: Uint8Array,
  at: number,
  streamId: number,
  pts: number,
  dts: number,
  payload: number,
  stuffing = 0,
): number {
  const both = pts !== dts;
  const room = (both ? 10 : 5) + stuffing;
  const length = 3 + room + payload;
  const said = length > PES_LENGTH_MAX ? 0 : length;
  out[at] = 0;
  out[at + 1] = 0;
  out[at + 2] = 1;
  out[at + 3] = streamId;
  out[at + 4] = said >> 8;
  out[at + 5] = said;
  out[at + 6] = 0x84; // the payload begins with a frame
  out[at + 7] = both ? 0xc0 : 0x80;
  out[at + 8] = room;
  writeTime(out, at + 9, both ? 3 : 2, pts);
  if (both) writeTime(out, at + 14, 1, dts);
  if (stuffing > 0) out.fill(0xff, at + PES_FIXED + room - stuffing, at + PES_FIXED + room);
  return PES_FIXED + room;
}

function readTime(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) & 0x0e) * 0x20000000 +
    (((bytes[at + 1] as number) << 22) | (((bytes[at + 2] as number) & 0xfe) << 14) |
      ((bytes[at + 3] as number) << 7) | ((bytes[at + 4] as number) >> 1));
}

function writeTime(out: Uint8Array, at: number, prefix: number, time: number): void {
  const t = ((time % TS_WRAP) + TS_WRAP) % TS_WRAP;
  const low = t % 0x40000000;
  out[at] = (prefix << 4) | (((t - low) / 0x40000000) << 1) | 1;
  out[at + 1] = low >> 22;
  out[at + 2] = ((low >> 14) & 0xfe) | 1;
  out[at + 3] = low >> 7;
  out[at + 4] = (low << 1) | 1;
}

/** The difference `a - b` of two 33-bit times, between -2^32 and 2^32 - 1. */
export function timeDifference(a: number, b: number): number {
  const d = (((a - b) % TS_WRAP) + TS_WRAP) % TS_WRAP;
  return d >= TS_WRAP / 2 ? d - TS_WRAP : d;
}
