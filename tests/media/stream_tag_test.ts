import { expect, test } from "bun:test";
import { parseTag, TAG_MAX } from "../../src/media/stream_tag.ts";

const cases: readonly (readonly [string, string | undefined])[] = [
  ["day", "day"],
  [" north ", "north"],
  ["UA:tv-2.0", "UA:tv-2.0"],
  ["Süd", "Süd"],
  ["a".repeat(TAG_MAX), "a".repeat(TAG_MAX)],
  ["a".repeat(TAG_MAX + 1), undefined],
  ["", undefined],
  ["#day", undefined],
  ["!day", undefined],
  ["a b", undefined],
  ["a,b", undefined],
  ["a\nb", undefined],
];
for (const [text, tag] of cases) {
  test(`parseTag() of ${JSON.stringify(text.slice(0, 20))}`, () => expect(parseTag(text)).toBe(tag));
}
