import { expect, test } from "bun:test";
import { DEPACKETIZERS } from "../../../../../src/wire/protocol/rtp/depacketize/table.ts";
import type { RtpFormat } from "../../../../../src/wire/protocol/rtp/format.ts";
import { Collect, feed, format, run, type Sent } from "./collect.ts";

const HBR = { mode: "AAC-hbr", sizelength: "13", indexlength: "3", indexdeltalength: "3", config: "1190" };
const A = run(0x21, 5);
const B = run(0x41, 3);
const adts = (unit: number[], crc = false): number[] => {
  const length = unit.length + (crc ? 9 : 7);
  const head = [
    0xff,
    crc ? 0xf0 : 0xf1,
    0x4c,
    0x80 | (length >> 11),
    (length >> 3) & 0xff,
    ((length & 7) << 5) | 31,
    0xfc,
  ];
  return [...head, ...(crc ? [0xab, 0xcd] : []), ...unit];
};

interface Case {
  readonly name: string;
  readonly format: RtpFormat;
  readonly packets: readonly Sent[];
  /** Timestamp, offset, access unit. */
  readonly units: readonly (readonly [number, number, number[]])[];
  readonly damages?: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: "AAC-hbr, one unit a packet",
    format: format("MPEG4-GENERIC", 48000, HBR),
    packets: [{ p: [0, 16, 0, 5 << 3, ...A], m: true }, { p: [0, 16, 0, 3 << 3, ...B], t: 1024, m: true }],
    units: [[0, 0, A], [1024, 0, B]],
  },
  {
    name: "AAC-hbr, two units a packet",
    format: format("MPEG4-GENERIC", 48000, HBR),
    packets: [{ p: [0, 32, 0, 5 << 3, 0, 3 << 3, ...A, ...B], t: 7, m: true }],
    units: [[7, 0, A], [7, 1024, B]],
  },
  {
    name: "HE-AAC: offsets in ticks of the RTP clock",
    format: format("MPEG4-GENERIC", 48000, { ...HBR, config: "2b118800" }),
    packets: [{ p: [0, 32, 0, 5 << 3, 0, 3 << 3, ...A, ...B], m: true }],
    units: [[0, 0, A], [0, 2048, B]],
  },
  {
    name: "a clock of 90 kHz",
    format: format("MPEG4-GENERIC", 90000, HBR),
    packets: [{ p: [0, 32, 0, 5 << 3, 0, 3 << 3, ...A, ...B], m: true }],
    units: [[0, 0, A], [0, 1920, B]],
  },
  {
    name: "Anpviz: config=1408 and nothing else",
    format: format("MPEG4-GENERIC", 16000, { config: "1408" }, 2),
    packets: [{ p: [0, 16, 0, 5 << 3, ...A], m: true }],
    units: [[0, 0, A]],
  },
  {
    name: "no format parameters at all",
    format: format("MPEG4-GENERIC", 16000),
    packets: [{ p: [0, 16, 0, 5 << 3, ...A], m: true }],
    units: [[0, 0, A]],
  },
  {
    name: "AAC-lbr: sizes of 6 bits",
    format: format("MPEG4-GENERIC", 16000, {
      mode: "AAC-lbr",
      sizelength: "6",
      indexlength: "2",
      indexdeltalength: "2",
    }),
    packets: [{ p: [0, 16, 5 << 2, 3 << 2, ...A, ...B], m: true }],
    units: [[0, 0, A], [0, 1024, B]],
  },
  {
    name: "interleaving: index deltas count",
    format: format("MPEG4-GENERIC", 48000, HBR),
    packets: [{ p: [0, 32, 0, 5 << 3, 0, (3 << 3) | 2, ...A, ...B], m: true }],
    units: [[0, 0, A], [0, 3072, B]],
  },
  {
    name: "presentation time deltas, flags and auxiliary data",
    format: format("MPEG4-GENERIC", 48000, {
      sizelength: "13",
      indexlength: "3",
      ctsdeltalength: "4",
      dtsdeltalength: "3",
      randomaccessindication: "1",
      streamstateindication: "2",
      auxiliarydatasizelength: "8",
    }),
    // size 5, index 0, CTS flag 1 and 4 bits, DTS flag 0, RAP 1, state 2: 16 + 5 + 1 + 1 + 2 = 25 bits.
    packets: [{ p: [0, 25, 0, 5 << 3, 0b1101_1010, 0b1_0000000 >> 0, 8, 0xaa, ...A], m: true }],
    units: [[0, 0, A]],
  },
  {
    name: "constant size without headers",
    format: format("MPEG4-GENERIC", 8000, { constantsize: "3" }),
    packets: [{ p: [...B, ...B, ...B], m: true }],
    units: [[0, 0, B], [0, 1024, B], [0, 2048, B]],
  },
  {
    name: "a unit over three packets",
    format: format("MPEG4-GENERIC", 48000, HBR),
    packets: [
      { p: [0, 16, 0, 9 << 3, ...run(1, 4)] },
      { p: [0, 16, 0, 9 << 3, ...run(5, 3)] },
      { p: [0, 16, 0, 9 << 3, ...run(8, 2)], m: true },
      { p: [0, 16, 0, 3 << 3, ...B], t: 1024, m: true },
    ],
    units: [[0, 0, run(1, 9)], [1024, 0, B]],
  },
  {
    name: "fragments of which one was lost",
    format: format("MPEG4-GENERIC", 48000, HBR),
    packets: [
      { p: [0, 16, 0, 9 << 3, ...run(1, 4)] },
      { p: [0, 16, 0, 9 << 3, ...run(8, 2)], m: true, gap: true },
      { p: [0, 16, 0, 3 << 3, ...B], t: 1024, m: true },
    ],
    units: [[1024, 0, B]],
    damages: ["packets lost", "AAC access unit cut off"],
  },
  {
    name: "fragments that end without the marker",
    format: format("MPEG4-GENERIC", 48000, HBR),
    packets: [{ p: [0, 16, 0, 9 << 3, ...run(1, 4)] }, { p: [0, 16, 0, 3 << 3, ...B], t: 1024, m: true }],
    units: [[1024, 0, B]],
    damages: ["AAC access unit cut off"],
  },
  {
    name: "ADTS inside the access unit",
    format: format("MPEG4-GENERIC", 48000, HBR),
    packets: [{ p: [0, 16, 0, 12 << 3, ...adts(A)], m: true }, {
      p: [0, 16, 0, 12 << 3, ...adts(B, true)],
      t: 1024,
      m: true,
    }],
    units: [[0, 0, A], [1024, 0, B]],
  },
  {
    name: "ADTS frames instead of AU headers",
    format: format("MPEG4-GENERIC", 48000, HBR),
    packets: [{ p: [...adts(A), ...adts(B)], m: true }],
    units: [[0, 0, A], [0, 1024, B]],
  },
  {
    name: "bare access units instead of AU headers",
    format: format("MPEG4-GENERIC", 48000, HBR),
    packets: [{ p: A, m: true }, { p: [0xff, ...B], t: 1024, m: true }],
    units: [[0, 0, A], [1024, 0, [0xff, ...B]]],
  },
  {
    name: "AU headers cut off after good ones",
    format: format("MPEG4-GENERIC", 48000, HBR),
    packets: [
      { p: [0, 16, 0, 5 << 3, ...A], m: true },
      { p: [0, 64, 0, 8], t: 1, m: true },
      { p: [0], t: 2 },
      {
        p: [0, 32, 0, 5 << 3, 0, 4 << 3, ...A, ...B],
        t: 3,
        m: true,
      },
    ],
    units: [[0, 0, A], [3, 0, A]],
    damages: ["AAC without AU headers", "AAC without AU headers", "AAC access unit cut off"],
  },
];

for (const c of cases) {
  test(`MPEG4-GENERIC depacketizer reads ${c.name}`, () => {
    const sink = new Collect();
    feed(DEPACKETIZERS["MPEG4-GENERIC"]!(c.format, sink, 1 << 20), c.packets);
    expect(sink.out.map((o) => [o.timestamp, o.offset, [...o.units[0]!]])).toEqual(
      c.units.map((u) => [...u]),
    );
    expect(sink.damages).toEqual([...c.damages ?? []]);
  });
}

test("MPEG4-GENERIC depacketizer refuses a fragmented unit above its limit", () => {
  const sink = new Collect();
  const depacketizer = DEPACKETIZERS["MPEG4-GENERIC"]!(format("MPEG4-GENERIC", 48000, HBR), sink, 8);
  feed(depacketizer, [{ p: [0, 16, 0, 9 << 3, 1, 2] }, { p: [0, 16, 0, 8 << 3, 1, 2], t: 1 }]);
  expect(sink.damages).toEqual(["access unit too large"]);
});
