import { expect, test } from "bun:test";
import { DEPACKETIZERS } from "../../../../../src/wire/protocol/rtp/depacketize/table.ts";
import { Collect, feed, format, run } from "./collect.ts";

// MPEG 1 layer III, 64 kbit/s, 48 kHz, stereo: frames of 192 bytes, 1152 samples (2160 ticks of 90 kHz).
const frame = (first: number) => [0xff, 0xfb, 0x54, 0x00, ...run(first, 188)];
const head = (offset = 0) => [0, 0, offset >> 8, offset & 255];

function open() {
  const sink = new Collect();
  return { sink, mpa: DEPACKETIZERS["MPA"]!(format("MPA", 90_000), sink, 1 << 20) };
}

test("MPA depacketizer reads several frames of one packet, each with its time", () => {
  const { sink, mpa } = open();
  feed(mpa, [{ p: [...head(), ...frame(1), ...frame(2), ...frame(3)], t: 7 }]);
  expect(sink.plain).toEqual([[frame(1)], [frame(2)], [frame(3)]]);
  expect(sink.out.map((o) => [o.timestamp, o.offset])).toEqual([[7, 0], [7, 2160], [7, 4320]]);
});

test("MPA depacketizer joins fragments", () => {
  const { sink, mpa } = open();
  const whole = frame(1);
  feed(mpa, [
    { p: [...head(), ...whole.slice(0, 80)] },
    { p: [...head(80), ...whole.slice(80, 150)] },
    { p: [...head(150), ...whole.slice(150)] },
    { p: [...head(), ...frame(2)], t: 2160 },
  ]);
  expect(sink.plain).toEqual([[whole], [frame(2)]]);
  expect(sink.damages).toEqual([]);
});

test("MPA depacketizer drops what loss has hit and no more", () => {
  const { sink, mpa } = open();
  const whole = frame(1);
  feed(mpa, [
    { p: [...head(), ...whole.slice(0, 80)] },
    { p: [...head(150), ...whole.slice(150)], gap: true },
    { p: [...head(), ...frame(2)], t: 2160 },
    { p: [...head(), ...whole.slice(0, 80)], t: 4320 },
    { p: [...head(100), ...whole.slice(100)], t: 4320 },
    { p: [...head(), ...whole.slice(0, 80)], t: 6480 },
    { p: [...head(), ...frame(3), ...frame(4).slice(0, 9)], t: 8640 },
    { p: [...head(), 1, 2, 3, 4, 5], t: 9000 },
    { p: head(), t: 9001 },
  ]);
  expect(sink.plain).toEqual([[frame(2)], [frame(3)]]);
  expect(sink.damages).toEqual([
    "packets lost",
    "MPEG audio fragments do not fit",
    "MPEG audio frame cut off",
    "MPEG audio frame cut off",
    "MPEG audio header not found",
  ]);
  expect(sink.skips).toEqual(["empty payload"]);
});
