import { describe, expect, test } from "bun:test";
import { joinBytes } from "../../../src/base/bytes.ts";
import { Av1Assembler } from "../../../src/wire/codec/av1/assembler.ts";
import * as obu from "../../../src/wire/codec/av1/obu.ts";
import { decodeSequenceHeader } from "../../../src/wire/codec/av1/sequence_header.ts";
import { decodeJpegSize, JpegAssembler } from "../../../src/wire/codec/jpeg/assembler.ts";
import { decodeVp8Header, Vp8Assembler } from "../../../src/wire/codec/vp8/assembler.ts";
import { Vp9Assembler } from "../../../src/wire/codec/vp9/assembler.ts";
import {
  decodeVp9Header,
  encodeVp9Config,
  vp9CodecString,
  vp9Level,
} from "../../../src/wire/codec/vp9/frame_header.ts";
import { hex } from "./hex.ts";
import * as cases from "./picture_header_cases.ts";

describe("OBUs", () => {
  const units: [string, string, number, number, string][] = [
    ["with size", "0a 02 aa bb", 1, -1, "aabb"],
    ["with extension and size", "36 28 01 cc", 6, 0x28, "cc"],
    ["empty with size", "12 00", 2, -1, ""],
  ];
  for (const [name, bytes, type, extension, payload] of units) {
    test(`${name} are read and written`, () => {
      const value = { type, extension, payload: hex(payload) };
      expect(obu.decodeObu(hex(bytes))).toEqual({ kind: "ok", used: hex(bytes).length, value });
      expect(obu.encodeObu(value)).toEqual(hex(bytes));
    });
  }

  test("without size fill what is there (RTP)", () => {
    expect(obu.decodeObu(hex("30 aa bb"))).toMatchObject({
      kind: "ok",
      value: { type: 6, payload: hex("aabb") },
    });
  });

  for (
    const bytes of ["", "80 00", "0a", "0a 05 aa", "0e", "0a ff ff ff ff ff ff ff ff", "0a ff ff ff ff 7f"]
  ) {
    test(`refused: ${bytes || "nothing"}`, () => expect(obu.decodeObu(hex(bytes)).kind).toBe("bad"));
  }

  test("leb128 is read as it was written", () => {
    for (const value of [0, 1, 127, 128, 16383, 16384, 2 ** 28, 0xffffffff]) {
      const bytes = new Uint8Array(8);
      const n = obu.writeLeb128(bytes, 0, value);
      expect(n).toBe(obu.leb128Length(value));
      expect(obu.decodeLeb128(bytes, 0)).toEqual({ kind: "ok", value, used: n });
    }
  });
});

describe("AV1", () => {
  test("decodeSequenceHeader() reads libaom's", () => {
    expect(decodeSequenceHeader(cases.AV1_SEQUENCE_OBU.subarray(2))).toMatchObject({
      kind: "ok",
      value: {
        profile: 0,
        level: 0,
        width: 64,
        height: 48,
        bitDepth: 8,
        subsamplingX: true,
        subsamplingY: true,
      },
    });
    expect(decodeSequenceHeader(cases.AV1_SEQUENCE_OBU.subarray(2, 6)).kind).toBe("bad");
    expect(decodeSequenceHeader(hex("e000000000")).kind).toBe("bad");
  });

  test("describes and assembles what ffmpeg muxes", () => {
    const assembler = new Av1Assembler();
    expect(assembler.unit([cases.AV1_INTER], 0)).toBeUndefined();
    const key = assembler.unit([hex("12 00"), cases.AV1_SEQUENCE_OBU, cases.AV1_KEY_OBU], 3600);
    expect(key).toMatchObject({ key: true, pts: 3600, dts: 3600 });
    expect(key?.data).toEqual(joinBytes([cases.AV1_SEQUENCE_OBU, cases.AV1_KEY_OBU]));
    expect(assembler.description).toMatchObject({
      codec: "av1",
      config: cases.AV1C,
      codecString: "av01.0.00M.08",
      width: 64,
      height: 48,
    });
    expect(assembler.unit([cases.AV1_INTER], 7200)).toMatchObject({ key: false, data: cases.AV1_INTER });
  });

  test("gives size fields to OBUs without, and takes several in one piece", () => {
    const assembler = new Av1Assembler();
    const bare = hex("08" + "00000002aff79b5f2008");
    const frame = joinBytes([hex("30"), new Uint8Array(200).fill(0x11)]);
    const out = assembler.unit([bare, frame], 0)?.data as Uint8Array;
    expect(out.subarray(0, 12)).toEqual(cases.AV1_SEQUENCE_OBU);
    expect(out.subarray(12, 15)).toEqual(hex("32 c8 01"));
    const whole = joinBytes([hex("12 00"), cases.AV1_SEQUENCE_OBU, cases.AV1_KEY_OBU]);
    expect(assembler.unit([whole], 3600)?.data).toEqual(whole.subarray(2));
  });

  test("keeps one description over repeated headers, and waits for a key frame after a loss", () => {
    const assembler = new Av1Assembler([cases.AV1_SEQUENCE_OBU]);
    const first = assembler.description as NonNullable<typeof assembler.description>;
    assembler.unit([cases.AV1_SEQUENCE_OBU, cases.AV1_KEY_OBU], 0);
    expect(assembler.description).toBe(first);
    assembler.reset();
    expect(assembler.unit([cases.AV1_INTER], 3600)).toBeUndefined();
    expect(assembler.unit([hex("0a 05 aa")], 3600)).toBeUndefined();
  });
});

describe("VP9", () => {
  test("reads key and inter frames", () => {
    expect(decodeVp9Header(cases.VP9_KEY)).toMatchObject({
      kind: "ok",
      value: { profile: 0, key: true, width: 64, height: 48, bitDepth: 8 },
    });
    expect(decodeVp9Header(cases.VP9_INTER)).toMatchObject({ kind: "ok", value: { key: false } });
    for (const bytes of ["", "40", "8249", "82498300", "b9"]) {
      expect(decodeVp9Header(hex(bytes)).kind).toBe("bad");
    }
  });

  test("writes ffmpeg's vpcC, and codec strings", () => {
    const decoded = decodeVp9Header(cases.VP9_KEY);
    if (decoded.kind !== "ok") throw new Error(decoded.kind);
    expect(encodeVp9Config(decoded.value)).toEqual(cases.VPCC);
    expect(vp9CodecString(decoded.value)).toBe("vp09.00.10.08");
    expect([vp9Level(1280, 720), vp9Level(1920, 1080), vp9Level(3840, 2160), vp9Level(7680, 4320)]).toEqual([
      31,
      40,
      50,
      60,
    ]);
  });

  test("assembles", () => {
    const assembler = new Vp9Assembler();
    expect(assembler.unit([cases.VP9_INTER], 0)).toBeUndefined();
    expect(assembler.unit([cases.VP9_KEY], 0)).toMatchObject({ key: true, data: cases.VP9_KEY });
    const first = assembler.description as NonNullable<typeof assembler.description>;
    expect(assembler.unit([cases.VP9_INTER], 0)).toMatchObject({ key: false, dts: 1 });
    assembler.unit([cases.VP9_KEY], 3600);
    expect(assembler.description).toBe(first);
    assembler.reset();
    expect(assembler.unit([cases.VP9_INTER], 7200)).toBeUndefined();
    expect(assembler.unit([], 7200)).toBeUndefined();
  });
});

describe("VP8", () => {
  test("reads key and inter frames", () => {
    expect(decodeVp8Header(cases.VP8_KEY)).toMatchObject({
      kind: "ok",
      value: { key: true, width: 64, height: 48 },
    });
    expect(decodeVp8Header(cases.VP8_INTER)).toMatchObject({ kind: "ok", value: { key: false } });
    expect(decodeVp8Header(hex("")).kind).toBe("more");
    expect(decodeVp8Header(hex("1025009d01")).kind).toBe("more");
    expect(decodeVp8Header(hex("1025009d012b400030000047")).kind).toBe("bad");
    expect(decodeVp8Header(hex("1025009d012a000030000047")).kind).toBe("bad");
  });

  test("assembles, and describes another size anew", () => {
    const assembler = new Vp8Assembler();
    expect(assembler.unit([cases.VP8_INTER], 0)).toBeUndefined();
    expect(assembler.unit([cases.VP8_KEY], 0)).toMatchObject({ key: true });
    expect(assembler.unit([cases.VP8_INTER], 3600)).toMatchObject({ key: false, dts: 3600 });
    const first = assembler.description as NonNullable<typeof assembler.description>;
    const wide = cases.VP8_KEY.slice();
    wide[6] = 0x80;
    assembler.unit([wide], 7200);
    expect([first.width, assembler.description?.width]).toEqual([64, 128]);
  });
});

describe("JPEG", () => {
  test("finds the size behind other segments", () => {
    expect(decodeJpegSize(cases.JPEG)).toMatchObject({ kind: "ok", value: { width: 64, height: 48 } });
  });
  for (
    const bytes of ["", "ffd8", "ffd8 ffda 0004 0000", "ffd8 ffe0 0001", "ffd8 1234", "ffd8 ffc0 0011 08"]
  ) {
    test(`refuses ${bytes || "nothing"}`, () => expect(decodeJpegSize(hex(bytes)).kind).toBe("bad"));
  }
  test("refuses endless segments", () => {
    const segments = Array.from({ length: 100 }, () => hex("fffe0002"));
    expect(decodeJpegSize(joinBytes([hex("ffd8"), ...segments, cases.JPEG.subarray(2)])).kind).toBe("bad");
  });
  test("assembles: every image is a key frame", () => {
    const assembler = new JpegAssembler();
    expect(assembler.unit([hex("ffd8")], 0)).toBeUndefined();
    expect(assembler.unit([cases.JPEG], 0)).toMatchObject({ key: true, pts: 0, dts: 0 });
    assembler.reset();
    expect(assembler.unit([cases.JPEG], 3600)).toMatchObject({ key: true, dts: 3600 });
    expect(assembler.description).toMatchObject({ codec: "jpeg", width: 64, height: 48, codecString: "" });
  });
});
