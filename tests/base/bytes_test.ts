import { describe, expect, test } from "bun:test";
import { BitReader, BitWriter } from "../../src/base/bits.ts";
import { ByteReader, ByteWriter, joinBytes, sameBytes, Truncated } from "../../src/base/bytes.ts";

describe("ByteReader and ByteWriter", () => {
  test("read what was written", () => {
    const w = new ByteWriter(1);
    w.u8(0xab).u16(0x1234).u24(0xfedcba).u32(0xdeadbeef).i16(-2).i32(-3).u64(2 ** 53 - 1).latin1("moov")
      .bytes([9]).zeros(2);
    const r = new ByteReader(w.take());
    expect([r.u8(), r.u16(), r.u24(), r.u32(), r.i16(), r.i32()]).toEqual([
      0xab,
      0x1234,
      0xfedcba,
      0xdeadbeef,
      -2,
      -3,
    ]);
    expect([Number(r.u64()), r.latin1(4)]).toEqual([2 ** 53 - 1, "moov"]);
    expect([...r.bytes(3)]).toEqual([9, 0, 0]);
    expect([r.left, r.at]).toEqual([0, w.length]);
  });

  test("a size is patched afterwards", () => {
    const w = new ByteWriter(2).u32(0).latin1("free");
    w.patchU32(0, w.length);
    expect([...w.view()]).toEqual([0, 0, 0, 8, 0x66, 0x72, 0x65, 0x65]);
  });

  test("reading past the end throws and says where", () => {
    const r = new ByteReader(Uint8Array.of(1, 2, 3));
    r.skip(2);
    expect(() => r.u16()).toThrow(new Truncated(2, 2, 1));
    expect(() => r.bytes(-1)).toThrow(Truncated);
    expect(r.u8()).toBe(3);
    for (
      const read of [
        () => r.u8(),
        () => r.u24(),
        () => r.u32(),
        () => r.u64(),
        () => r.skip(1),
        () => r.latin1(1),
      ]
    ) {
      expect(read).toThrow(Truncated);
    }
  });

  test("bytes() gives a view", () => {
    const bytes = Uint8Array.of(1, 2, 3);
    expect(new ByteReader(bytes, 1).bytes(2).buffer).toBe(bytes.buffer);
  });

  test("pieces are joined and compared", () => {
    const joined = joinBytes([Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(2, 3)]);
    expect([...joined]).toEqual([1, 2, 3]);
    expect(sameBytes(joined, Uint8Array.of(1, 2, 3))).toBe(true);
    expect(sameBytes(joined, Uint8Array.of(1, 2, 4))).toBe(false);
    expect(sameBytes(joined, Uint8Array.of(1, 2))).toBe(false);
  });
});

describe("BitReader and BitWriter", () => {
  test("read what was written, at every offset and length", () => {
    for (let offset = 0; offset < 9; offset++) {
      for (let n = 1; n <= 32; n++) {
        const value = (0xdeadbeef >>> (32 - n)) >>> 0;
        const r = new BitReader(new BitWriter().bits(0, offset).bits(value, n).take(), offset);
        expect(r.bits(n)).toBe(value);
      }
    }
  });

  test("Exp-Golomb codes are those of H.264, table 9-2", () => {
    const codes = [[0, "1"], [1, "010"], [2, "011"], [3, "00100"], [6, "00111"], [7, "0001000"]] as const;
    for (const [value, bits] of codes) {
      const w = new BitWriter();
      for (const b of bits) w.bits(Number(b), 1);
      expect(new BitReader(w.take()).ue()).toBe(value);
      expect(new BitWriter().ue(value).take()).toEqual(w.take());
    }
    for (const value of [0, 1, -1, 2, -2, 1000, -1000, 65535, 2 ** 31 - 2]) {
      expect(new BitReader(new BitWriter().se(value).take()).se() + 0).toBe(value);
    }
  });

  test("reading past the end throws and moves nothing", () => {
    const r = new BitReader(Uint8Array.of(0xff));
    r.skip(5);
    expect(() => r.bits(4)).toThrow(Truncated);
    expect([r.left, r.bits(3)]).toEqual([3, 7]);
    expect(() => r.flag()).toThrow(Truncated);
    expect(() => r.skip(-1)).toThrow(Truncated);
    expect(() => new BitReader(new Uint8Array(4)).ue()).toThrow(Truncated);
    expect(() => new BitReader(new Uint8Array(8)).ue()).toThrow(RangeError);
  });

  test("align() moves to the next byte", () => {
    const r = new BitReader(Uint8Array.of(0x80, 0x42), 1);
    r.align();
    expect([r.at, r.bits(8)]).toEqual([8, 0x42]);
    r.align();
    expect(r.at).toBe(16);
  });
});
