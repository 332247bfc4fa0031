import { describe, expect, test } from "bun:test";
import { PassedOver } from "../../src/web/player/passed_over.ts";

describe("PassedOver", () => {
  const average = () => 0.5;

  test("a way that failed is passed over for a while, others are not", () => {
    const over = new PassedOver(1000, average);
    over.add("a", 5000);
    expect([over.has("a", 5000), over.has("a", 6000), over.has("a", 6001)]).toEqual([true, true, false]);
    expect(over.has("b", 5000)).toBe(false);
  });
  test("twice as long each time that it fails soon after, up to a bound; anew after it did well for long", () => {
    const over = new PassedOver(1000, average);
    let now = 0;
    const pauses: number[] = [];
    const fail = () => {
      over.add("a", now);
      const began = now;
      while (over.has("a", now)) now += 500;
      pauses.push(now - began - 500);
    };
    for (let i = 0; i < 7; i++) fail();
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 32_000]);
    now += 3 * 32_000;
    fail();
    expect(pauses.at(-1)).toBe(1000);
  });
  test("not all viewers at once, but none before three quarters of the time", () => {
    for (const [random, pause] of [[0, 750], [0.5, 1000], [1, 1250]] as const) {
      const over = new PassedOver(1000, () => random);
      over.add("a", 0);
      expect([over.has("a", pause), over.has("a", pause + 1)]).toEqual([true, false]);
    }
  });
  test("all is forgotten when the server was away", () => {
    const over = new PassedOver(1000);
    over.add("a", 0);
    over.clear();
    expect(over.has("a", 0)).toBe(false);
  });
});
