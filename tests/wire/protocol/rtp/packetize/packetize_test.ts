import { expect, test } from "bun:test";
import { joinBytes } from "../../../../../src/base/bytes.ts";
import { DEPACKETIZERS } from "../../../../../src/wire/protocol/rtp/depacketize/table.ts";
import { emptyRtpPacket, readRtp } from "../../../../../src/wire/protocol/rtp/packet.ts";
import { PacketWriter } from "../../../../../src/wire/protocol/rtp/packetize/packetizer.ts";
import { PACKETIZERS } from "../../../../../src/wire/protocol/rtp/packetize/table.ts";
import { Collect, format, run } from "../depacketize/collect.ts";

const HBR = { mode: "AAC-hbr", sizelength: "13", indexlength: "3", indexdeltalength: "3", config: "1190" };
// Baseline 320x180 by x264.
const SPS = [0x67, 0x42, 0xc0, 0x0c, 0xd9, 0x05, 0x06, 0x7e, 0x5c, 0x04, 0x40];
const PPS = [0x68, 0xcb, 0x8c, 0xb2];
const AVCC = Uint8Array.from([
  1,
  0x42,
  0xc0,
  0x0c,
  0xff,
  0xe1,
  0,
  SPS.length,
  ...SPS,
  1,
  0,
  PPS.length,
  ...PPS,
]);
const framed = (...units: number[][]) =>
  joinBytes(units.map((u) => Uint8Array.from([0, 0, u.length >> 8, u.length & 255, ...u])));

/** What the depacketizer makes of what the packetizer sent, and the sizes of the packets. */
function roundTrip(codec: "h264" | "aac", sends: [Uint8Array, number, boolean][], packetMax = 112) {
  const sink = new Collect();
  const encoding = codec === "h264" ? format("H264", 90000) : format("MPEG4-GENERIC", 48000, HBR);
  const depacketizer = DEPACKETIZERS[encoding.encoding]!(encoding, sink, 1 << 20);
  const sizes: number[] = [];
  const markers: boolean[] = [];
  const packet = emptyRtpPacket();
  let next = 65_535;
  const writer = new PacketWriter(
    { payloadType: 96, ssrc: 0xfedcba98, sequence: next, packetMax },
    (bytes) => {
      expect(readRtp(bytes, packet)).toBeUndefined();
      expect([packet.sequence, packet.ssrc, packet.payloadType]).toEqual([next, 0xfedcba98, 96]);
      next = (next + 1) & 0xffff;
      sizes.push(packet.payload.length);
      markers.push(packet.marker);
      depacketizer.packet(packet, false);
    },
  );
  const packetizer = PACKETIZERS[codec]!(writer, 1);
  packetizer.config(AVCC);
  for (const [data, timestamp, key] of sends) packetizer.frame(data, timestamp, key);
  expect(writer.packets).toBe(sizes.length);
  expect(writer.octets).toBe(sizes.reduce((a, b) => a + b, 0));
  return { sink, sizes, markers };
}

test("H.264 comes back: parameter sets in one STAP-A, small and large units", () => {
  const idr = [0x65, 0x88, ...run(0, 500)];
  const sei = [0x06, 5, 1, 1];
  const slice = [0x41, 0x9a, ...run(9, 98)];
  const { sink, sizes, markers } = roundTrip("h264", [
    [framed(sei, idr), 2 ** 32 + 10, true],
    [framed(slice), 2 ** 32 + 3610, false],
  ]);
  expect(sink.plain).toEqual([[SPS, PPS, sei, idr], [slice]]);
  expect(sink.out.map((o) => o.timestamp)).toEqual([10, 3610]);
  expect(sizes).toEqual([1 + 2 + SPS.length + 2 + PPS.length, 4, 100, 100, 100, 100, 100, 13, 100]);
  expect(markers).toEqual([false, false, false, false, false, false, false, true, true]);
});

test("H.264 units at the edge of a packet", () => {
  for (const size of [99, 100, 101, 197, 198, 295, 296]) {
    const unit = [0x41, 0x9a, ...run(1, size - 2)];
    const { sink, sizes } = roundTrip("h264", [[framed(unit), 0, false]]);
    expect(sink.plain).toEqual([[unit]]);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(100);
    expect(Math.min(...sizes)).toBeGreaterThan(2);
  }
});

test("AAC comes back, whole and in fragments", () => {
  const small = Uint8Array.from(run(0x21, 90));
  const large = Uint8Array.from(run(0x21, 700));
  const { sink, markers } = roundTrip("aac", [[small, 0, true], [large, 1024, true], [small, 2048, true]]);
  expect(sink.out.map((o) => [o.timestamp, o.units[0]])).toEqual([[0, small], [1024, large], [2048, small]]);
  expect(markers.filter((m) => m).length).toBe(3);
});

test("AacPacketizer refuses a unit that its header cannot tell", () => {
  expect(() => roundTrip("aac", [[new Uint8Array(8192), 0, true]])).toThrow(RangeError);
  expect(roundTrip("aac", [[new Uint8Array(8191), 0, true]]).sink.out.length).toBe(1);
});

test("H264Packetizer refuses a configuration and a frame that cannot be read", () => {
  const writer = new PacketWriter({ payloadType: 96, ssrc: 1, sequence: 0 }, () => {});
  const packetizer = PACKETIZERS.h264!(writer, 1);
  expect(() => packetizer.config(Uint8Array.from([9]))).toThrow(RangeError);
  expect(() => packetizer.frame(Uint8Array.from([0, 0, 0, 9, 1]), 0, false)).toThrow();
});
