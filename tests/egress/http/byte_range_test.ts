import { expect, test } from "bun:test";
import { parseRange } from "../../../src/egress/http/byte_range.ts";

const cases = [
  { name: "no header", header: null, value: undefined },
  { name: "the first bytes", header: "bytes=0-9", value: { first: 0, last: 9 } },
  { name: "an open end", header: "bytes=90-", value: { first: 90, last: 99 } },
  { name: "the last bytes", header: "bytes=-10", value: { first: 90, last: 99 } },
  { name: "more last bytes than there are", header: "bytes=-1000", value: { first: 0, last: 99 } },
  { name: "an end beyond the end", header: "bytes=50-1000", value: { first: 50, last: 99 } },
  { name: "blanks, as RFC 9110 allows in lists", header: "bytes= 5 - 6", value: { first: 5, last: 6 } },
  { name: "a start at the end", header: "bytes=100-", value: "unsatisfiable" as const },
  { name: "the last no bytes", header: "bytes=-0", value: "unsatisfiable" as const },
  { name: "several ranges, which are not given", header: "bytes=0-1,5-6", value: undefined },
  { name: "an end before the start", header: "bytes=9-3", value: undefined },
  { name: "another unit", header: "lines=1-2", value: undefined },
  { name: "no numbers", header: "bytes=-", value: undefined },
  { name: "numbers too long to count", header: `bytes=${"9".repeat(20)}-`, value: undefined },
];
for (const c of cases) {
  test(`parseRange() reads ${c.name}`, () => expect(parseRange(c.header, 100)).toEqual(c.value));
}

test("parseRange() finds nothing in an empty body", () => {
  expect(parseRange("bytes=0-", 0)).toBe("unsatisfiable");
  expect(parseRange("bytes=-5", 0)).toBe("unsatisfiable");
});
