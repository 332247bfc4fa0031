import { expect, test } from "bun:test";
import { sharedBody } from "../../src/host/shared_body.ts";

const BYTES = Uint8Array.from({ length: 1000 }, (_, n) => n & 255);

test("the first answer is given the bytes themselves, so that they are not kept twice", () => {
  const bytes = BYTES.slice();
  expect(sharedBody(bytes)).toBe(bytes);
});

test("further answers with the same array share one Blob", async () => {
  const bytes = BYTES.slice();
  sharedBody(bytes);
  const second = sharedBody(bytes);
  expect(second).toBeInstanceOf(Blob);
  expect(sharedBody(bytes)).toBe(second);
  expect(await new Response(second).bytes()).toEqual(bytes);
});

test("a view is shared without what lies around it, and another view of the same bytes is another body", async () => {
  const view = BYTES.subarray(10, 20);
  sharedBody(view);
  expect(await new Response(sharedBody(view)).bytes()).toEqual(BYTES.slice(10, 20));
  const other = BYTES.subarray(10, 20);
  expect(sharedBody(other)).toBe(other);
});
