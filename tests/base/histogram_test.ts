import { expect, test } from "bun:test";
import { Histogram } from "../../src/base/histogram.ts";

test("Histogram counts each value in the first bucket that holds it", () => {
  const histogram = new Histogram([1, 10]);
  for (const value of [0, 1, 1.5, 10, 11, 1000]) histogram.observe(value);
  expect(histogram.cumulative()).toEqual([2, 4, 6]);
  expect(histogram.sum).toBe(1023.5);
  expect(histogram.count).toBe(6);
});

test("Histogram hands over what it holds once, and adds what others hand over", () => {
  const one = new Histogram([1, 10]), all = new Histogram([1, 10]);
  expect(one.take()).toBeUndefined();
  one.observe(5);
  all.observe(0.5);
  all.add(one.take() ?? { counts: [], sum: 0 });
  expect(one.count).toBe(0);
  expect(one.take()).toBeUndefined();
  expect(all.cumulative()).toEqual([1, 2, 2]);
  expect(all.sum).toBe(5.5);
});
