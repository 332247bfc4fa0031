import { joinBytes } from "../../../../src/base/bytes.ts";
import { encodeBye } from "../../../../src/wire/protocol/rtcp/bye.ts";
import type { RtcpPacket } from "../../../../src/wire/protocol/rtcp/packet.ts";
import { encodeReceiverReport } from "../../../../src/wire/protocol/rtcp/receiver_report.ts";
import { encodeSdes } from "../../../../src/wire/protocol/rtcp/sdes.ts";
import { encodeSenderReport } from "../../../../src/wire/protocol/rtcp/sender_report.ts";

const hex = (text: string): Uint8Array =>
  Uint8Array.from((text.match(/[0-9a-f]{2}/g) ?? []).map((b) => parseInt(b, 16)));

export interface RtcpCase {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly packets: readonly RtcpPacket[];
}

/** One packet a case, which the encoder writes in the same bytes. */
export const single: readonly RtcpCase[] = [
  {
    name: "a sender report without blocks",
    bytes: hex("80c80006 12345678 e8d1a4c3 80000000 0001e240 00000064 0000ea60"),
    packets: [{
      kind: "sr",
      ssrc: 0x12345678,
      ntpSeconds: 0xe8d1a4c3,
      ntpFraction: 0x80000000,
      timestamp: 123_456,
      packets: 100,
      octets: 60_000,
      blocks: [],
    }],
  },
  {
    name: "a receiver report with a block, loss negative after duplicates",
    bytes: hex("81c90007 0000000a 0000000b 40fffffe 0001ffff 00000010 a4c38000 00010000"),
    packets: [{
      kind: "rr",
      ssrc: 10,
      blocks: [{
        ssrc: 11,
        fractionLost: 64,
        lost: -2,
        highest: 0x1ffff,
        jitter: 16,
        lastReport: 0xa4c38000,
        sinceLastReport: 65_536,
      }],
    }],
  },
  {
    name: "a description with a name of six letters",
    bytes: hex("81ca0004 0000000a 0106666f 67636173 00000000"),
    packets: [{ kind: "sdes", chunks: [{ ssrc: 10, cname: "fogcas" }] }],
  },
  {
    name: "two descriptions, one of which fills its words",
    bytes: hex("82ca0005 0000000a 01016100 0000000b 01026162 00000000"),
    packets: [{ kind: "sdes", chunks: [{ ssrc: 10, cname: "a" }, { ssrc: 11, cname: "ab" }] }],
  },
  {
    name: "a goodbye with a reason",
    bytes: hex("82cb0005 0000000a 0000000b 0963616d 65726120 6f660000"),
    packets: [{ kind: "bye", sources: [10, 11], reason: "camera of" }],
  },
];

export const compounds: readonly RtcpCase[] = [
  {
    name: "report, description and goodbye",
    bytes: joinBytes([single[0]!.bytes, single[2]!.bytes, single[4]!.bytes]),
    packets: [single[0]!.packets[0]!, single[2]!.packets[0]!, single[4]!.packets[0]!],
  },
  {
    name: "what stands before a packet that is cut off",
    bytes: joinBytes([single[0]!.bytes, hex("80c80006 1234")]),
    packets: single[0]!.packets,
  },
  {
    name: "an application packet",
    bytes: hex("80cc0002 0000000a 6e616d65"),
    packets: [{ kind: "other", type: 204 }],
  },
  {
    name: "padding at the end",
    bytes: hex("a1cb0002 0000000a 00000004"),
    packets: [{ kind: "bye", sources: [10], reason: "" }],
  },
];

export const bad: readonly { readonly name: string; readonly bytes: Uint8Array; readonly why: string }[] = [
  { name: "nothing", bytes: hex(""), why: "empty" },
  { name: "three bytes", bytes: hex("80c800"), why: "RTCP header cut off" },
  { name: "version 1", bytes: hex("40c80000"), why: "RTCP version is not 2" },
  { name: "a length past the end", bytes: hex("80c80006 00"), why: "RTCP packet cut off" },
  { name: "a short sender report", bytes: hex("80c80001 00000001"), why: "sender report cut off" },
  { name: "a receiver report without source", bytes: hex("80c90000"), why: "receiver report cut off" },
  { name: "a goodbye of sources that are not there", bytes: hex("83cb0001 00000001"), why: "BYE cut off" },
  {
    name: "a description item past the end",
    bytes: hex("81ca0002 00000001 01ff6161"),
    why: "SDES item cut off",
  },
];

/** The encoder of a packet. */
export function encode(packet: RtcpPacket): Uint8Array {
  switch (packet.kind) {
    case "sr":
      return encodeSenderReport(packet);
    case "rr":
      return encodeReceiverReport(packet);
    case "sdes":
      return encodeSdes(packet.chunks);
    case "bye":
      return encodeBye(packet.sources, packet.reason);
    case "other":
      throw new Error("not encoded");
  }
}
