import type { RtpPacket } from "../../../../src/wire/protocol/rtp/packet.ts";

export interface RtpCase {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly value: RtpPacket;
  /** The encoder writes the same bytes: no CSRC list, extension or padding. */
  readonly plain: boolean;
}

const at = (marker: boolean, payloadType: number, payload: number[]): RtpPacket => ({
  payloadType,
  marker,
  sequence: 0xfffe,
  timestamp: 0xdeadbeef,
  ssrc: 0x80000001,
  payload: Uint8Array.from(payload),
});
const HEAD = [0xff, 0xfe, 0xde, 0xad, 0xbe, 0xef, 0x80, 0, 0, 1];

export const cases: readonly RtpCase[] = [
  {
    name: "a plain packet",
    bytes: Uint8Array.from([0x80, 0xe0, ...HEAD, 1, 2]),
    value: at(true, 96, [1, 2]),
    plain: true,
  },
  {
    name: "an empty payload",
    bytes: Uint8Array.from([0x80, 8, ...HEAD]),
    value: at(false, 8, []),
    plain: true,
  },
  {
    name: "two contributing sources",
    bytes: Uint8Array.from([0x82, 0x60, ...HEAD, 1, 1, 1, 1, 2, 2, 2, 2, 9]),
    value: at(false, 96, [9]),
    plain: false,
  },
  {
    name: "a header extension (ONVIF replay, 0xABAC)",
    bytes: Uint8Array.from([0x90, 0x60, ...HEAD, 0xab, 0xac, 0, 2, 1, 2, 3, 4, 5, 6, 7, 8, 9]),
    value: at(false, 96, [9]),
    plain: false,
  },
  {
    name: "padding",
    bytes: Uint8Array.from([0xa0, 0x60, ...HEAD, 9, 8, 0, 0, 3]),
    value: at(false, 96, [9, 8]),
    plain: false,
  },
  {
    name: "the padding bit without padding",
    bytes: Uint8Array.from([0xa0, 0x60, ...HEAD, 9, 8, 7, 200]),
    value: at(false, 96, [9, 8, 7, 200]),
    plain: false,
  },
];

export const bad: readonly { readonly name: string; readonly bytes: Uint8Array; readonly why: string }[] = [
  { name: "nothing", bytes: new Uint8Array(0), why: "shorter than the RTP header" },
  {
    name: "eleven bytes",
    bytes: Uint8Array.from([0x80, 0x60, ...HEAD.slice(1)]),
    why: "shorter than the RTP header",
  },
  { name: "version 1", bytes: Uint8Array.from([0x40, 0x60, ...HEAD]), why: "RTP version is not 2" },
  { name: "sources cut off", bytes: Uint8Array.from([0x81, 0x60, ...HEAD, 1, 2]), why: "RTP header cut off" },
  {
    name: "extension header cut off",
    bytes: Uint8Array.from([0x90, 0x60, ...HEAD, 0]),
    why: "RTP header extension cut off",
  },
  {
    name: "extension cut off",
    bytes: Uint8Array.from([0x90, 0x60, ...HEAD, 0, 0, 0, 9, 1]),
    why: "RTP header cut off",
  },
];
