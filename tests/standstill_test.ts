import { expect, test } from "bun:test";
import { undisturbed } from "./standstill.ts";

/** Keeps this thread from running. */
function standStill(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}

test("undisturbed() runs again what failed while the machine stood still", async () => {
  let runs = 0;
  const answer = await undisturbed(200, 3, async () => {
    if (++runs === 2) return "well";
    await Bun.sleep(30);
    standStill(300);
    await Bun.sleep(30);
    throw new Error("too late");
  });
  expect([answer, runs]).toEqual(["well", 2]);
});

test("undisturbed() hears of standstills elsewhere, and gives up", async () => {
  let runs = 0;
  const failing = undisturbed(60_000, 3, (note) => {
    runs++;
    note(70_000);
    return Promise.reject(new Error("too late"));
  });
  await expect(failing).rejects.toThrow("too late");
  expect(runs).toBe(3);
});

test("undisturbed() lets a failure without a standstill be one", async () => {
  let runs = 0;
  const failing = undisturbed(60_000, 3, () => Promise.reject(new Error(`wrong ${++runs}`)));
  await expect(failing).rejects.toThrow("wrong 1");
});
