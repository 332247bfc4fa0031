import { expect, test } from "bun:test";
import { FrameBuffer } from "../../../src/wire/codec/frame_buffer.ts";
import { UnsaidSets } from "../../../src/wire/codec/unsaid_sets.ts";
import { splitLengthPrefixed } from "../../../src/wire/codec/nal.ts";

const set = (n: number) => new Uint8Array([0x67, n]);

/** What stands in a frame of one picture, by second byte, with the sets put before it. */
function frameWith(sets: UnsaidSets): number[] {
  const out = new FrameBuffer();
  out.clear();
  out.unit(new Uint8Array([0x41, 255]));
  sets.putInFront(out);
  return splitLengthPrefixed(out.view()).map((unit) => unit[1] as number);
}

test("sets stand before the picture in the order that they came, once", () => {
  const sets = new UnsaidSets();
  for (const n of [1, 2, 3]) sets.add(set(n));
  expect(frameWith(sets)).toEqual([1, 2, 3, 255]);
  expect(frameWith(sets)).toEqual([255]);
});

test("sets that the description says are not sent", () => {
  const sets = new UnsaidSets();
  sets.add(set(1));
  sets.clear();
  expect(frameWith(sets)).toEqual([255]);
});

test("a camera that repeats sets without a picture costs no memory: the newest 32 are kept", () => {
  const sets = new UnsaidSets();
  for (let n = 0; n < 100; n++) sets.add(set(n));
  expect(frameWith(sets)).toEqual([...Array.from({ length: 32 }, (_, n) => 68 + n), 255]);
});
