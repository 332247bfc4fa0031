import { describe, expect, test } from "bun:test";
import { BitWriter } from "../../../src/base/bits.ts";
import { joinBytes } from "../../../src/base/bytes.ts";
import { H265Assembler } from "../../../src/wire/codec/h265/assembler.ts";
import { decodeHevcConfig, encodeHevcConfig } from "../../../src/wire/codec/h265/hvcc.ts";
import { decodePps } from "../../../src/wire/codec/h265/pps.ts";
import { h265CodecString } from "../../../src/wire/codec/h265/profile_tier_level.ts";
import { PictureOrder } from "../../../src/wire/codec/h265/slice_header.ts";
import { decodeSps, SET_MAX, type Sps } from "../../../src/wire/codec/h265/sps.ts";
import { decodeVps } from "../../../src/wire/codec/h265/vps.ts";
import { addEmulation, splitLengthPrefixed } from "../../../src/wire/codec/nal.ts";
import * as cases from "./h265_cases.ts";
import { hex } from "./hex.ts";

const START = hex("00 00 00 01");

function okSps(nal: Uint8Array): Sps {
  const decoded = decodeSps(nal);
  if (decoded.kind !== "ok") throw new Error(JSON.stringify(decoded));
  return decoded.value;
}

describe("decodeSps()", () => {
  for (const c of cases.cameraCases) {
    test(`reads ${c.name}`, () => {
      const s = okSps(c.sps);
      expect([s.width, s.height, s.vui?.frameRate ?? 0, s.reorderFrames]).toEqual([
        ...c.size,
        c.frameRate,
        0,
      ]);
    });
  }

  test("reads x265: B-frames, 10 bits, temporal layers with decoder models", () => {
    expect(okSps(cases.X265_SPS)).toMatchObject({
      width: 192,
      height: 112,
      reorderFrames: 2,
      bitDepthLuma: 8,
    });
    expect(okSps(cases.X265_SPS_10)).toMatchObject({ bitDepthLuma: 10, bitDepthChroma: 10 });
    const layered = okSps(cases.X265_SPS_HRD);
    expect(layered).toMatchObject({ maxSubLayersMinus1: 1, width: 192, height: 112, vui: { frameRate: 25 } });
    expect(layered.endBit).toBeGreaterThan(400);
  });

  test("keeps the size where the tail is cut off", () => {
    expect(okSps(cases.X265_SPS.subarray(0, 32))).toMatchObject({ width: 192, vui: undefined, endBit: -1 });
  });

  test("refuses what is none", () => {
    for (const bytes of ["", "4201", "4001 0c 01", "c201010160000003009000"]) {
      expect(decodeSps(hex(bytes)).kind).toBe("bad");
    }
    expect(decodeSps(cases.X265_SPS.subarray(0, 18)).kind).toBe("bad");
    expect(decodeSps(joinBytes([cases.X265_SPS, new Uint8Array(SET_MAX)])).kind).toBe("bad");
    const layer = cases.X265_SPS.slice();
    layer[1] = 0x09;
    expect(decodeSps(layer).kind).toBe("bad");
  });
});

describe("other sets", () => {
  test("decodeVps() reads its number and timing", () => {
    expect(decodeVps(cases.X265_VPS)).toMatchObject({ kind: "ok", value: { id: 0, frameRate: 0 } });
    expect(decodeVps(cases.X265_PPS).kind).toBe("bad");
  });
  test("decodePps() reads x265's", () => {
    expect(decodePps(cases.X265_PPS)).toMatchObject({
      kind: "ok",
      value: {
        id: 0,
        spsId: 0,
        extraSliceHeaderBits: 0,
        outputFlagPresent: false,
        wavefronts: true,
        tiles: false,
      },
    });
  });
});

describe("h265CodecString()", () => {
  test("is as in ISO/IEC 14496-15, Annex E.3", () => {
    const main = { profileSpace: 0, highTier: false, profile: 1, compatibility: 0x60000000, level: 93 };
    expect(h265CodecString({ ...main, constraints: hex("b00000000000") })).toBe("hvc1.1.6.L93.B0");
    expect(h265CodecString({ ...main, constraints: hex("000000000000") })).toBe("hvc1.1.6.L93");
    expect(h265CodecString({ ...main, constraints: hex("900002000000"), highTier: true })).toBe(
      "hvc1.1.6.H93.90.0.2",
    );
    const spaced = {
      ...main,
      profileSpace: 1,
      profile: 4,
      compatibility: 0x08000001,
      constraints: hex("000000000000"),
    };
    expect(h265CodecString(spaced)).toBe("hvc1.A4.80000010.L93");
  });
});

describe("hvcC", () => {
  test("is written as ffmpeg writes it", () => {
    expect(encodeHevcConfig([cases.X265_VPS], [cases.X265_SPS], [cases.X265_PPS])).toEqual(cases.X265_HVCC);
  });
  test("is read", () => {
    expect(decodeHevcConfig(cases.X265_HVCC)).toMatchObject({
      kind: "ok",
      value: { lengthSize: 4, vps: [cases.X265_VPS], sps: [cases.X265_SPS], pps: [cases.X265_PPS] },
    });
  });
  test("is refused when cut off anywhere", () => {
    for (let n = 0; n < cases.X265_HVCC.length; n++) {
      expect(decodeHevcConfig(cases.X265_HVCC.subarray(0, n)).kind).toBe("bad");
    }
  });
  test("needs all three sets", () => {
    expect(() => encodeHevcConfig([], [cases.X265_SPS], [cases.X265_PPS])).toThrow(RangeError);
    expect(() => encodeHevcConfig([cases.X265_VPS], [hex("4201ff")], [cases.X265_PPS])).toThrow(RangeError);
  });
});

describe("PictureOrder", () => {
  test("carries the low bits over; pictures of higher layers and leading ones do not count", () => {
    const sps: Sps = { ...okSps(cases.X265_SPS), pocLsbBits: 4 };
    const order = new PictureOrder();
    const trail = hex("0201");
    const leading = hex("1001");
    expect(order.next(sps, hex("2601"), 0, true)).toBe(0);
    expect(order.next(sps, trail, 6, false)).toBe(6);
    expect(order.next(sps, trail, 12, false)).toBe(12);
    expect(order.next(sps, leading, 2, false)).toBe(18);
    expect(order.next(sps, hex("0202"), 10, false)).toBe(10);
    expect(order.next(sps, trail, 3, false)).toBe(19);
    expect(order.next(sps, hex("2a01"), 5, true)).toBe(5);
  });
});

/** A first slice with order count `lsb` for x265's sets, 8 bits of order count. */
function slice(type: number, lsb: number): Uint8Array {
  const w = new BitWriter().bits(type << 1, 8).bits(1, 8).flag(true);
  if (type >= 16) w.flag(false);
  w.ue(0).ue(type >= 16 ? 2 : 0);
  if (type !== 19 && type !== 20) w.bits(lsb & 255, 8);
  return addEmulation(w.bits(0xabcdef, 24).take());
}

const [TRAIL, RASL, BLA, IDR, CRA] = [1, 8, 16, 19, 21];
const SETS = [cases.X265_VPS, cases.X265_SPS, cases.X265_PPS];
const PLAIN = [cases.X265_VPS, cases.cameraCases[0]?.sps as Uint8Array, cases.X265_PPS];

describe("H265Assembler", () => {
  test("takes sets bare, with start codes, joined, with bytes behind, twice, among rubbish", () => {
    const [vps, sps, pps] = SETS as [Uint8Array, Uint8Array, Uint8Array];
    const ways = [
      SETS,
      SETS.map((s) => joinBytes([START, s])),
      SETS.map((s) => joinBytes([s, START])),
      [joinBytes([vps, START, sps, START, pps])],
      [vps, joinBytes([sps, hex("12 34")]), pps],
      [sps, pps, vps, vps, sps, new TextEncoder().encode("(null)")],
    ];
    for (const sets of ways) {
      expect(new H265Assembler(sets).description).toMatchObject({
        codec: "h265",
        config: cases.X265_HVCC,
        width: 192,
        height: 112,
        frameRate: 25,
        codecString: "hvc1.1.6.L30.90",
      });
    }
  });

  test("describes nothing before all three sets are there", () => {
    expect(new H265Assembler(SETS.slice(0, 2)).description).toBeUndefined();
    expect(new H265Assembler(SETS.slice(1)).description).toBeUndefined();
    const assembler = new H265Assembler(SETS.slice(1));
    expect(assembler.unit([slice(IDR, 0)], 0)).toBeUndefined();
    expect(assembler.unit([...SETS, slice(IDR, 0)], 3600)?.key).toBe(true);
  });

  test("leaves out delimiters, filler and enhancement layers; splits joined units", () => {
    const assembler = new H265Assembler([]);
    const sei = hex("4e 01 05 01 aa 80");
    const joined = joinBytes([...SETS.flatMap((s) => [START, s]), START, sei, START, slice(IDR, 0)]);
    const frame = assembler.unit([
      hex("46 01 50"),
      joined,
      hex("4c 01 ff 80"),
      hex("26 09 af"),
      hex("4a 01 80"),
    ], 0);
    expect(splitLengthPrefixed(frame?.data as Uint8Array)).toEqual([sei, slice(IDR, 0)]);
  });

  test("gives presentation times as decoding times where the sets promise no reordering", () => {
    const assembler = new H265Assembler(PLAIN);
    const answers = [slice(IDR, 0), slice(TRAIL, 1), slice(TRAIL, 2)].map((s, i) =>
      assembler.unit([s], i * 3600)
    );
    expect(answers.map((a) => [a?.dts, a?.pts, a?.key])).toEqual([[0, 0, true], [3600, 3600, false], [
      7200,
      7200,
      false,
    ]]);
  });

  test("begins with a CRA picture and leaves out what refers before it", () => {
    const assembler = new H265Assembler(SETS);
    expect(assembler.unit([slice(TRAIL, 1)], 0)).toBeUndefined();
    expect(assembler.unit([slice(CRA, 8)], 28800)?.key).toBe(true);
    expect(assembler.unit([slice(RASL, 4)], 14400)).toBeUndefined();
    expect(assembler.unit([slice(TRAIL, 12)], 43200)?.key).toBe(false);
    expect(assembler.unit([slice(CRA, 20)], 72000)?.key).toBe(true);
    expect(assembler.unit([slice(RASL, 16)], 57600)).toBeDefined();
    expect(assembler.unit([slice(BLA, 28)], 100800)?.key).toBe(true);
    expect(assembler.unit([slice(RASL, 24)], 86400)).toBeUndefined();
    assembler.reset();
    expect(assembler.unit([slice(TRAIL, 29)], 104400)).toBeUndefined();
  });

  test("sees reordering that the sets deny, from the next key frame on", () => {
    const assembler = new H265Assembler(PLAIN);
    let last = Number.NEGATIVE_INFINITY;
    let late = 0;
    for (let g = 0; g < 4; g++) {
      for (const [i, at] of [0, 2, 1, 4, 3].entries()) {
        const unit = i === 0 ? slice(IDR, 0) : slice(i % 2 ? TRAIL : 0, at);
        const pts = (g * 5 + at) * 3600;
        const frame = assembler.unit([unit], pts);
        expect(frame?.dts).toBeGreaterThan(last);
        last = frame?.dts as number;
        if (g >= 2 && frame?.pts !== pts) late++;
      }
    }
    expect(late).toBe(0);
  });

  test("changes its description with the sets, at a key frame", () => {
    const assembler = new H265Assembler(SETS);
    const before = assembler.description as NonNullable<typeof assembler.description>;
    assembler.unit([...SETS, slice(IDR, 0)], 0);
    expect(assembler.description).toBe(before);
    assembler.unit([...PLAIN, slice(IDR, 0)], 3600);
    expect(assembler.description).toMatchObject({ width: 1280, height: 704 });
  });
});
