import { expect, test } from "bun:test";
import { DEPACKETIZERS } from "../../../../../src/wire/protocol/rtp/depacketize/table.ts";
import { Collect, feed, format, run } from "./collect.ts";

// StreamMuxConfig of AAC-LC, 48 kHz, stereo, one AU an element, as an encoder was seen to announce it.
const CONFIG = "400023203fc0";
const A = run(0x21, 5);
const LONG = run(1, 300);
const element = (unit: number[]) => [
  ...Array(Math.floor(unit.length / 255)).fill(255),
  unit.length % 255,
  ...unit,
];

/** An element with its configuration in front: a 0 bit, the configuration of 44 bits, then lengths and units. */
function inBand(unit: number[]): number[] {
  const config = [0x40, 0x00, 0x23, 0x20, 0x3f, 0xc0];
  let bits = "0" + config.map((b) => b.toString(2).padStart(8, "0")).join("").slice(0, 44);
  for (const b of element(unit)) bits += b.toString(2).padStart(8, "0");
  while (bits.length % 8 !== 0) bits += "0";
  return (bits.match(/.{8}/g) ?? []).map((b) => parseInt(b, 2));
}

function open(fmtp: Record<string, string>) {
  const sink = new Collect();
  return { sink, latm: DEPACKETIZERS["MP4A-LATM"]!(format("MP4A-LATM", 48000, fmtp), sink, 1 << 20) };
}

test("MP4A-LATM depacketizer reads elements with the configuration of the SDP", () => {
  const { sink, latm } = open({ cpresent: "0", config: CONFIG });
  expect(sink.configs.map((c) => [...c])).toEqual([[0x11, 0x90]]);
  feed(latm, [{ p: element(A), m: true }, { p: element(LONG), t: 1024, m: true }]);
  expect(sink.plain).toEqual([[A], [LONG]]);
});

test("MP4A-LATM depacketizer reads several elements of one packet", () => {
  const { sink, latm } = open({ cpresent: "0", config: CONFIG });
  feed(latm, [{ p: [...element(A), ...element(LONG)], t: 9, m: true }]);
  expect(sink.out.map((o) => [o.timestamp, o.offset, o.units[0]!.length])).toEqual([[9, 0, 5], [
    9,
    1024,
    300,
  ]]);
});

test("MP4A-LATM depacketizer joins fragments, by marker and by timestamp", () => {
  const { sink, latm } = open({ cpresent: "0", config: CONFIG });
  const bytes = element(LONG);
  feed(latm, [
    { p: bytes.slice(0, 100) },
    { p: bytes.slice(100), m: true },
    { p: bytes.slice(0, 50), t: 1024 },
    { p: bytes.slice(50), t: 1024 },
    { p: element(A), t: 2048, m: true },
  ]);
  expect(sink.plain).toEqual([[LONG], [LONG], [A]]);
  expect(sink.damages).toEqual([]);
});

test("MP4A-LATM depacketizer drops only the element that was hit by loss", () => {
  const { sink, latm } = open({ cpresent: "0", config: CONFIG });
  const bytes = element(LONG);
  feed(latm, [{ p: bytes.slice(0, 100) }, { p: bytes.slice(200), m: true, gap: true }, {
    p: element(A),
    t: 1024,
    m: true,
  }]);
  expect(sink.plain).toEqual([[A]]);
  expect(sink.damages).toEqual(["packets lost"]);
});

test("MP4A-LATM depacketizer reads the configuration in the stream", () => {
  const { sink, latm } = open({});
  feed(latm, [{ p: inBand(A), m: true }, { p: inBand(A), t: 1024, m: true }]);
  expect(sink.plain).toEqual([[A], [A]]);
  expect(sink.configs.length).toBe(1);
});

test("MP4A-LATM depacketizer says when elements come before any configuration, and when they are cut off", () => {
  const { sink, latm } = open({ cpresent: "0" });
  feed(latm, [{ p: element(A), m: true }]);
  expect(sink.damages).toEqual(["LATM: AudioMuxElement before any StreamMuxConfig"]);
  const other = open({ cpresent: "0", config: CONFIG });
  feed(other.latm, [{ p: [9, 1, 2], m: true }]);
  expect(other.sink.out).toEqual([]);
  expect(other.sink.damages.length).toBe(1);
});
