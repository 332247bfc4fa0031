import { expect, test } from "bun:test";
import { H265Depacketizer } from "../../../../../src/wire/protocol/rtp/depacketize/h265.ts";
import { Collect, feed, type Sent } from "./collect.ts";

const VPS = [0x40, 1, 1];
const SPS = [0x42, 1, 2, 3];
const PPS = [0x44, 1, 4];
const SEI = [0x4e, 1, 5];
const AUD = [0x46, 1, 0x50];
const IDR = [0x26, 1, 0xaf, 10, 11, 12];
const IDR2 = [0x26, 1, 0x22, 20];
const P1 = [0x02, 1, 0xd0, 30, 31];
const P2 = [0x02, 1, 0xd1, 40];

interface Case {
  readonly name: string;
  readonly don?: boolean;
  readonly packets: readonly Sent[];
  readonly units: readonly number[][][];
  readonly damages?: readonly string[];
  readonly skips?: readonly string[];
}

const cases: readonly Case[] = [
  {
    name: "single NAL units",
    packets: [{ p: VPS }, { p: SPS }, { p: PPS }, { p: IDR, m: true }, { p: P1, t: 1, m: true }],
    units: [[VPS, SPS, PPS, IDR], [P1]],
  },
  {
    name: "an aggregation packet and a fragmented slice",
    packets: [
      { p: [0x60, 1, 0, 3, ...VPS, 0, 4, ...SPS, 0, 3, ...PPS] },
      { p: [0x62, 1, 0x93, 0xaf] },
      { p: [0x62, 1, 0x13, 10, 11] },
      { p: [0x62, 1, 0x53, 12], m: true },
    ],
    units: [[VPS, SPS, PPS, IDR]],
  },
  {
    name: "aggregation and fragments with decoding order numbers",
    don: true,
    packets: [
      { p: [0x60, 1, 0, 7, 0, 3, ...VPS, 1, 0, 4, ...SPS] },
      { p: [0x44, 1, 0, 9, 4] },
      { p: [0x62, 1, 0x93, 0, 10, 0xaf, 10] },
      { p: [0x62, 1, 0x53, 11, 12], m: true },
      { p: [0x02, 1, 0, 11, 0xd0, 30, 31], t: 1, m: true },
    ],
    units: [[VPS, SPS, PPS, IDR], [P1]],
  },
  {
    name: "marker on parameter sets and SEI too (marks)",
    packets: [{ p: VPS, m: true }, { p: SPS, m: true }, { p: PPS, m: true }, { p: SEI, m: true }, {
      p: IDR,
      m: true,
    }],
    units: [[VPS, SPS, PPS, SEI, IDR]],
  },
  {
    name: "no marker (nomark)",
    packets: [{ p: AUD }, { p: IDR }, { p: IDR2 }, { p: P1, t: 1 }, { p: P2, t: 2 }],
    units: [[AUD, IDR, IDR2], [P1]],
  },
  {
    name: "units joined by start codes (annexb)",
    packets: [{ p: [...VPS, 0, 0, 0, 1, ...SPS, 0, 0, 1, ...PPS] }, { p: IDR, m: true }],
    units: [[VPS, SPS, PPS, IDR]],
  },
  {
    name: "S and E together, the type changing, an empty fragment",
    packets: [
      { p: [0x62, 1, 0xd3, 0xaf, 10, 11, 12] },
      { p: [0x62, 1, 0x93, 0x22] },
      { p: [0x62, 1, 0x01] },
      {
        p: [0x62, 1, 0x41, 20],
        m: true,
      },
    ],
    units: [[IDR, IDR2]],
  },
  {
    name: "a lost fragment",
    packets: [{ p: [0x62, 1, 0x93, 0xaf] }, { p: [0x62, 1, 0x53, 12], m: true, gap: true }, {
      p: P1,
      t: 1,
      m: true,
    }],
    units: [[P1]],
    damages: ["packets lost"],
  },
  {
    name: "loss before the first slice of the next picture",
    packets: [{ p: IDR, m: true }, { p: P2, t: 2, m: true, gap: true }],
    units: [[IDR], [P2]],
    damages: ["packets lost"],
  },
  {
    name: "cut off aggregation, a fragment without its start, short payloads and refused types",
    packets: [
      { p: [0x60, 1, 0, 9, 1, 2] },
      { p: [0x62, 1, 0x53, 12], t: 1 },
      { p: [0x62, 1], t: 2 },
      { p: [0x64, 1, 0, 0], t: 2 },
      { p: [0x70, 1, 0, 0], t: 2 },
      { p: P1, t: 3, m: true },
    ],
    units: [[P1]],
    damages: ["H.265 aggregation packet cut off", "H.265 FU without its start"],
    skips: [
      "H.265 payload without a unit",
      "H.265 PACI packet is not supported",
      "H.265 packet of a reserved type",
    ],
  },
];

for (const c of cases) {
  test(`H265Depacketizer reads ${c.name}`, () => {
    const sink = new Collect();
    feed(new H265Depacketizer(sink, c.don ?? false), c.packets);
    expect(sink.plain).toEqual([...c.units]);
    expect(sink.damages).toEqual([...c.damages ?? []]);
    expect(sink.skips).toEqual([...c.skips ?? []]);
  });
}
