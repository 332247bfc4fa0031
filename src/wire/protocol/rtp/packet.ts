// RFC 3550, 5.1 (fixed header) and 5.3.1 (extension).
import { bad, type Decoded, ok } from "../../../base/decoded.ts";

/** Bytes of the fixed header. */
export const RTP_HEADER = 12;

/** One RTP packet. Mutable, so that one object serves a whole stream. */
export interface RtpPacket {
  payloadType: number;
  marker: boolean;
  /** 16 bits. */
  sequence: number;
  /** 32 bits, unsigned. */
  timestamp: number;
  /** 32 bits, unsigned. */
  ssrc: number;
  /** A view of what was decoded, without CSRC list, header extension and padding. */
  payload: Uint8Array;
}

const NOTHING = new Uint8Array(0);

/** A packet to decode into. */
export function emptyRtpPacket(): RtpPacket {
  return { payloadType: 0, marker: false, sequence: 0, timestamp: 0, ssrc: 0, payload: NOTHING };
}

/**
 * Reads one packet into `out`. Answers undefined, or why the bytes are no RTP packet (then `out` is unspecified).
 * Padding that claims more than there is (seen from cameras that set the bit and append nothing) is not an error: the
 * payload is then taken whole.
 */
export function readRtp(bytes: Uint8Array, out: RtpPacket): string | undefined {
  const length = bytes.length;
  if (length < RTP_HEADER) return "shorter than the RTP header";
  const first = bytes[0] as number;
  if (first >> 6 !== 2) return "RTP version is not 2";
  const second = bytes[1] as number;
  out.marker = (second & 0x80) !== 0;
  out.payloadType = second & 0x7f;
  out.sequence = ((bytes[2] as number) << 8) | (bytes[3] as number);
  out.timestamp = u32(bytes, 4);
  out.ssrc = u32(bytes, 8);
  let start = RTP_HEADER + (first & 15) * 4;
  if (first & 0x10) {
    if (start + 4 > length) return "RTP header extension cut off";
    start += 4 + (((bytes[start + 2] as number) << 8) | (bytes[start + 3] as number)) * 4;
  }
  if (start > length) return "RTP header cut off";
  let end = length;
  if (first & 0x20) {
    const padding = bytes[length - 1] as number;
    if (padding > 0 && padding <= length - start) end -= padding;
  }
  out.payload = bytes.subarray(start, end);
  return undefined;
}

/** Decodes one packet; the payload is a view of `bytes`. For hot paths see {@link readRtp}. */
export function decodeRtp(bytes: Uint8Array, out: RtpPacket = emptyRtpPacket()): Decoded<RtpPacket> {
  const why = readRtp(bytes, out);
  return why === undefined ? ok(out, bytes.length) : bad(0, why);
}

/** Writes the 12 bytes of a header without CSRC, extension or padding to `out` at `at`. */
export function writeRtpHeader(
  out: Uint8Array,
  at: number,
  payloadType: number,
  marker: boolean,
  sequence: number,
  timestamp: number,
  ssrc: number,
): void {
  if (at + RTP_HEADER > out.length) {
    throw new RangeError(`Cannot write ${RTP_HEADER} bytes at offset ${at} of ${out.length}`);
  }
  out[at] = 0x80;
  out[at + 1] = (marker ? 0x80 : 0) | (payloadType & 0x7f);
  out[at + 2] = sequence >>> 8;
  out[at + 3] = sequence;
  for (let i = 0; i < 4; i++) {
    out[at + 4 + i] = timestamp >>> (24 - 8 * i);
    out[at + 8 + i] = ssrc >>> (24 - 8 * i);
  }
}

/** Encodes one packet without CSRC list, extension and padding. */
export function encodeRtp(packet: RtpPacket): Uint8Array<ArrayBuffer> {
  const out = new Uint8Array(RTP_HEADER + packet.payload.length);
  writeRtpHeader(
    out,
    0,
    packet.payloadType,
    packet.marker,
    packet.sequence,
    packet.timestamp,
    packet.ssrc,
  );
  out.set(packet.payload, RTP_HEADER);
  return out;
}

function u32(b: Uint8Array, at: number): number {
  return (((b[at] as number) << 24) | ((b[at + 1] as number) << 16) | ((b[at + 2] as number) << 8) |
    (b[at + 3] as number)) >>> 0;
}
