import { expect, test } from "bun:test";
import { ByteWriter } from "../../src/base/bytes.ts";

const writes: [string, (w: ByteWriter) => ByteWriter, number[]][] = [
  ["u8", (w) => w.u8(0x12), [0x12]],
  ["u16", (w) => w.u16(0x1234), [0x12, 0x34]],
  ["u24", (w) => w.u24(0x123456), [0x12, 0x34, 0x56]],
  ["u32", (w) => w.u32(0x12345678), [0x12, 0x34, 0x56, 0x78]],
  ["i16", (w) => w.i16(-2), [0xff, 0xfe]],
  ["i32", (w) => w.i32(-2), [0xff, 0xff, 0xff, 0xfe]],
  ["u64", (w) => w.u64(2 ** 40 + 1), [0, 0, 1, 0, 0, 0, 0, 1]],
  ["bytes", (w) => w.bytes([1, 2, 3]), [1, 2, 3]],
  ["zeros", (w) => w.zeros(3), [0, 0, 0]],
  ["latin1", (w) => w.latin1("moov"), [0x6d, 0x6f, 0x6f, 0x76]],
];

for (const [name, write, bytes] of writes) {
  test(`ByteWriter.${name}() keeps its bytes when the write makes the writer grow`, () => {
    expect([...write(new ByteWriter(1).u8(0xaa)).take()]).toEqual([0xaa, ...bytes]);
  });
}
