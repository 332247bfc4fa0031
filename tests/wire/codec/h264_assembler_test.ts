import { describe, expect, test } from "bun:test";
import { BitWriter } from "../../../src/base/bits.ts";
import { joinBytes } from "../../../src/base/bytes.ts";
import { H264Assembler } from "../../../src/wire/codec/h264/assembler.ts";
import { decodeAvcConfig } from "../../../src/wire/codec/h264/avcc.ts";
import { addEmulation, splitLengthPrefixed } from "../../../src/wire/codec/nal.ts";
import { spsCases, X264_PPS, X264_SPS } from "./h264_cases.ts";
import { hex } from "./hex.ts";

const START = hex("00 00 00 01");

interface SpsShape {
  readonly profile?: number;
  readonly widthInMbs?: number;
  readonly pocType?: 0 | 2;
}

/** A small SPS without VUI, as most cameras send. */
function sps({ profile = 77, widthInMbs = 20, pocType = 0 }: SpsShape = {}): Uint8Array {
  const w = new BitWriter().bits(0x67, 8).bits(profile, 8).bits(0, 8).bits(30, 8).ue(0).ue(0).ue(pocType);
  if (pocType === 0) w.ue(4);
  w.ue(1).bits(0, 1).ue(widthInMbs - 1).ue(14).bits(0b1100, 4);
  return addEmulation(w.bits(1, 1).take());
}

const PPS = new BitWriter().bits(0x68, 8).ue(0).ue(0).bits(0, 2).ue(0).ue(0).ue(0).bits(0b10000001, 8).take();

/** A slice with the header fields that matter; `type` 0 P, 1 B, 2 I. */
function slice(nal: number, type: number, frameNum: number, poc: number, pocType = 0): Uint8Array {
  const w = new BitWriter().bits(nal, 8).ue(0).ue(type + 5).ue(0).bits(frameNum % 16, 4);
  if ((nal & 31) === 5) w.ue(0);
  if (pocType === 0) w.bits(poc & 255, 8);
  return addEmulation(w.bits(0xabcdef, 24).take());
}

const idr = (poc = 0, pocType = 0) => slice(0x65, 2, 0, poc, pocType);
const p = (n: number, poc: number, pocType = 0) => slice(0x41, 0, n, poc, pocType);
const b = (n: number, poc: number) => slice(0x01, 1, n, poc);

function config(assembler: H264Assembler) {
  const description = assembler.description;
  if (description === undefined) return undefined;
  const decoded = decodeAvcConfig(description.config);
  if (decoded.kind !== "ok") throw new Error(decoded.kind);
  return decoded.value;
}

describe("parameter sets", () => {
  const set = sps();
  const ways: [string, Uint8Array[]][] = [
    ["bare", [set, PPS]],
    ["with start codes before them", [joinBytes([START, set]), joinBytes([START, PPS])]],
    ["with start codes behind them (GW Security)", [joinBytes([set, START]), joinBytes([PPS, START])]],
    ["joined in one piece", [joinBytes([set, START, PPS])]],
    ["with zeros behind them (Sony SNC-WR630)", [set, joinBytes([PPS, hex("00 00 00 00")])]],
    ["with bytes behind the SPS (Reolink)", [joinBytes([set, hex("12 34 56")]), PPS]],
    ["beside a (null) set (Tapo)", [new TextEncoder().encode("(null)"), set, PPS]],
    ["twice (Dahua)", [set, set, PPS, PPS]],
  ];
  for (const [name, sets] of ways) {
    test(`are taken ${name}`, () => {
      const assembler = new H264Assembler(sets);
      expect(config(assembler)).toMatchObject({ sps: [set], pps: [PPS] });
      expect(assembler.description).toMatchObject({
        codec: "h264",
        width: 320,
        height: 240,
        codecString: "avc1.4D001E",
      });
    });
  }

  test("(null),(null) alone describe nothing, and those in band serve", () => {
    const junk = new TextEncoder().encode("(null)");
    const assembler = new H264Assembler([junk, junk]);
    expect(assembler.description).toBeUndefined();
    expect(assembler.unit([idr()], 0)).toBeUndefined();
    expect(assembler.unit([set, PPS, idr()], 3600)).toMatchObject({ key: true, pts: 3600, dts: 3600 });
    expect(assembler.description).toBeDefined();
  });

  test("may come in calls of their own (marker on each)", () => {
    const assembler = new H264Assembler([]);
    expect(assembler.unit([set], 0)).toBeUndefined();
    expect(assembler.unit([PPS], 0)).toBeUndefined();
    expect(assembler.unit([idr()], 0)).toMatchObject({ key: true });
  });

  test("of real cameras all describe their streams", () => {
    for (const c of spsCases) {
      const assembler = new H264Assembler([c.bytes, X264_PPS]);
      expect(assembler.description).toMatchObject({
        width: c.size[0],
        height: c.size[1],
        codecString: c.codecString,
      });
    }
  });

  test("a repeated set keeps the description, another one makes a new one at the next key frame", () => {
    const assembler = new H264Assembler([set, PPS]);
    const first = assembler.description;
    assembler.unit([set, PPS, idr()], 0);
    expect(assembler.description).toBe(first as NonNullable<typeof first>);
    const wide = sps({ widthInMbs: 40 });
    assembler.unit([wide, PPS, idr()], 3600);
    expect(assembler.description).not.toBe(first as NonNullable<typeof first>);
    expect(assembler.description).toMatchObject({ width: 640, height: 240 });
  });

  test("two SPS with one number in each key frame do not change the description each time", () => {
    const assembler = new H264Assembler([]);
    assembler.unit([sps({ widthInMbs: 40 }), set, PPS, idr()], 0);
    const first = assembler.description as NonNullable<typeof assembler.description>;
    assembler.unit([sps({ widthInMbs: 40 }), set, PPS, idr()], 3600);
    expect(assembler.description).toBe(first);
    expect(first.width).toBe(320);
  });

  test("new ones between key frames go in band", () => {
    const assembler = new H264Assembler([set, PPS]);
    assembler.unit([idr()], 0);
    const before = assembler.description as NonNullable<typeof assembler.description>;
    const other = new BitWriter().bits(0x68, 8).ue(1).ue(0).bits(0, 2).ue(0).ue(0).ue(0).bits(0x81, 8).take();
    const picture = p(1, 2);
    const frame = assembler.unit([other, picture], 3600);
    expect(splitLengthPrefixed(frame?.data as Uint8Array)).toEqual([other, picture]);
    expect(assembler.description).toBe(before);
    assembler.unit([idr()], 7200);
    expect(config(assembler)?.pps).toEqual([PPS, other]);
  });
});

describe("units", () => {
  const sets = [sps(), PPS];

  test("get lengths; access unit delimiters, filler and end marks are left out", () => {
    const assembler = new H264Assembler(sets);
    const sei = hex("06 05 01 aa 80");
    const frame = assembler.unit(
      [hex("09 f0"), sei, idr(), slice(0x65, 2, 0, 0), hex("0c ff 80"), hex("0b")],
      0,
    );
    expect(splitLengthPrefixed(frame?.data as Uint8Array)).toEqual([sei, idr(), idr()]);
  });

  test("joined by start codes in one unit are split (V380)", () => {
    const assembler = new H264Assembler([]);
    const joined = joinBytes([sets[0] as Uint8Array, START, PPS, START, idr(), START.subarray(1), idr()]);
    expect(splitLengthPrefixed(assembler.unit([joined], 0)?.data as Uint8Array)).toEqual([idr(), idr()]);
  });

  test("of no bytes, of unknown types and of rubbish are passed over", () => {
    const assembler = new H264Assembler(sets);
    expect(assembler.unit([], 0)).toBeUndefined();
    expect(assembler.unit([hex(""), hex("00"), hex("00 00 01"), hex("1f ff"), hex("67"), hex("68")], 0))
      .toBeUndefined();
    const frame = assembler.unit([hex(""), hex("78 01 02"), idr()], 0);
    expect(splitLengthPrefixed(frame?.data as Uint8Array)).toEqual([idr()]);
  });

  test("reuse one buffer", () => {
    const assembler = new H264Assembler(sets);
    const first = assembler.unit([idr()], 0)?.data;
    expect(assembler.unit([p(1, 2)], 3600)?.data.buffer).toBe(first?.buffer as ArrayBuffer);
  });

  test("of a large frame are whole", () => {
    const assembler = new H264Assembler(sets);
    const large = joinBytes([idr(), new Uint8Array(200_000).fill(0x55)]);
    expect(splitLengthPrefixed(assembler.unit([large], 0)?.data as Uint8Array)).toEqual([large]);
  });
});

describe("key frames", () => {
  const sets = [sps(), PPS];
  const intra = slice(0x41, 2, 1, 2);

  test("nothing comes before the first one, nor after a loss", () => {
    const assembler = new H264Assembler(sets);
    expect(assembler.unit([p(1, 2)], 0)).toBeUndefined();
    expect(assembler.unit([idr()], 3600)?.key).toBe(true);
    expect(assembler.unit([p(1, 2)], 7200)?.key).toBe(false);
    assembler.reset();
    expect(assembler.unit([p(2, 4)], 10800)).toBeUndefined();
    expect(assembler.unit([idr()], 14400)?.key).toBe(true);
  });

  test("a recovery point with an intra picture is one, also in a call before it (Ivel)", () => {
    const assembler = new H264Assembler(sets);
    expect(assembler.unit([hex("06 06 01 c4 80"), intra], 0)?.key).toBe(true);
    assembler.reset();
    expect(assembler.unit([hex("06 06 01 c4 80")], 3600)).toBeUndefined();
    expect(assembler.unit([intra], 3600)?.key).toBe(true);
  });

  test("pictures shown before the recovery point at the start are left out", () => {
    const assembler = new H264Assembler(sets);
    expect(assembler.unit([hex("06 06 01 c4 80"), slice(0x41, 2, 1, 16)], 36_000)?.key).toBe(true);
    expect(assembler.unit([b(2, 12)], 28_800)).toBeUndefined();
    expect(assembler.unit([p(2, 18)], 39_600)).toBeDefined();
  });

  test("intra pictures and gradual refreshes serve where IDR pictures stay away", () => {
    const gradual = hex("06 06 01 28 80");
    for (const units of [[intra], [gradual, p(1, 2)]]) {
      const assembler = new H264Assembler(sets);
      expect(assembler.unit(units, 0)).toBeUndefined();
      expect(assembler.unit(units, 90_000)).toBeUndefined();
      expect(assembler.unit(units, 190_000)?.key).toBe(true);
    }
    const assembler = new H264Assembler(sets);
    assembler.unit([idr()], 0);
    expect(assembler.unit([intra], 90_000)?.key).toBe(false);
    expect(assembler.unit([intra], 910_000)?.key).toBe(true);
    expect(assembler.unit([intra, p(1, 2)], 920_000)?.key).toBe(false);
  });
});

describe("decoding times without a reorder depth in the SPS", () => {
  function play(assembler: H264Assembler, pictures: readonly (readonly [Uint8Array, number])[]) {
    return pictures.map(([unit, pts]) => {
      const frame = assembler.unit([unit], pts);
      return frame && [frame.dts, frame.pts];
    });
  }

  test("are the presentation times where nothing is reordered", () => {
    for (const pocType of [0, 2] as const) {
      const assembler = new H264Assembler([sps({ pocType }), PPS]);
      const pictures = [idr(0, pocType), p(1, 2, pocType), p(2, 4, pocType)].map((u, i) =>
        [u, i * 3600] as const
      );
      expect(play(assembler, pictures)).toEqual([[0, 0], [3600, 3600], [7200, 7200]]);
    }
  });

  test("never pass presentation times where B-frames turn up", () => {
    const assembler = new H264Assembler([sps(), PPS]);
    const gop = [[0, 0], [8, 4], [4, 2], [2, 1], [6, 3], [16, 8], [12, 6], [10, 5], [14, 7]] as const;
    const pictures: [Uint8Array, number][] = [];
    for (let g = 0; g < 3; g++) {
      gop.forEach(([poc, at], i) => {
        const unit = i === 0 ? idr() : poc % 8 === 0 ? p(i, poc) : b(i, poc);
        pictures.push([unit, (g * 9 + at) * 3600]);
      });
    }
    const answers = play(assembler, pictures) as [number, number][];
    expect(answers.map(([, pts]) => pts)).toEqual(pictures.map(([, pts]) => pts));
    for (let i = 1; i < answers.length; i++) {
      const [dts, pts] = answers[i] as [number, number];
      expect(dts).toBeGreaterThan((answers[i - 1] as [number, number])[0]);
      expect(dts).toBeLessThanOrEqual(pts);
    }
    // From the second group on they are evenly spaced.
    expect(answers.slice(12).map(([dts], i) => dts - (answers[11 + i] as [number, number])[0])).toEqual(
      Array(15).fill(3600),
    );
  });

  test("grow where the camera repeats times or sends zeros", () => {
    const assembler = new H264Assembler([sps(), PPS]);
    expect(play(assembler, [[idr(), 0], [p(1, 2), 0], [p(2, 4), 0]])).toEqual([[0, 0], [1, 1], [2, 2]]);
  });

  test("jitter backwards is not taken for reordering", () => {
    const assembler = new H264Assembler([sps(), PPS]);
    expect(play(assembler, [[idr(), 0], [p(1, 2), 3600], [p(2, 4), 3500], [p(3, 6), 10800]])).toEqual([
      [0, 0],
      [3600, 3600],
      [3601, 3601],
      [10800, 10800],
    ]);
  });

  test("a damaged slice header costs nothing but the look at its order", () => {
    const assembler = new H264Assembler([X264_SPS, X264_PPS]);
    expect(assembler.unit([hex("65")], 0)).toBeUndefined();
    expect(assembler.unit([hex("65 88 80 20")], 0)?.key).toBe(true);
    expect(assembler.unit([hex("41")], 3600)?.dts).toBeDefined();
  });
});
