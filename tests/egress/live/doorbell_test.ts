import { expect, test } from "bun:test";
import { Doorbell } from "../../../src/egress/live/doorbell.ts";

/** A bell that rings by hand. */
class HandBell {
  rung = 0;
  #waiting: (() => void) | undefined;
  value = () => this.rung;
  wait = (was: number) =>
    was !== this.rung ? Promise.resolve() : new Promise<void>((resolve) => this.#waiting = resolve);

  async ring(): Promise<void> {
    this.rung++;
    this.#waiting?.();
    for (let i = 0; i < 20; i++) await undefined;
  }
}

function openBell() {
  const hand = new HandBell();
  const seen = { heard: 0, failed: [] as unknown[] };
  const bell = new Doorbell(hand, () => seen.heard++, (e) => seen.failed.push(e));
  return { hand, bell, seen };
}

test("subscribers are called once for each ring, and no more when undone", async () => {
  const { hand, bell, seen } = openBell();
  let first = 0, second = 0;
  const undo = bell.subscribe(() => first++);
  await hand.ring();
  bell.subscribe(() => second++);
  await hand.ring();
  expect([first, second]).toEqual([2, 1]);
  undo();
  await hand.ring();
  expect([first, second, seen.heard]).toEqual([2, 2, 4]);
  expect(bell.size).toBe(1);
});

test("rings while subscribers run are not lost", async () => {
  const { hand, bell } = openBell();
  const values: number[] = [];
  bell.subscribe(() => {
    values.push(hand.rung);
    if (hand.rung < 3) hand.rung++;
  });
  await hand.ring();
  expect(values).toEqual([1, 2, 3]);
});

test("a subscriber that throws is dropped, the others stay", async () => {
  const { hand, bell, seen } = openBell();
  let calls = 0;
  bell.subscribe(() => {
    if (hand.rung === 1) throw new Error("no");
  });
  bell.subscribe(() => calls++);
  await hand.ring();
  await hand.ring();
  expect(seen.failed).toEqual([new Error("no")]);
  expect([calls, bell.size]).toEqual([2, 1]);
});

test("one who comes after the last has left is called again", async () => {
  const { hand, bell } = openBell();
  bell.subscribe(() => {})();
  await hand.ring();
  let calls = 0;
  bell.subscribe(() => calls++);
  await hand.ring();
  expect(calls).toBe(1);
});

test("a closed bell calls nobody", async () => {
  const { hand, bell } = openBell();
  let calls = 0;
  bell.subscribe(() => calls++);
  bell.close();
  bell.subscribe(() => calls++);
  await hand.ring();
  expect(calls).toBe(0);
});
