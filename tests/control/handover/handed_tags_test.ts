import { expect, test } from "bun:test";
import { parseHandedTags, printHandedTags } from "../../../src/control/handover/handed_tags.ts";

const TAGS = { added: ["day", "Küche:1"], removed: ["north"], leftMillis: 1234.5 };

test("parseHandedTags() reads what was printed", () => {
  expect(parseHandedTags(printHandedTags(TAGS))).toEqual(TAGS);
  const none = { added: [], removed: [], leftMillis: 0 };
  expect(parseHandedTags(printHandedTags(none))).toEqual(none);
});

for (
  const text of [
    "null",
    "[]",
    '{"added":[],"removed":[]}',
    JSON.stringify({ ...TAGS, added: "day" }),
    JSON.stringify({ ...TAGS, added: ["#day"] }),
    JSON.stringify({ ...TAGS, removed: [7] }),
    JSON.stringify({ ...TAGS, removed: [" north"] }),
    JSON.stringify({ ...TAGS, leftMillis: -1 }),
  ]
) {
  test(`parseHandedTags() refuses ${text}`, () => {
    expect(() => parseHandedTags(text)).toThrow("Cannot read tags: expected");
  });
}
