// SMPTE ST 2022-1:2007, 8 (from Pro-MPEG CoP 3 and RFC 2733): the header of a packet of parity.
import { bad, type Decoded, more, ok } from "../../../base/decoded.ts";
import { RTP_HEADER, writeRtpHeader } from "../rtp/packet.ts";

/** Bytes between the RTP header and the parity. */
export const FEC_HEADER = 16;
/** The payload type that senders give to parity. */
export const FEC_PAYLOAD_TYPE = 96;

/** What a packet of parity says of the media packets that it protects: `base`, `base + offset` … `count` of them. */
export interface FecPacket {
  /** Sequence number of this packet in its own stream. */
  readonly sequence: number;
  /** RTP timestamp of this packet. */
  readonly timestamp: number;
  readonly ssrc: number;
  /** Parity of padding and extension bits and CSRC count: the low six bits of the first byte. */
  readonly firstRecovery: number;
  readonly markerRecovery: boolean;
  /** Sequence number of the first protected packet, 16 bits. */
  readonly base: number;
  /** Parity of the lengths behind the RTP header. */
  readonly lengthRecovery: number;
  readonly typeRecovery: number;
  readonly timestampRecovery: number;
  /** Protects a row: packets that follow one another. Otherwise a column, whose packets are a row's length apart. */
  readonly row: boolean;
  /** Step between protected packets, 1 to 255. */
  readonly offset: number;
  /** Protected packets, 1 to 255. */
  readonly count: number;
  /** Parity of all that stands behind the RTP headers; a view. */
  readonly parity: Uint8Array;
}

/** Decodes a whole datagram. Never throws. */
export function decodeFec(bytes: Uint8Array): Decoded<FecPacket> {
  const least = RTP_HEADER + FEC_HEADER;
  if (bytes.length < least) return more(least);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const first = view.getUint8(0);
  if (first >> 6 !== 2) return bad(0, "RTP version is not 2");
  const second = view.getUint8(1);
  const at = RTP_HEADER;
  // E and the mask are always the same here, N says that more of the header follows, the type is XOR
  if ((view.getUint8(at + 4) & 0x80) === 0) return bad(at + 4, "FEC header without its extension");
  const kind = view.getUint8(at + 12);
  if ((kind & 0x80) !== 0) return bad(at + 12, "FEC header of an unknown form");
  if (((kind >> 3) & 7) !== 0) return bad(at + 12, `parity of type ${(kind >> 3) & 7}, expected XOR`);
  const offset = view.getUint8(at + 13);
  const count = view.getUint8(at + 14);
  if (offset === 0 || count === 0) return bad(at + 13, "FEC header that protects nothing");
  return ok({
    sequence: view.getUint16(2),
    timestamp: view.getUint32(4),
    ssrc: view.getUint32(8),
    firstRecovery: first & 0x3f,
    markerRecovery: (second & 0x80) !== 0,
    base: view.getUint16(at),
    lengthRecovery: view.getUint16(at + 2),
    typeRecovery: view.getUint8(at + 4) & 0x7f,
    timestampRecovery: view.getUint32(at + 8),
    row: (kind & 0x40) !== 0,
    offset,
    count,
    parity: bytes.subarray(at + FEC_HEADER),
  }, bytes.length);
}

/** Writes the headers of payload type {@link FEC_PAYLOAD_TYPE} in front of the parity, which is in its place already. */
export function writeFecHeaders(out: Uint8Array, fec: Omit<FecPacket, "parity">): void {
  writeRtpHeader(out, 0, FEC_PAYLOAD_TYPE, fec.markerRecovery, fec.sequence, fec.timestamp, fec.ssrc);
  out[0] = 0x80 | fec.firstRecovery;
  const view = new DataView(out.buffer, out.byteOffset, out.length);
  const at = RTP_HEADER;
  view.setUint16(at, fec.base);
  view.setUint16(at + 2, fec.lengthRecovery);
  view.setUint8(at + 4, 0x80 | fec.typeRecovery);
  view.setUint32(at + 8, fec.timestampRecovery);
  view.setUint8(at + 12, fec.row ? 0x40 : 0);
  view.setUint8(at + 13, fec.offset);
  view.setUint8(at + 14, fec.count);
  view.setUint8(at + 15, 0);
}
