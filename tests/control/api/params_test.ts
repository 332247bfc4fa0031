import { expect, test } from "bun:test";
import { askedOf, optionalTime } from "../../../src/control/api/params.ts";

test("askedOf() takes an object, or nothing in particular", () => {
  expect(askedOf("clients", { time: 1 })).toEqual({ time: 1 });
  expect(askedOf("clients", true)).toEqual({});
  expect(askedOf("clients", null)).toEqual({});
  for (const wrong of [false, 1, "x", [1]]) {
    expect(() => askedOf("clients", wrong)).toThrow("clients: expected an object");
  }
});

test("optionalTime() counts 0 and below back from now", () => {
  expect(optionalTime({}, "end", 1000)).toBeUndefined();
  expect(optionalTime({ end: "" }, "end", 1000)).toBeUndefined();
  expect(optionalTime({ end: 0 }, "end", 1000)).toBe(1000);
  expect(optionalTime({ end: -60 }, "end", 1000)).toBe(940);
  expect(optionalTime({ end: "12" }, "end", 1000)).toBe(12);
  expect(() => optionalTime({ end: "soon" }, "end", 1000)).toThrow("end: expected a number");
});
