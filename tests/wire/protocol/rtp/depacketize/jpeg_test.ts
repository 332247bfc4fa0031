import { expect, test } from "bun:test";
import { quantTables } from "../../../../../src/wire/protocol/rtp/depacketize/jpeg_tables.ts";
import { DEPACKETIZERS } from "../../../../../src/wire/protocol/rtp/depacketize/table.ts";
import { Collect, feed, format, run, type Sent } from "./collect.ts";

const open = () => {
  const sink = new Collect();
  return { sink, jpeg: DEPACKETIZERS["JPEG"]!(format("JPEG", 90_000), sink, 1 << 20) };
};
/** Main header: offset, type, Q, 320 x 176. */
const head = (
  offset: number,
  type: number,
  q: number,
) => [0, offset >> 16, (offset >> 8) & 255, offset & 255, type, q, 40, 22];
const tables = (length: number) => [0, 0, length >> 8, length & 255, ...run(1, length)];

/** Segments by their markers: all bodies of each, and what follows SOS. */
function segments(image: Uint8Array): { bodies: Map<number, number[][]>; scan: number[] } {
  const bodies = new Map<number, number[][]>();
  expect([image[0], image[1]]).toEqual([0xff, 0xd8]);
  let at = 2;
  for (;;) {
    expect(image[at]).toBe(0xff);
    const marker = image[at + 1]!;
    const length = (image[at + 2]! << 8) | image[at + 3]!;
    bodies.set(marker, [...bodies.get(marker) ?? [], [...image.subarray(at + 4, at + 2 + length)]]);
    at += 2 + length;
    if (marker === 0xda) return { bodies, scan: [...image.subarray(at)] };
  }
}

test("quality 50 gives the tables of T.81, Annex K; 1 and 99 the ends of the scale", () => {
  const q50 = quantTables(50);
  expect([...q50.subarray(0, 8)]).toEqual([16, 11, 12, 14, 12, 10, 16, 14]);
  expect(q50[63]).toBe(99);
  expect([...q50.subarray(64, 72)]).toEqual([17, 18, 18, 24, 21, 24, 47, 26]);
  expect(new Set(quantTables(1))).toEqual(new Set([255]));
  expect(Math.max(...quantTables(99))).toBe(2);
  expect(quantTables(0)).toEqual(quantTables(1));
});

test("type 1 with computed tables: 4:2:0, in fragments, end marker added", () => {
  const { sink, jpeg } = open();
  feed(jpeg, [{ p: [...head(0, 1, 50), 1, 2, 3] }, { p: [...head(3, 1, 50), 4, 5] }, {
    p: [...head(5, 1, 50), 6],
    m: true,
  }]);
  const { bodies, scan } = segments(sink.out[0]!.units[0]!);
  expect(scan).toEqual([1, 2, 3, 4, 5, 6, 0xff, 0xd9]);
  expect(bodies.get(0xdb)!.map((b) => b[0])).toEqual([0, 1]);
  expect(bodies.get(0xdb)![0]!.slice(1)).toEqual([...quantTables(50).subarray(0, 64)]);
  expect(bodies.get(0xc0)).toEqual([[8, 0, 176, 1, 64, 3, 1, 0x22, 0, 2, 0x11, 1, 3, 0x11, 1]]);
  expect(bodies.get(0xc4)!.map((b) => b[0])).toEqual([0x00, 0x10, 0x01, 0x11]);
  expect(bodies.get(0xc4)!.map((b) => b.length)).toEqual([29, 179, 29, 179]);
  expect(bodies.get(0xdd)).toBeUndefined();
});

test("type 0 is 4:2:2; an end marker that is there is kept", () => {
  const { sink, jpeg } = open();
  feed(jpeg, [{ p: [...head(0, 0, 80), 1, 0xff, 0xd9], m: true }]);
  const { bodies, scan } = segments(sink.out[0]!.units[0]!);
  expect(scan).toEqual([1, 0xff, 0xd9]);
  expect(bodies.get(0xc0)![0]![7]).toBe(0x21);
});

test("types 64 and 65 carry a restart interval", () => {
  for (const type of [64, 65]) {
    const { sink, jpeg } = open();
    const restart = [0, 20, 0xff, 0xff];
    feed(jpeg, [{ p: [...head(0, type, 50), ...restart, 1, 2] }, {
      p: [...head(2, type, 50), ...restart, 3],
      m: true,
    }]);
    const { bodies, scan } = segments(sink.out[0]!.units[0]!);
    expect(bodies.get(0xdd)).toEqual([[0, 20]]);
    expect(bodies.get(0xc0)![0]![7]).toBe(type === 64 ? 0x21 : 0x22);
    expect(scan).toEqual([1, 2, 3, 0xff, 0xd9]);
  }
});

test("tables in band are kept for later images of the same Q", () => {
  const { sink, jpeg } = open();
  feed(jpeg, [
    { p: [...head(0, 1, 200), ...tables(128), 1], m: true },
    { p: [...head(0, 1, 200), ...tables(0), 2], t: 1, m: true },
    { p: [...head(0, 1, 255), ...tables(64), 3], t: 2, m: true },
  ]);
  const images = sink.out.map((o) => segments(o.units[0]!));
  expect(images.map((i) => i.scan[0])).toEqual([1, 2, 3]);
  expect(images[1]!.bodies.get(0xdb)).toEqual([[0, ...run(1, 64)], [1, ...run(65, 64)]]);
  expect(images[2]!.bodies.get(0xdb)).toEqual([[0, ...run(1, 64)]]);
  expect(images[2]!.bodies.get(0xc0)![0]!.slice(-4)).toEqual([0, 3, 0x11, 0]);
});

test("a table of 16-bit coefficients", () => {
  const { sink, jpeg } = open();
  feed(jpeg, [{ p: [...head(0, 1, 255), 0, 1, 0, 192, ...run(1, 192), 1], m: true }]);
  const { bodies } = segments(sink.out[0]!.units[0]!);
  expect(bodies.get(0xdb)!.map((b) => [b[0], b.length])).toEqual([[0x10, 129], [1, 65]]);
});

const refused: readonly (readonly [string, readonly Sent[], string])[] = [
  [
    "a type that is not supported",
    [{ p: [...head(0, 2, 50), 1], m: true }],
    "JPEG of a type that is not supported",
  ],
  [
    "a size above 2040",
    [{ p: [0, 0, 0, 0, 1, 50, 0, 22, 1], m: true }],
    "JPEG without its size (above 2040 pixels)",
  ],
  [
    "tables that never came",
    [{ p: [...head(0, 1, 200), ...tables(0), 1], m: true }],
    "JPEG without its quantization tables",
  ],
  ["a reserved Q", [{ p: [...head(0, 1, 0), 1], m: true }], "JPEG without its quantization tables"],
  ["tables cut off", [{ p: [...head(0, 1, 200), 0, 0, 0, 128, 1], m: true }], "JPEG tables cut off"],
  [
    "tables of an odd length",
    [{ p: [...head(0, 1, 200), ...tables(65), 1], m: true }],
    "JPEG tables of a wrong length",
  ],
  ["a restart header cut off", [{ p: [...head(0, 65, 50), 0], m: true }], "JPEG restart header cut off"],
  [
    "fragments that do not fit",
    [{ p: [...head(0, 1, 50), 1] }, { p: [...head(9, 1, 50), 1], m: true }],
    "JPEG fragments do not fit",
  ],
  ["an image without its start", [{ p: [...head(9, 1, 50), 1], m: true }], "picture without its start"],
  [
    "loss",
    [{ p: [...head(0, 1, 50), 1] }, { p: [...head(9, 1, 50), 1], m: true, gap: true }],
    "packets lost",
  ],
];

for (const [name, packets, why] of refused) {
  test(`JPEG depacketizer drops ${name}, and goes on with the next image`, () => {
    const { sink, jpeg } = open();
    feed(jpeg, packets);
    feed(jpeg, [{ p: [...head(0, 1, 50), 7], t: 5, m: true }]);
    expect(sink.damages).toEqual([why]);
    expect(sink.out.map((o) => o.timestamp)).toEqual([5]);
  });
}
