import { describe, expect, test } from "bun:test";
import { Truncated } from "../../../src/base/bytes.ts";
import * as nal from "../../../src/wire/codec/nal.ts";
import { hex } from "./hex.ts";

describe("splitAnnexB()", () => {
  const cases: [string, string, string[]][] = [
    ["nothing", "", []],
    ["a bare unit", "67 42", ["6742"]],
    ["a unit with a start code before it", "00 00 00 01 67 42", ["6742"]],
    ["a unit with a start code behind it (GW Security)", "67 42 00 00 00 01", ["6742"]],
    ["two units, start codes of 3 and 4 bytes", "00 00 01 67 42 00 00 00 01 68 ce", ["6742", "68ce"]],
    ["trailing zeros", "00 00 01 67 42 00 00 00", ["6742"]],
    ["start codes without units", "00 00 01 00 00 01 00 00 01 65", ["65"]],
    ["emulation prevention", "65 00 00 03 01 ff", ["65000003 01ff"]],
  ];
  for (const [name, bytes, units] of cases) {
    test(`splits ${name}`, () => expect(nal.splitAnnexB(hex(bytes))).toEqual(units.map(hex)));
  }

  test("answers views", () => {
    const bytes = hex("00 00 01 67 42");
    expect(nal.splitAnnexB(bytes)[0]?.buffer).toBe(bytes.buffer);
  });

  test("agrees with a plain search on random bytes rich in zeros and ones", () => {
    let seed = 7;
    for (let round = 0; round < 300; round++) {
      const bytes = Uint8Array.from({ length: 40 }, () => (seed = (seed * 48271) % 0x7fffffff) % 3);
      let want = -1;
      for (let i = 0; i + 2 < bytes.length && want < 0; i++) {
        if (bytes[i] === 0 && bytes[i + 1] === 0 && bytes[i + 2] === 1) want = i;
      }
      expect(nal.findStartCode(bytes, 0)).toBe(want);
    }
  });
});

describe("splitLengthPrefixed()", () => {
  test("splits units", () => {
    expect(nal.splitLengthPrefixed(hex("00000002 6742 00000001 68"))).toEqual([hex("6742"), hex("68")]);
  });
  for (const bytes of ["00 00 01", "00000003 6742", "ffffffff 00"]) {
    test(`throws Truncated for ${bytes}`, () => {
      expect(() => nal.splitLengthPrefixed(hex(bytes))).toThrow(Truncated);
    });
  }
});

describe("emulation prevention", () => {
  const cases: [string, string][] = [
    ["67 00 00 03 01", "67 00 00 01"],
    ["67 00 00 03 00 00 03 00 01", "67 00 00 00 00 00 01"],
    ["67 00 00 03 03 01", "67 00 00 03 01"],
    ["67 01 00 04", "67 01 00 04"],
  ];
  for (const [coded, raw] of cases) {
    test(`is removed from ${coded}`, () => expect(nal.removeEmulation(hex(coded))).toEqual(hex(raw)));
    test(`is put into ${raw}`, () => expect(nal.addEmulation(hex(raw))).toEqual(hex(coded)));
  }

  test("leaves a unit without it alone, without copying", () => {
    const unit = hex("67 42 00 00 04");
    expect(nal.removeEmulation(unit)).toBe(unit);
  });

  test("offsetInNal() finds bytes again", () => {
    const coded = hex("67 00 00 03 01 00 00 03 02 ff");
    expect([0, 3, 6, 7].map((n) => coded[nal.offsetInNal(coded, n)])).toEqual([0x67, 1, 2, 0xff]);
  });

  test("trimParameterSet() cuts behind the stop bit, and only there", () => {
    const set = hex("67 42 80 aa bb");
    expect(nal.trimParameterSet(set, set, 16)).toEqual(hex("67 42 80"));
    expect(nal.trimParameterSet(set, set, 10)).toEqual(set);
  });
});
