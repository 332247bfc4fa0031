import { expect, test } from "bun:test";
import type { VariableConfig } from "../../../src/config/sections/variables.ts";
import { Variables } from "../../../src/control/variables/variables.ts";
import { keptLog } from "../config/memory_store.ts";
import { ManualClock } from "../../manual_clock.ts";

function variable(change: Partial<VariableConfig> = {}): VariableConfig {
  return { value: "first", target: "date", intervalMillis: 10_000, waitMillis: 2000, ...change };
}

function setUp() {
  const clock = new ManualClock();
  const log = keptLog();
  const asked: { target: string; waitMillis: number; answer: PromiseWithResolvers<Uint8Array> }[] = [];
  const variables = new Variables({
    clock,
    log,
    read(target, waitMillis) {
      const answer = Promise.withResolvers<Uint8Array>();
      asked.push({ target, waitMillis, answer });
      return answer.promise;
    },
  });
  const answer = async (text: string | Error) => {
    const last = asked.at(-1)?.answer;
    if (text instanceof Error) last?.reject(text);
    else last?.resolve(new TextEncoder().encode(text));
    for (let n = 0; n < 5; n++) await Promise.resolve();
  };
  const value = (name = "a") => variables.values().get(name);
  return { clock, log, asked, variables, answer, value };
}

test("a variable stands for its value until its target answers, and is asked for again", async () => {
  const t = setUp();
  t.variables.configure(new Map([["a", variable()], ["b", variable({ target: "", value: "fixed" })]]));
  expect([t.value(), t.value("b")]).toEqual(["first", "fixed"]);
  expect(t.asked.map((a) => [a.target, a.waitMillis])).toEqual([["date", 2000]]);
  t.clock.advance(60_000);
  expect(t.asked.length).toBe(1);
  await t.answer(" Monday\n");
  expect(t.value()).toBe("Monday");
  expect(t.variables.list()[0]).toMatchObject({ name: "a", value: "Monday", answeredAt: t.clock.wall() });
  t.clock.advance(9999);
  expect(t.asked.length).toBe(1);
  t.clock.advance(1);
  await t.answer("two\nlines");
  expect(t.value()).toBe("two lines");
});

test("a target that fails leaves the value, is told of once, and asked again", async () => {
  const t = setUp();
  t.variables.configure(new Map([["a", variable()]]));
  for (const _ of [1, 2]) {
    await t.answer(new Error("no answer within 2 s"));
    t.clock.advance(10_000);
  }
  expect(t.log.lines.filter((l) => l.includes("variable a"))).toEqual([
    expect.stringContaining("variable a stays as it is: no answer within 2 s"),
  ]);
  expect(t.value()).toBe("first");
  await t.answer("well");
  expect(t.value()).toBe("well");
  t.clock.advance(10_000);
  await t.answer(new Error("gone"));
  expect(t.log.lines.filter((l) => l.includes("variable a")).length).toBe(2);
});

test("a change asks anew only for what is another now; what went is never heard of again", async () => {
  const t = setUp();
  t.variables.configure(new Map([["a", variable()], ["once", variable({ intervalMillis: 0 })]]));
  await t.answer("1");
  t.variables.configure(
    new Map([["a", variable({ target: "hostname" })], ["once", variable({ intervalMillis: 0 })]]),
  );
  expect([t.value(), t.value("once")]).toEqual(["first", "1"]);
  expect(t.asked.map((a) => a.target)).toEqual(["date", "date", "hostname"]);
  t.asked[0]?.answer.resolve(new TextEncoder().encode("late"));
  await Promise.resolve();
  expect(t.value()).toBe("first");
  t.variables.configure(new Map());
  await t.answer("box");
  t.clock.advance(100_000);
  expect(t.asked.length).toBe(3);
  expect(t.variables.list()).toEqual([]);
});

test("a long answer is cut between characters", async () => {
  const t = setUp();
  t.variables.configure(new Map([["a", variable()]]));
  await t.answer("ä".repeat(100));
  expect(t.value()).toBe("ä".repeat(63));
});
