import { expect, test } from "bun:test";
import { parseHandedPushes, printHandedPushes } from "../../../src/control/handover/handed_pushes.ts";

const PUSH = {
  id: 3,
  given: "sdp://$stream",
  filled: "sdp://cam",
  startedAt: 1_700_000_000_000,
  sentMillis: 40,
};

test("parseHandedPushes() reads what was printed", () => {
  const handed = { next: 9, pushes: [PUSH, { ...PUSH, id: 4 }] };
  expect(parseHandedPushes(printHandedPushes(handed))).toEqual(handed);
  expect(parseHandedPushes(printHandedPushes({ next: 1, pushes: [] }))).toEqual({ next: 1, pushes: [] });
});

for (
  const text of [
    "null",
    "[]",
    '{"next":"1","pushes":[]}',
    '{"next":1}',
    '{"next":1,"pushes":[null]}',
    JSON.stringify({ next: 1, pushes: [{ ...PUSH, id: -1 }] }),
    JSON.stringify({ next: 1, pushes: [{ ...PUSH, filled: undefined }] }),
  ]
) {
  test(`parseHandedPushes() refuses ${text.slice(0, 40)}`, () => {
    expect(() => parseHandedPushes(text)).toThrow("Cannot read pushes: expected");
  });
}
