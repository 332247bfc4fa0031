import type { Sent } from "./collect.ts";

// NAL units by their first bytes: 67 SPS, 68 PPS, 06 SEI, 09 AUD, 65 IDR slice, 41 other slice; the byte behind the
// header of a slice has its top bit set where the slice is the first of its picture.
export const SPS = [0x67, 1, 2, 3];
export const PPS = [0x68, 4, 5];
export const SEI = [0x06, 5, 1, 9];
export const AUD = [0x09, 0xf0];
export const IDR = [0x65, 0x88, 10, 11, 12, 13];
export const IDR2 = [0x65, 0x22, 20, 21];
export const P1 = [0x41, 0x9a, 30, 31, 32];
export const P2 = [0x41, 0x9b, 40, 41];
const CODE = [0, 0, 0, 1];

export interface NalCase {
  readonly name: string;
  readonly packets: readonly Sent[];
  /** Access units: their timestamp and NAL units. */
  readonly units: readonly (readonly [number, ...number[][]])[];
  readonly damages?: readonly string[];
  readonly skips?: readonly string[];
  /** What comes only when the stream ends. */
  readonly last?: readonly [number, ...number[][]];
}

export const cases: readonly NalCase[] = [
  {
    name: "single NAL units, marker at the end",
    packets: [{ p: SPS }, { p: PPS }, { p: IDR, m: true }, { p: P1, t: 3600, m: true }],
    units: [[0, SPS, PPS, IDR], [3600, P1]],
  },
  {
    name: "STAP-A of parameter sets, two slices",
    packets: [{ p: [0x78, 0, 4, ...SPS, 0, 3, ...PPS] }, { p: IDR }, { p: IDR2, m: true }],
    units: [[0, SPS, PPS, IDR, IDR2]],
  },
  {
    name: "STAP-A with an empty unit",
    packets: [{ p: [0x78, 0, 0, 0, 6, ...IDR], m: true }],
    units: [[0, IDR]],
  },
  {
    name: "STAP-A cut off",
    packets: [{ p: [0x78, 0, 4, ...SPS, 0, 9, ...PPS] }, { p: IDR, m: true }, { p: P1, t: 9, m: true }],
    units: [[9, P1]],
    damages: ["H.264 STAP-A cut off"],
  },
  {
    name: "FU-A in three fragments",
    packets: [{ p: [0x7c, 0x85, 0x88, 10] }, { p: [0x7c, 0x05, 11, 12] }, { p: [0x7c, 0x45, 13], m: true }],
    units: [[0, IDR]],
  },
  {
    name: "CostarHD: FU-A with start and end both set (fuboth)",
    packets: [{ p: [0x5c, 0xc1, 0x9a, 30, 31, 32], m: true }],
    units: [[0, P1]],
  },
  {
    name: "Tiandy: the type changes between fragments",
    packets: [{ p: [0x7c, 0x85, 0x88, 10] }, { p: [0x7c, 0x01, 11, 12] }, { p: [0x7c, 0x41, 13], m: true }],
    units: [[0, IDR]],
  },
  {
    name: "empty fragments",
    packets: [{ p: [0x7c, 0x85] }, { p: [0x7c, 0x05, 0x88, 10, 11, 12, 13] }, { p: [0x7c, 0x05] }, {
      p: [0x7c, 0x45],
      m: true,
    }],
    units: [[0, IDR]],
  },
  {
    name: "FU-A reserved bit set",
    packets: [{ p: [0x7c, 0xa5, 0x88, 10] }, { p: [0x7c, 0x65, 11, 12, 13], m: true }],
    units: [[0, IDR]],
  },
  {
    name: "FU-A that never says its end",
    packets: [{ p: [0x7c, 0x85, 0x88, 10] }, { p: [0x7c, 0x05, 11, 12, 13], m: true }, {
      p: P1,
      t: 9,
      m: true,
    }],
    units: [[0, IDR], [9, P1]],
  },
  {
    name: "FU-A that begins anew without an end before it",
    packets: [{ p: [0x7c, 0x87, 1, 2, 3] }, { p: [0x7c, 0x85, 0x88, 10, 11, 12, 13], m: true }],
    units: [[0, SPS, IDR]],
  },
  {
    name: "FU-A without its start",
    packets: [{ p: [0x7c, 0x05, 11] }, { p: [0x7c, 0x45, 13], m: true }, { p: P1, t: 9, m: true }],
    units: [[9, P1]],
    damages: ["H.264 FU-A without its start"],
  },
  {
    name: "Tapo TC70: marker on parameter sets and SEI too (marks)",
    packets: [{ p: SPS, m: true }, { p: PPS, m: true }, { p: SEI, m: true }, { p: IDR, m: true }, {
      p: P1,
      t: 3600,
      m: true,
    }],
    units: [[0, SPS, PPS, SEI, IDR], [3600, P1]],
  },
  {
    name: "Reolink Duo 2: marker on the SPS, not on the PPS",
    packets: [{ p: SPS, m: true }, { p: PPS }, { p: IDR, m: true }],
    units: [[0, SPS, PPS, IDR]],
  },
  {
    name: "FLIR M400: marker never set (nomark)",
    packets: [{ p: SPS }, { p: PPS }, { p: IDR }, { p: P1, t: 3600 }, { p: P2, t: 7200 }],
    units: [[0, SPS, PPS, IDR], [3600, P1]],
    last: [7200, P2],
  },
  {
    name: "V380: units joined by start codes in one payload (annexb)",
    packets: [{ p: [...SPS, ...CODE, ...PPS, ...CODE, ...SEI] }, { p: IDR, m: true }],
    units: [[0, SPS, PPS, SEI, IDR]],
  },
  {
    name: "payload that begins with a start code, short codes within",
    packets: [{ p: [...CODE, ...SPS, 0, 0, 1, ...PPS, 0, 0, 0, 0, 1, ...IDR], m: true }],
    units: [[0, SPS, PPS, IDR]],
  },
  {
    name: "units joined by start codes and then cut into FU-A",
    packets: [{ p: [0x7c, 0x87, 1, 2, 3, ...CODE, 0x68] }, {
      p: [0x7c, 0x47, 4, 5, ...CODE, ...IDR],
      m: true,
    }],
    units: [[0, SPS, PPS, IDR]],
  },
  {
    name: "marker on every slice: told once, then split by timestamp",
    packets: [
      { p: IDR, m: true },
      { p: IDR2, m: true },
      { p: [...P1], t: 1, m: true },
      { p: [0x41, 0x22, 7], t: 1, m: true },
      { p: P2, t: 2 },
    ],
    units: [[0, IDR], [1, P1, [0x41, 0x22, 7]]],
    damages: ["marker before the end of the picture"],
    last: [2, P2],
  },
  {
    name: "timestamps and markers both missing: split by the first slices",
    packets: [{ p: IDR }, { p: P1 }, { p: P2 }, { p: AUD }, { p: P1 }, { p: P2 }, { p: P1 }],
    units: [[0, AUD, P1], [0, P2]],
    damages: ["several pictures with one timestamp"],
    last: [0, P1],
  },
  {
    name: "timestamps that stand still, with markers",
    packets: [{ p: IDR, m: true }, { p: P1, m: true }, { p: P2, m: true }],
    units: [[0, IDR], [0, P1], [0, P2]],
  },
  {
    name: "loss inside an access unit: dropped whole, the next one is taken",
    packets: [{ p: [0x7c, 0x85, 0x88, 10] }, { p: [0x7c, 0x45, 13], m: true, gap: true }, {
      p: P1,
      t: 9,
      m: true,
    }],
    units: [[9, P1]],
    damages: ["packets lost"],
  },
  {
    name: "loss of the end and of the next beginning: both dropped",
    packets: [{ p: [0x7c, 0x85, 0x88, 10] }, { p: [0x7c, 0x41, 13], t: 9, m: true, gap: true }, {
      p: P2,
      t: 18,
      m: true,
    }],
    units: [[18, P2]],
    damages: ["packets lost"],
  },
  {
    name: "loss before a packet that begins an access unit: it is whole",
    packets: [{ p: IDR, m: true }, { p: P1, t: 9, m: true, gap: true }, { p: SPS, t: 18, gap: true }, {
      p: IDR,
      t: 18,
      m: true,
    }],
    units: [[0, IDR], [9, P1], [18, SPS, IDR]],
    damages: ["packets lost", "packets lost"],
  },
  {
    name: "loss without markers: the access unit before is not trusted",
    packets: [{ p: IDR }, { p: P1, t: 9, gap: true }, { p: P2, t: 18 }],
    units: [[9, P1]],
    damages: ["packets lost"],
    last: [18, P2],
  },
  {
    name: "interleaved mode and reserved types are refused by name",
    packets: [{ p: [25, 0, 0] }, { p: [26, 0] }, { p: [27, 0] }, { p: [29, 0x80] }, { p: [31] }, {
      p: [0, 1],
    }, {
      p: IDR,
      m: true,
    }],
    units: [[0, IDR]],
    skips: [
      "H.264 STAP-B (interleaved mode) is not supported",
      "H.264 MTAP16 (interleaved mode) is not supported",
      "H.264 MTAP24 (interleaved mode) is not supported",
      "H.264 FU-B (interleaved mode) is not supported",
      "H.264 packet of a reserved type",
      "H.264 packet of a reserved type",
    ],
  },
  {
    name: "empty payloads and an FU-A of one byte",
    packets: [{ p: [] }, { p: [0x7c] }, { p: IDR, m: true }],
    units: [[0, IDR]],
    skips: ["empty payload", "H.264 FU-A without header"],
  },
];
