import { describe, expect, test } from "bun:test";
import { BitWriter } from "../../../src/base/bits.ts";
import { decodeAvcConfig, encodeAvcConfig } from "../../../src/wire/codec/h264/avcc.ts";
import { PictureOrder } from "../../../src/wire/codec/h264/poc.ts";
import { decodePps } from "../../../src/wire/codec/h264/pps.ts";
import { decodeRecoveryPoint, SEI_MAX } from "../../../src/wire/codec/h264/sei.ts";
import {
  decodeSliceHeader,
  decodeSliceStart,
  type SliceHeader,
} from "../../../src/wire/codec/h264/slice_header.ts";
import {
  decodeSps,
  h264CodecString,
  reorderDepth,
  type Sps,
  SPS_MAX,
} from "../../../src/wire/codec/h264/sps.ts";
import { spsCases, X264_AVCC, X264_INTERLACED_AVCC, X264_PPS, X264_SPS } from "./h264_cases.ts";
import { hex } from "./hex.ts";

function okSps(nal: Uint8Array): Sps {
  const decoded = decodeSps(nal);
  if (decoded.kind !== "ok") throw new Error(JSON.stringify(decoded));
  return decoded.value;
}

describe("decodeSps()", () => {
  for (const c of spsCases) {
    test(`reads ${c.name}`, () => {
      const s = okSps(c.bytes);
      expect([s.width, s.height]).toEqual([...c.size]);
      expect(h264CodecString(s)).toBe(c.codecString);
      expect(s.pocType).toBe(c.pocType);
      expect(s.vui?.frameRate ?? 0).toBe(c.frameRate);
      expect(reorderDepth(s)).toBe(c.reorder);
    });
  }

  test("reads the fields of a frame that is coded in fields", () => {
    const s = okSps(X264_INTERLACED_AVCC.subarray(8, 32));
    expect([s.frameMbsOnly, s.width, s.height, s.vui?.reorderFrames]).toEqual([false, 192, 112, 2]);
  });

  test("keeps the size where the VUI is cut off", () => {
    const s = okSps(X264_SPS.subarray(0, 14));
    expect([s.width, s.height, s.vui, s.endBit]).toEqual([192, 112, undefined, -1]);
  });

  const refused: [string, Uint8Array][] = [
    ["nothing", hex("")],
    ["(null)", new TextEncoder().encode("(null)")],
    ["another unit type", X264_PPS],
    ["a cut off set", X264_SPS.subarray(0, 6)],
    ["more than SPS_MAX bytes", new Uint8Array(SPS_MAX + 1).fill(0x67)],
    ["zeros", hex("67 00 00 00 00 00 00 00 00 00")],
    [
      "a picture of 20000 pixels",
      new BitWriter().bits(0x6742001e, 32).ue(0).ue(0).ue(2).ue(1).bits(0, 1).ue(1249).ue(60).bits(5, 3)
        .take(),
    ],
  ];
  for (const [name, bytes] of refused) {
    test(`refuses ${name}`, () => expect(decodeSps(bytes).kind).toBe("bad"));
  }
});

describe("avcC", () => {
  test("decodes what ffmpeg wrote", () => {
    const decoded = decodeAvcConfig(X264_AVCC);
    expect(decoded).toMatchObject({
      kind: "ok",
      value: { profile: 100, constraints: 0, level: 11, lengthSize: 4 },
    });
  });

  test("encodes byte for byte what ffmpeg wrote", () => {
    expect(encodeAvcConfig([X264_SPS], [X264_PPS])).toEqual(X264_AVCC);
  });

  test("has no extension below the high profiles", () => {
    const baseline = spsCases.find((c) => c.name === "FLIR baseline")?.bytes as Uint8Array;
    expect(encodeAvcConfig([baseline], [X264_PPS]).length).toBe(
      6 + 2 + baseline.length + 1 + 2 + X264_PPS.length,
    );
  });

  for (let length = 0; length < 41; length++) {
    test(`refuses the first ${length} bytes`, () => {
      expect(decodeAvcConfig(X264_AVCC.subarray(0, length)).kind).toBe("bad");
    });
  }

  test("refuses to be encoded without sets", () => {
    expect(() => encodeAvcConfig([], [X264_PPS])).toThrow(RangeError);
    expect(() => encodeAvcConfig([X264_SPS], [])).toThrow(RangeError);
  });
});

describe("other units", () => {
  test("decodePps() reads numbers and the order count flag", () => {
    expect(decodePps(X264_PPS)).toMatchObject({
      kind: "ok",
      value: { id: 0, spsId: 0, bottomFieldPicOrder: false },
    });
    const pps = new BitWriter().bits(0x68, 8).ue(3).ue(2).bits(1, 2).take();
    expect(decodePps(pps)).toMatchObject({
      kind: "ok",
      value: { id: 3, spsId: 2, bottomFieldPicOrder: true },
    });
    expect(decodePps(hex("68")).kind).toBe("bad");
  });

  test("decodeRecoveryPoint() finds the message behind others", () => {
    const nal = hex("06 05 02 aa bb 06 01 c4 80");
    expect(decodeRecoveryPoint(nal)).toMatchObject({ kind: "ok", value: 0 });
    expect(decodeRecoveryPoint(hex("06 06 01 28 80"))).toMatchObject({ kind: "ok", value: 4 });
    expect(decodeRecoveryPoint(hex("06 05 02 aa bb 80"))).toMatchObject({ kind: "ok", value: undefined });
    expect(decodeRecoveryPoint(hex("06 06 ff ff ff 80")).kind).toBe("bad");
    expect(decodeRecoveryPoint(new Uint8Array(SEI_MAX + 1)).kind).toBe("bad");
  });

  test("decodeSliceStart() sees intra slices whatever the other slices are", () => {
    const intra = new BitWriter().bits(0x65, 8).ue(0).ue(7).ue(0).take();
    expect(decodeSliceStart(intra)).toMatchObject({ kind: "ok", value: { sliceType: 2, ppsId: 0 } });
  });
});

describe("PictureOrder", () => {
  const base: SliceHeader = {
    firstMb: 0,
    sliceType: 0,
    ppsId: 0,
    idr: false,
    reference: true,
    frameNum: 0,
    fieldPic: false,
    bottomField: false,
    pocLsb: 0,
    deltaPocBottom: 0,
    deltaPoc: [0, 0],
  };
  const sps = okSps(X264_SPS);

  test("type 0 carries the low bits over", () => {
    const narrow: Sps = { ...sps, pocType: 0, pocLsbBits: 4 };
    const order = new PictureOrder();
    expect(order.next(narrow, { ...base, idr: true })).toBe(0);
    const lsbs = [6, 4, 10, 14, 2, 0, 8];
    expect(lsbs.map((pocLsb) => order.next(narrow, { ...base, pocLsb }))).toEqual([6, 4, 10, 14, 18, 16, 24]);
  });

  test("type 1 follows its cycle, 8.2.1.2", () => {
    const cyclic: Sps = {
      ...sps,
      pocType: 1,
      frameNumBits: 4,
      offsetsForRefFrame: [2, 4],
      offsetForNonRefPic: -1,
      offsetForTopToBottomField: 1,
    };
    const order = new PictureOrder();
    expect(order.next(cyclic, { ...base, idr: true })).toBe(0);
    expect(order.next(cyclic, { ...base, frameNum: 1 })).toBe(2);
    expect(order.next(cyclic, { ...base, frameNum: 2 })).toBe(6);
    expect(order.next(cyclic, { ...base, frameNum: 3, reference: false })).toBe(5);
    expect(order.next(cyclic, { ...base, frameNum: 3 })).toBe(8);
  });

  test("type 2 is the decoding order, across the wrap of frame_num", () => {
    const plain: Sps = { ...sps, pocType: 2, frameNumBits: 4 };
    const order = new PictureOrder();
    expect(order.next(plain, { ...base, idr: true })).toBe(0);
    expect(order.next(plain, { ...base, frameNum: 15 })).toBe(30);
    expect(order.next(plain, { ...base, frameNum: 0 })).toBe(32);
    expect(order.next(plain, { ...base, frameNum: 1, reference: false })).toBe(33);
  });

  test("decodeSliceHeader() reads every field up to the count", () => {
    const fields: Sps = { ...sps, frameMbsOnly: false, pocType: 0, pocLsbBits: 6, frameNumBits: 5 };
    const pps = { id: 0, spsId: 0, bottomFieldPicOrder: true };
    const nal = new BitWriter().bits(0x65, 8).ue(0).ue(7).ue(0).bits(9, 5).flag(false).ue(1).bits(33, 6).se(
      -1,
    ).take();
    expect(decodeSliceHeader(nal, fields, pps)).toMatchObject({
      kind: "ok",
      value: { idr: true, reference: true, frameNum: 9, fieldPic: false, pocLsb: 33, deltaPocBottom: -1 },
    });
  });
});
