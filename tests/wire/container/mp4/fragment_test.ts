import { describe, expect, test } from "bun:test";
import { wallMillis } from "../../../../src/base/units.ts";
import { encodeEventSeries, EVENT_OPEN } from "../../../../src/wire/container/mp4/emsg.ts";
import {
  FRAGMENT_MAX,
  type FragmentOptions,
  type FragmentRun,
  type FragmentSample,
  fragmentSize,
  writeFragment,
} from "../../../../src/wire/container/mp4/fragment.ts";

const sample = (data: number[], duration: number, key: boolean, ptsOffset = 0): FragmentSample => ({
  data: Uint8Array.from(data),
  duration,
  ptsOffset,
  key,
});

function write(sequence: number, runs: readonly FragmentRun[], options?: FragmentOptions): Uint8Array {
  const size = fragmentSize(runs, options);
  const out = new Uint8Array(size + 8).fill(0xee);
  expect(writeFragment(out, 5, sequence, runs, options)).toBe(size);
  expect([...out.subarray(0, 5), ...out.subarray(size + 5)]).toEqual(new Array(8).fill(0xee));
  return out.slice(5, size + 5);
}

const chars = (s: string) => new TextEncoder().encode(s).toHex();
const plain = (text: string) => text.replaceAll(/\s/g, "");

/** Byte for byte by ISO/IEC 14496-12, 8.8, written by hand. */
const cases: {
  name: string;
  sequence?: number;
  runs: FragmentRun[];
  options?: FragmentOptions;
  bytes: string;
}[] = [
  {
    name: "one key frame, everything said once in tfhd",
    runs: [{ id: 1, baseDts: 9000, samples: [sample([1, 2, 3], 3600, true)] }],
    bytes: `
      00000064 ${chars("moof")}
        00000010 ${chars("mfhd")} 00000000 00000001
        0000004c ${chars("traf")}
          0000001c ${chars("tfhd")} 00020038 00000001 00000e10 00000003 02000000
          00000014 ${chars("tfdt")} 01000000 0000000000002328
          00000014 ${chars("trun")} 01000001 00000001 0000006c
      0000000b ${chars("mdat")} 010203`,
  },
  {
    name: "a key frame and those that depend on it, with first-sample-flags",
    sequence: 0xfffffffe,
    runs: [{
      id: 2,
      baseDts: 0,
      samples: [sample([1, 2, 3], 3600, true), sample([4], 3600, false), sample([5, 6], 3600, false)],
    }],
    bytes: `
      00000070 ${chars("moof")}
        00000010 ${chars("mfhd")} 00000000 fffffffe
        00000058 ${chars("traf")}
          00000018 ${chars("tfhd")} 00020028 00000002 00000e10 01010000
          00000014 ${chars("tfdt")} 01000000 0000000000000000
          00000024 ${chars("trun")} 01000205 00000003 00000078 02000000 00000003 00000001 00000002
      0000000e ${chars("mdat")} 010203040506`,
  },
  {
    name:
      "every field in every row: durations, sizes, key frames amid others, negative offsets, a time of 64 bits",
    runs: [{
      id: 1,
      baseDts: 2 ** 33 + 5,
      samples: [sample([1], 3600, false, 3600), sample([2, 3], 3601, true, -7200), sample([4], 3599, false)],
    }],
    bytes: `
      00000088 ${chars("moof")}
        00000010 ${chars("mfhd")} 00000000 00000001
        00000070 ${chars("traf")}
          00000010 ${chars("tfhd")} 00020000 00000001
          00000014 ${chars("tfdt")} 01000000 0000000200000005
          00000044 ${chars("trun")} 01000f01 00000003 00000090
            00000e10 00000001 01010000 00000e10
            00000e11 00000002 02000000 ffffe3e0
            00000e0f 00000001 01010000 00000000
      0000000c ${chars("mdat")} 01020304`,
  },
  {
    name: "two tracks, the second one's data behind the first one's, and a third without samples left out",
    runs: [
      { id: 1, baseDts: 1, samples: [sample([1, 2, 3], 3600, true)] },
      { id: 3, baseDts: 7, samples: [] },
      { id: 2, baseDts: 2, samples: [sample([4], 1024, true), sample([5, 6], 1024, true)] },
    ],
    bytes: `
      000000b4 ${chars("moof")}
        00000010 ${chars("mfhd")} 00000000 00000001
        0000004c ${chars("traf")}
          0000001c ${chars("tfhd")} 00020038 00000001 00000e10 00000003 02000000
          00000014 ${chars("tfdt")} 01000000 0000000000000001
          00000014 ${chars("trun")} 01000001 00000001 000000bc
        00000050 ${chars("traf")}
          00000018 ${chars("tfhd")} 00020028 00000002 00000400 02000000
          00000014 ${chars("tfdt")} 01000000 0000000000000002
          0000001c ${chars("trun")} 01000201 00000002 000000bf 00000001 00000002
      0000000e ${chars("mdat")} 010203 04 0506`,
  },
  {
    name: "styp and prft before the moof, which the data offset does not count",
    runs: [{ id: 1, baseDts: 9000, samples: [sample([1], 3600, false)] }],
    options: {
      segmentType: true,
      // 2024-01-01 00:00:00.5 UTC, half a second is 2^31 of NTP's fraction
      producerTime: { trackId: 1, wall: wallMillis(1704067200500), mediaTime: 2 ** 32 + 9000 },
    },
    bytes: `
      00000018 ${chars("styp")} ${chars("msdh")} 00000000 ${chars("msdh")} ${chars("cmfs")}
      00000020 ${chars("prft")} 01000001 00000001 e93c7f00 80000000 0000000100002328
      00000064 ${chars("moof")}
        00000010 ${chars("mfhd")} 00000000 00000001
        0000004c ${chars("traf")}
          0000001c ${chars("tfhd")} 00020038 00000001 00000e10 00000001 01010000
          00000014 ${chars("tfdt")} 01000000 0000000000002328
          00000014 ${chars("trun")} 01000001 00000001 0000006c
      00000009 ${chars("mdat")} 01`,
  },
  {
    // ISO/IEC 23009-1, 5.10.3.3.3
    name: "two events between prft and moof: one with a value that has not ended, one of 64 bits",
    runs: [{ id: 1, baseDts: 9000, samples: [sample([1], 3600, false)] }],
    options: {
      producerTime: { trackId: 1, wall: wallMillis(1704067200500), mediaTime: 9000 },
      events: [
        {
          ...{ series: encodeEventSeries("urn:a", "7"), timescale: 90_000, time: 9000 },
          ...{ duration: EVENT_OPEN, id: 3, data: Uint8Array.of(0x49, 0x44, 0x33) },
        },
        {
          ...{ series: encodeEventSeries("urn:a", ""), timescale: 1000, time: 2 ** 40 + 1 },
          ...{ duration: 500, id: 2 ** 32 + 4, data: new Uint8Array(0) },
        },
      ],
    },
    bytes: `
      00000020 ${chars("prft")} 01000001 00000001 e93c7f00 80000000 0000000000002328
      0000002b ${chars("emsg")} 01000000 00015f90 0000000000002328 ffffffff 00000003
        ${chars("urn:a")} 00 ${chars("7")} 00 494433
      00000027 ${chars("emsg")} 01000000 000003e8 0000010000000001 000001f4 00000004 ${chars("urn:a")} 00 00
      00000064 ${chars("moof")}
        00000010 ${chars("mfhd")} 00000000 00000001
        0000004c ${chars("traf")}
          0000001c ${chars("tfhd")} 00020038 00000001 00000e10 00000001 01010000
          00000014 ${chars("tfdt")} 01000000 0000000000002328
          00000014 ${chars("trun")} 01000001 00000001 0000006c
      00000009 ${chars("mdat")} 01`,
  },
  {
    name: "nothing at all",
    runs: [],
    bytes: `00000018 ${chars("moof")} 00000010 ${chars("mfhd")} 00000000 00000001 00000008 ${chars("mdat")}`,
  },
];

describe("writeFragment()", () => {
  for (const c of cases) {
    test(`writes ${c.name}`, () => {
      expect(write(c.sequence ?? 1, c.runs, c.options).toHex()).toBe(plain(c.bytes));
    });
  }

  test("copies from shared memory into shared memory, views with offsets on both sides", () => {
    const page = new Uint8Array(new SharedArrayBuffer(64), 16, 32).fill(7);
    const samples = [{ data: page.subarray(3, 9), duration: 1, ptsOffset: 0, key: true }];
    const out = new Uint8Array(new SharedArrayBuffer(512), 100, 200);
    const size = writeFragment(out, 1, 1, [{ id: 1, baseDts: 0, samples }]);
    expect([...out.subarray(size - 5, size + 1)]).toEqual([7, 7, 7, 7, 7, 7]);
    expect(out[size + 1]).toBe(0);
  });

  test("takes the largest safe time", () => {
    const runs = [{ id: 1, baseDts: Number.MAX_SAFE_INTEGER, samples: [sample([1], 1, true)] }];
    expect(write(1, runs).toHex()).toContain(`${chars("tfdt")}01000000001fffffffffffff`);
  });

  test("refuses a negative time, and one that is no number", () => {
    for (const baseDts of [-1, NaN]) {
      const runs = [{ id: 1, baseDts, samples: [sample([1], 1, true)] }];
      expect(() => writeFragment(new Uint8Array(500), 0, 1, runs)).toThrow(RangeError);
    }
  });

  test("refuses an output that is one byte short, before it writes", () => {
    const runs = [{ id: 1, baseDts: 0, samples: [sample([1], 1, true)] }];
    const out = new Uint8Array(fragmentSize(runs));
    expect(() => writeFragment(out, 1, 1, runs)).toThrow("Cannot write 109 bytes at offset 1: only 108 left");
    expect(out.every((b) => b === 0)).toBe(true);
  });

  test("refuses a fragment that a data offset cannot reach across", () => {
    const data = new Uint8Array(new SharedArrayBuffer(2 ** 30)); // never touched, so never committed
    const huge = { data, duration: 1, ptsOffset: 0, key: true };
    const runs = [{ id: 1, baseDts: 0, samples: [huge, huge] }];
    expect(fragmentSize(runs)).toBeGreaterThan(FRAGMENT_MAX);
    expect(() => writeFragment(new Uint8Array(8), 0, 1, runs)).toThrow("Cannot write a fragment");
  });
});
