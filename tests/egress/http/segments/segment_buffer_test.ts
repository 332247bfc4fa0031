import { expect, test } from "bun:test";
import { joinBytes } from "../../../../src/base/bytes.ts";
import { SegmentBuffer } from "../../../../src/egress/http/segments/segment_buffer.ts";

const put = (buffer: SegmentBuffer, size: number, value: number) =>
  buffer.append(size, (out, at) => {
    out.fill(value, at, at + size);
    return true;
  });

test("the parts, one behind the other, are the segment", () => {
  const buffer = new SegmentBuffer(0);
  for (let n = 0; n < 50; n++) {
    if (n % 7 === 3) buffer.appendGap();
    else put(buffer, 1000 + n, n);
  }
  const parts = Array.from({ length: 50 }, (_, n) => buffer.part(n) ?? new Uint8Array(0));
  expect(joinBytes(parts)).toEqual(buffer.view());
  expect(buffer.part(3)).toBeUndefined();
  expect(buffer.part(50)).toBeUndefined();
  expect(buffer.part(49)).toEqual(new Uint8Array(1049).fill(49));
});

test("what was given out stays as it was when the buffer grows", () => {
  const buffer = new SegmentBuffer(0);
  put(buffer, 10_000, 1);
  const first = buffer.part(0);
  for (let n = 0; n < 20; n++) put(buffer, 10_000, 2);
  expect(first).toEqual(new Uint8Array(10_000).fill(1));
  expect(buffer.part(0)).toEqual(first as Uint8Array<ArrayBuffer>);
});

test("a part whose copy was not whole leaves nothing behind", () => {
  const buffer = new SegmentBuffer(0);
  put(buffer, 10, 1);
  expect(buffer.append(20, () => false)).toBe(false);
  expect(buffer.length).toBe(10);
  expect(buffer.partCount).toBe(1);
  put(buffer, 5, 3);
  expect(buffer.part(1)).toEqual(new Uint8Array(5).fill(3));
});

test("the same bytes are the same object, until they move", () => {
  const buffer = new SegmentBuffer(16);
  buffer.append(10, (out, at) => (out.fill(1, at, at + 10), true));
  const part = buffer.part(0);
  expect(buffer.part(0)).toBe(part as Uint8Array<ArrayBuffer>);
  const whole = buffer.view();
  expect(buffer.view()).toBe(whole);
  buffer.append(100_000, (out, at) => (out.fill(2, at, at + 100_000), true));
  expect(buffer.part(0)?.buffer).toBe(buffer.part(1)?.buffer as ArrayBuffer);
  expect(buffer.view().length).toBe(100_010);
});
