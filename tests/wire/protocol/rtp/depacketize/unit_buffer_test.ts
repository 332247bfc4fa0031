import { expect, test } from "bun:test";
import { UnitBuffer } from "../../../../../src/wire/protocol/rtp/depacketize/unit_buffer.ts";

for (const head of [0, 1, 2, 3, 4]) {
  test(`append() leaves a head of ${head} bytes out, and what was there as it was`, () => {
    const buffer = new UnitBuffer();
    const wanted: number[] = [];
    let next = 1;
    const fragment = (size: number) => Uint8Array.from({ length: head + size }, () => next++ & 0xff);
    buffer.begin();
    for (const size of [5, 0, 1, 9000, 3, 20_000]) {
      const bytes = fragment(size);
      wanted.push(...bytes.subarray(head));
      expect(buffer.append(bytes, head)).toBe(true);
    }
    buffer.end();
    expect(buffer.units().map((unit) => [...unit])).toEqual([wanted]);
  });
}

test("append() refuses what does not fit, and holds what it held", () => {
  const buffer = new UnitBuffer(10);
  buffer.begin();
  expect(buffer.append(Uint8Array.of(9, 9, 1, 2, 3), 2)).toBe(true);
  expect(buffer.append(new Uint8Array(10), 2)).toBe(false);
  expect([...buffer.units()[0] as Uint8Array]).toEqual([1, 2, 3]);
});
