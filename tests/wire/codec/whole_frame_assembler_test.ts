import { expect, test } from "bun:test";
import { more, ok } from "../../../src/base/decoded.ts";
import type { VideoDescription } from "../../../src/wire/codec/video_description.ts";
import { WholeFrameAssembler } from "../../../src/wire/codec/whole_frame_assembler.ts";

/** A codec of two bytes: whether it is a key frame, and its width. */
function assembler() {
  return new WholeFrameAssembler<{ key: boolean; width: number }>({
    decode: (frame) => frame.length < 2 ? more(2) : ok({ key: frame[0] === 1, width: frame[1] as number }, 2),
    describe: ({ width }, before): VideoDescription =>
      before?.width === width
        ? before
        : { codec: "vp8", config: new Uint8Array(0), codecString: "vp8", width, height: 1, frameRate: 0 },
  });
}
const key = (width = 4) => [new Uint8Array([1, width])];
const delta = [new Uint8Array([0, 0])];

test("frames begin with a key frame, at first and after a loss", () => {
  const a = assembler();
  expect(a.unit(delta, 0)).toBeUndefined();
  expect(a.description).toBeUndefined();
  expect(a.unit(key(), 3000)).toMatchObject({ pts: 3000, dts: 3000, key: true });
  expect(a.unit(delta, 6000)).toMatchObject({ pts: 6000, dts: 6000, key: false });
  a.reset();
  expect(a.unit(delta, 9000)).toBeUndefined();
  expect(a.unit(key(), 12_000)?.key).toBe(true);
});

test("the description is the same object until a key frame says otherwise", () => {
  const a = assembler();
  a.unit(key(4), 0);
  const before = a.description;
  a.unit(key(4), 1);
  expect(a.description).toBe(before as VideoDescription);
  a.unit(key(8), 2);
  expect(a.description?.width).toBe(8);
});

test("what is no frame emits nothing, and harms nothing", () => {
  const a = assembler();
  a.unit(key(), 0);
  expect(a.unit([], 1)).toBeUndefined();
  expect(a.unit([new Uint8Array(1)], 1)).toBeUndefined();
  expect(a.unit(delta, 2)?.key).toBe(false);
});
