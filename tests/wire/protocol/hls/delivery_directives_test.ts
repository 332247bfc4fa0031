import { expect, test } from "bun:test";
import { advancePartLimit, parseDirectives } from "../../../../src/wire/protocol/hls/delivery_directives.ts";

const parse = (query: string) => {
  const params = new URLSearchParams(query);
  return parseDirectives((name) => params.get(name) ?? undefined);
};

const cases = [
  { name: "no directives", query: "", value: { msn: undefined, part: undefined, skip: false } },
  { name: "a segment", query: "_HLS_msn=12", value: { msn: 12, part: undefined, skip: false } },
  { name: "a part of it", query: "_HLS_msn=12&_HLS_part=0", value: { msn: 12, part: 0, skip: false } },
  { name: "a delta update", query: "_HLS_skip=YES", value: { msn: undefined, part: undefined, skip: true } },
  {
    name: "a delta update without date ranges",
    query: "_HLS_skip=v2&_HLS_msn=3",
    value: { msn: 3, part: undefined, skip: true },
  },
  {
    name: "a session token beside them",
    query: "token=x%20y&_HLS_msn=1",
    value: { msn: 1, part: undefined, skip: false },
  },
  { name: "a part without its segment", query: "_HLS_part=1", value: "_HLS_part without _HLS_msn" },
  { name: "a negative number", query: "_HLS_msn=-1", value: "_HLS_msn: expected a whole number" },
  { name: "a fraction", query: "_HLS_msn=1&_HLS_part=1.5", value: "_HLS_part: expected a whole number" },
  { name: "nothing where a number belongs", query: "_HLS_msn=", value: "_HLS_msn: expected a whole number" },
  { name: "hexadecimal", query: "_HLS_msn=0x10", value: "_HLS_msn: expected a whole number" },
  {
    name: "more digits than a number holds",
    query: `_HLS_msn=${"9".repeat(15)}`,
    value: "_HLS_msn: expected a whole number",
  },
  {
    name: "a kilobyte of digits",
    query: `_HLS_msn=${"1".repeat(1024)}`,
    value: "_HLS_msn: expected a whole number",
  },
  { name: "an unknown kind of skip", query: "_HLS_skip=no", value: "_HLS_skip: expected YES or v2" },
];
for (const c of cases) {
  test(`parseDirectives() reads ${c.name}`, () => expect(parse(c.query)).toEqual(c.value));
}

test("advancePartLimit() is three parts, or three seconds of short ones", () => {
  expect(advancePartLimit(0.2)).toBe(15);
  expect(advancePartLimit(1 / 3)).toBe(9);
  expect(advancePartLimit(1)).toBe(3);
  expect(advancePartLimit(4)).toBe(3);
});
