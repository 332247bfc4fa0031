// RFC 3550, 6.1 (compound packets) and 6.4.1 (header of every packet).
import { bad, type Decoded, ok } from "../../../base/decoded.ts";
import { type Bye, decodeBye } from "./bye.ts";
import { decodeReceiverReport, type ReceiverReport } from "./receiver_report.ts";
import { decodeSdes, type Sdes } from "./sdes.ts";
import { decodeSenderReport, type SenderReport } from "./sender_report.ts";

export const RTCP_SR = 200;
export const RTCP_RR = 201;
export const RTCP_SDES = 202;
export const RTCP_BYE = 203;
/** Packets of one compound at most. */
export const RTCP_PACKETS_MAX = 64;

/** A packet of a kind that is not read. */
export interface OtherRtcp {
  readonly kind: "other";
  readonly type: number;
}

export type RtcpPacket = SenderReport | ReceiverReport | Sdes | Bye | OtherRtcp;

/** Body of a packet behind its 4-byte header; `count` is the header's 5-bit field. */
type DecodeBody = (body: Uint8Array, count: number) => RtcpPacket | string;

const BODIES: Readonly<Record<number, DecodeBody>> = {
  [RTCP_SR]: decodeSenderReport,
  [RTCP_RR]: decodeReceiverReport,
  [RTCP_SDES]: decodeSdes,
  [RTCP_BYE]: decodeBye,
};

/**
 * Decodes a datagram of one or more packets. What stands before a packet that cannot be read is answered; only a
 * datagram whose first packet is bad is bad.
 */
export function decodeRtcp(bytes: Uint8Array): Decoded<readonly RtcpPacket[]> {
  const packets: RtcpPacket[] = [];
  let at = 0;
  while (at < bytes.length && packets.length < RTCP_PACKETS_MAX) {
    const one = decodeOne(bytes, at);
    if (one.kind === "bad" && packets.length === 0) return one;
    if (one.kind !== "ok") break;
    packets.push(one.value);
    at += one.used;
  }
  return packets.length === 0 ? bad(0, "empty") : ok(packets, at);
}

function decodeOne(bytes: Uint8Array, at: number): Decoded<RtcpPacket> {
  if (at + 4 > bytes.length) return bad(at, "RTCP header cut off");
  const first = bytes[at] as number;
  if (first >> 6 !== 2) return bad(at, "RTCP version is not 2");
  const type = bytes[at + 1] as number;
  const size = 4 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number)) * 4;
  if (at + size > bytes.length) return bad(at, "RTCP packet cut off");
  let end = at + size;
  if (first & 0x20) {
    const padding = bytes[end - 1] as number;
    if (padding <= size - 4) end -= padding;
  }
  const decode = BODIES[type];
  if (decode === undefined) return ok({ kind: "other", type }, size);
  const packet = decode(bytes.subarray(at + 4, end), first & 31);
  return typeof packet === "string" ? bad(at, packet) : ok(packet, size);
}
