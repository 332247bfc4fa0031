import { expect, test } from "bun:test";
import { DEPACKETIZERS } from "../../../../../src/wire/protocol/rtp/depacketize/table.ts";
import { vp8DescriptorLength } from "../../../../../src/wire/protocol/rtp/depacketize/vp8.ts";
import { readVp9Descriptor } from "../../../../../src/wire/protocol/rtp/depacketize/vp9.ts";
import { Collect, feed, format, run, type Sent } from "./collect.ts";

interface Case {
  readonly name: string;
  readonly encoding: string;
  readonly packets: readonly Sent[];
  readonly units: readonly number[][][];
  readonly damages?: readonly string[];
  readonly skips?: readonly string[];
}

// AV1: OBU headers without size field: 0x08 sequence header, 0x30 frame, 0x10 temporal delimiter.
const SEQ = [0x08, 1, 2, 3];
const FRAME = [0x30, ...run(10, 6)];
const TILE = [0x20, 7, 8];

const cases: readonly Case[] = [
  {
    name: "VP8 frames, whole and in fragments, with every descriptor field",
    encoding: "VP8",
    packets: [
      { p: [0x10, 1, 2, 3], m: true },
      { p: [0x90, 0x80, 0x81, 0x02, 4, 5], t: 1 },
      { p: [0x80, 0xf0, 0x05, 9, 9, 6, 7], t: 1, m: true },
      { p: [0x90, 0x20, 0xc0, 8], t: 2, m: true },
    ],
    units: [[[1, 2, 3]], [[4, 5, 6, 7]], [[8]]],
  },
  {
    name: "VP8 without markers, split by timestamp and by first packets",
    encoding: "VP8",
    packets: [{ p: [0x10, 1] }, { p: [0x00, 2] }, { p: [0x11, 5] }, { p: [0x10, 3] }, { p: [0x10, 4], t: 9 }],
    units: [[[1, 2, 5]], [[3]]],
  },
  {
    name: "VP8 loss",
    encoding: "VP8",
    packets: [
      { p: [0x10, 1] },
      { p: [0x00, 3], m: true, gap: true },
      { p: [0x10, 4], t: 1, m: true, gap: true },
      { p: [0x00, 5], t: 2, m: true },
      { p: [0x90], t: 3, m: true },
      { p: [0x10, 6], t: 4, m: true },
    ],
    units: [[[4]], [[6]]],
    damages: ["packets lost", "packets lost", "picture without its start", "VP8 payload descriptor cut off"],
    skips: ["VP8 payload descriptor cut off"],
  },
  {
    name: "VP9 non-flexible: picture number, layers, scalability structure",
    encoding: "VP9",
    packets: [
      // I L B V, M, tid/sid 0, TL0PICIDX, structure: one layer, Y, G with one group of one reference.
      { p: [0xaa, 0x81, 0x02, 0x00, 0x07, 0x18, 1, 64, 0, 180, 1, 0x04, 1, 1, 2] },
      { p: [0xa4, 0x81, 0x02, 0x00, 0x07, 3], m: true },
      { p: [0x0c, 4, 5], t: 1, m: true },
    ],
    units: [[[1, 2, 3]], [[4, 5]]],
  },
  {
    name: "VP9 flexible: three reference differences",
    encoding: "VP9",
    packets: [{ p: [0xdc, 0x05, 0x03, 0x05, 0x06, 1, 2], m: true }],
    units: [[[1, 2]]],
  },
  {
    name: "VP9 spatial layers become a superframe",
    encoding: "VP9",
    packets: [
      { p: [0x2c, 0x00, 1, 10, 11] },
      { p: [0x28, 0x02, 1, ...run(20, 3)] },
      { p: [0x24, 0x02, 1, ...run(23, 300)], m: true },
    ],
    units: [[[10, 11, ...run(20, 303), 0xc9, 2, 0, 47, 1, 0xc9]]],
  },
  {
    name: "VP9 loss of the base layer",
    encoding: "VP9",
    packets: [{ p: [0x24, 0x02, 1, 1], m: true, gap: true }, { p: [0x2c, 0x00, 1, 10, 11], t: 1, m: true }, {
      p: [0x80],
      t: 2,
    }],
    units: [[[10, 11]]],
    damages: ["packets lost", "picture without its start"],
    skips: ["VP9 payload descriptor cut off"],
  },
  {
    name: "AV1 OBUs with and without lengths (W = 0, 1, 2)",
    encoding: "AV1",
    packets: [
      { p: [0x08, SEQ.length, ...SEQ, FRAME.length, ...FRAME], m: true },
      { p: [0x10, ...FRAME], t: 1, m: true },
      { p: [0x20, SEQ.length, ...SEQ, ...FRAME], t: 2, m: true },
    ],
    units: [[SEQ, FRAME], [FRAME], [SEQ, FRAME]],
  },
  {
    name: "AV1 fragments over three packets",
    encoding: "AV1",
    packets: [
      { p: [0x68, SEQ.length, ...SEQ, ...FRAME.slice(0, 2)] },
      { p: [0xd0, ...FRAME.slice(2, 4)] },
      { p: [0xa0, 3, ...FRAME.slice(4), ...TILE], m: true },
    ],
    units: [[SEQ, FRAME, TILE]],
  },
  {
    name: "AV1 without markers",
    encoding: "AV1",
    packets: [{ p: [0x10, ...SEQ] }, { p: [0x10, ...FRAME] }, { p: [0x10, ...TILE], t: 1 }],
    units: [[SEQ, FRAME]],
  },
  {
    name: "AV1 loss: taken up again where a sequence begins",
    encoding: "AV1",
    packets: [
      { p: [0x50, ...FRAME.slice(0, 2)] },
      { p: [0x90, ...FRAME.slice(4)], m: true, gap: true },
      { p: [0x18, ...SEQ], t: 1, m: true, gap: true },
      { p: [0x10, ...SEQ], t: 2, m: true, gap: true },
      { p: [0x10, ...FRAME], t: 3, m: true, gap: true },
      { p: [0x90, ...FRAME], t: 4, m: true },
      { p: [0x50, ...FRAME], t: 5, m: true },
      { p: [0x00, 9, ...TILE], t: 6, m: true },
      { p: [0x10], t: 7 },
    ],
    units: [[SEQ], [SEQ]],
    damages: [
      "packets lost",
      "packets lost",
      "packets lost",
      "packets lost",
      "AV1 OBU fragments do not fit",
      "AV1 OBU cut off",
      "AV1 OBU element cut off",
    ],
    skips: ["AV1 payload without an OBU"],
  },
  {
    name: "ONVIF metadata until the marker, or the next timestamp",
    encoding: "VND.ONVIF.METADATA",
    packets: [
      { p: [1, 2] },
      { p: [] },
      { p: [3], m: true },
      { p: [4], t: 1 },
      { p: [5], t: 2, m: true },
      {
        p: [6],
        t: 3,
        gap: true,
      },
      { p: [7], t: 3, m: true },
      { p: [8], t: 4, m: true },
    ],
    units: [[[1, 2, 3]], [[4]], [[5]], [[8]]],
    damages: ["packets lost"],
  },
  {
    name: "G.711 as it is",
    encoding: "PCMA",
    packets: [{ p: [1, 2] }, { p: [] }, { p: [3], t: 2, gap: true }],
    units: [[[1, 2]], [[3]]],
    damages: ["packets lost"],
    skips: ["empty payload"],
  },
];

for (const c of cases) {
  test(`depacketizer reads ${c.name}`, () => {
    const sink = new Collect();
    feed(DEPACKETIZERS[c.encoding]!(format(c.encoding, 90_000), sink, 1 << 20), c.packets);
    expect(sink.plain).toEqual([...c.units]);
    expect(sink.damages).toEqual([...c.damages ?? []]);
    expect(sink.skips).toEqual([...c.skips ?? []]);
  });
}

test("L16 is cut to whole samples of all channels", () => {
  const sink = new Collect();
  feed(DEPACKETIZERS["L16"]!(format("L16", 44_100, {}, 2), sink, 1 << 20), [{ p: run(0, 11) }, {
    p: [1, 2, 3],
  }]);
  expect(sink.plain).toEqual([[run(0, 8)]]);
  expect(sink.skips).toEqual(["empty payload"]);
});

test("descriptors that are cut off anywhere are told from whole ones", () => {
  const vp8 = [0x90, 0xf0, 0x81, 0x02, 9, 9];
  expect(vp8DescriptorLength(Uint8Array.from(vp8))).toBe(6);
  for (let n = 1; n < vp8.length; n++) {
    expect(vp8DescriptorLength(Uint8Array.from(vp8.slice(0, n)))).toBeGreaterThan(n);
  }
  const vp9 = [0xaa, 0x81, 0x02, 0x00, 0x07, 0x18, 1, 64, 0, 180, 1, 0x04, 1];
  const out = { length: 0, begins: false, ends: false, spatial: 0 };
  expect(readVp9Descriptor(Uint8Array.from(vp9), out)).toBe(true);
  expect(out.length).toBe(vp9.length);
  for (let n = 0; n < vp9.length; n++) {
    expect(readVp9Descriptor(Uint8Array.from(vp9.slice(0, n)), out)).toBe(false);
  }
});

test("pictures above the limit are dropped", () => {
  for (
    const [encoding, first, more] of [["VP8", [0x10], [0x00]], ["VP9", [0x08], [0x04]], ["AV1", [0x50], [
      0x90,
    ]]] as const
  ) {
    const sink = new Collect();
    feed(DEPACKETIZERS[encoding]!(format(encoding, 90_000), sink, 100), [
      { p: [...first, ...run(0, 60)] },
      { p: [...more, ...run(0, 60)], m: true },
      { p: [encoding === "AV1" ? 0x10 : first[0], 5, 6], t: 1, m: true },
    ]);
    expect(sink.damages).toEqual(["access unit too large"]);
    expect(sink.plain).toEqual([[[5, 6]]]);
  }
});
