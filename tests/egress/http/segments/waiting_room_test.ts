import { expect, test } from "bun:test";
import { monoMillis } from "../../../../src/base/units.ts";
import { WaitingRoom } from "../../../../src/egress/http/segments/waiting_room.ts";

const at = monoMillis;

test("settle() ends the waits that the judge knows and keeps the others", async () => {
  const room = new WaitingRoom();
  const first = room.hold(1, 0, at(100));
  const same = room.hold(1, 0, at(200));
  const other = room.hold(1, 1, at(100));
  const segment = room.hold(1, undefined, at(100));
  room.settle((_, part) => part === 0 ? "ready" : part === 1 ? "never" : undefined);
  expect(await Promise.all([first, same, other])).toEqual(["ready", "ready", "never"]);
  expect(room.size).toBe(1);
  room.close();
  expect(await segment).toBe("closed");
  expect(room.size).toBe(0);
});

test("expire() ends each wait at its own deadline", async () => {
  const room = new WaitingRoom();
  const early = room.hold(3, 2, at(100));
  const late = room.hold(3, 2, at(150));
  room.expire(at(99));
  expect(room.size).toBe(2);
  room.expire(at(100));
  expect(room.size).toBe(1);
  expect(await early).toBe("late");
  room.expire(at(1000));
  expect(await late).toBe("late");
  expect(room.size).toBe(0);
});

test("a wait that begins while others are told is kept", async () => {
  const room = new WaitingRoom();
  const first = room.hold(0, 0, at(10)).then(() => room.hold(0, 1, at(10)));
  room.settle((_, part) => part === 0 ? "ready" : undefined);
  await Promise.resolve();
  await Promise.resolve();
  expect(room.size).toBe(1);
  room.close();
  expect(await first).toBe("closed");
});
