import { expect, test } from "bun:test";
import { sectionsFor } from "../../src/config/sections/table.ts";
import { SOURCE_DESCRIPTORS } from "../../src/ingest/descriptors.ts";
import { parsePushTarget } from "../../src/config/push_target.ts";
import { ruleHolds } from "../../src/config/push_rule.ts";
import { isPushedStream } from "../../src/config/sections/push.ts";
import { errorsOf, load as loadFiles, WIRE } from "./memory_files.ts";

const load = (text: string) => loadFiles({ "fogcast.yaml": text }, "fogcast.yaml", { pushes: [WIRE] });
const errors = (text: string) => errorsOf(text, { pushes: [WIRE] });

test("a push is read with its schedule, rules and exceptions", async () => {
  const { config } = await load(`push:
  wait: 5s
  maxSpeed: 2
  auto:
    lobby:
      stream: Cam+
      target: wire://239.1.2.3:5000?ttl=3
      scheduleTime: 100
      completeTime: 200
      startRule: [hour, 11, 8]
      endRule: [$hour, 10, "17"]
      inhibit: [cam+secret]
`);
  expect(config?.push.waitMillis).toBe(5000);
  expect(config?.push.maxSpeed).toBe(2);
  expect(config?.push.auto.get("lobby")).toEqual({
    name: "lobby",
    stream: "cam+",
    target: "wire://239.1.2.3:5000?ttl=3",
    scheduleTime: 100,
    completeTime: 200,
    startRule: { variable: "hour", operator: 11, value: "8" },
    endRule: { variable: "$hour", operator: 10, value: "17" },
    inhibit: ["cam+secret"],
  });
});

test("what is wrong with a push is said with its place", async () => {
  const push = (lines: string) => `push:\n  auto:\n    a:\n      ${lines.split("\n").join("\n      ")}\n`;
  expect(await errors(push("stream: cam"))).toEqual([
    "fogcast.yaml:3:5: push.auto.a.target: expected the target of a push, got nothing",
  ]);
  expect(await errors(push("stream: cam\ntarget: wire://x?tl=1"))).toEqual([
    'fogcast.yaml:5:15: push.auto.a.target: wire has no parameter "tl", did you mean ttl?, got "wire://x?tl=1"',
  ]);
  expect(await errors(push("stream: cam\ntarget: 'ftp://joe:hush@x'"))).toEqual([
    'fogcast.yaml:5:15: push.auto.a.target: expected the target of a push: wire (wire://239.1.2.3:5000), got "ftp://***@x"',
  ]);
  expect(await errors(push("stream: c/m\ntarget: wire://x"))).toEqual([
    'fogcast.yaml:4:15: push.auto.a.stream: expected the name of a stream, base+ for its wildcard streams, or #tag, got "c/m"',
  ]);
  expect((await errors(push("stream: cam\ntarget: wire://x\nstartRule: [hour, 4, 1]")))[0]).toStartWith(
    "fogcast.yaml:6:18: push.auto.a.startRule: expected [variable, operator, value] with an operator of 0 is true",
  );
  expect(await errors(push("stream: cam\ntarget: wire://x\nscheduleTime: 9\ncompleteTime: 9"))).toEqual([
    "fogcast.yaml:7:21: push.auto.a.completeTime: expected a time after scheduleTime (9), got 9",
  ]);
  expect(await errors("push:\n  auto:\n    a: wire://x\n")).toEqual([
    'fogcast.yaml:3:8: push.auto.a: expected a mapping with the keys stream and target, got "wire://x"',
  ]);
});

test("parsePushTarget() takes parameters and selectors off the target's end", () => {
  expect(parsePushTarget("wire://h:1/?x?ttl=7&audio=none&video=~720p", [WIRE])).toEqual({
    kind: "wire",
    url: "wire://h:1/?x",
    values: { ttl: 7 },
    select: { audio: "none", video: "~720p" },
  });
  expect(parsePushTarget("wire:wire://h", [WIRE])).toMatchObject({ url: "wire://h", values: { ttl: 16 } });
  const refused: [string, string][] = [
    ["", "expected the target of a push of at most 4096 characters"],
    ["wire://a b", "expected an address without spaces"],
    ["wire://h?ttl=300", 'ttl: expected a whole number from 0 to 255, got "300"'],
    [`wire://${"x".repeat(5000)}`, "expected the target of a push of at most 4096 characters"],
  ];
  for (const [given, wrong] of refused) expect(parsePushTarget(given, [WIRE])).toBe(wrong);
});

test("rules compare as numbers and as texts", () => {
  const value = (name: string) => ({ hour: "9", on: "true", off: "0" })[name] ?? "";
  const cases: [string, Parameters<typeof ruleHolds>[0]["operator"], string, boolean][] = [
    ["on", 0, "", true],
    ["off", 0, "", false],
    ["missing", 1, "", true],
    ["$hour", 2, "9", true],
    ["${hour}", 3, "9", false],
    ["hour", 10, "10", false],
    ["hour", 11, "9", true],
    ["hour", 12, "10", true],
    ["hour", 13, "8", false],
    ["hour", 20, "10", true],
    ["hour", 21, "9", true],
    ["hour", 22, "10", false],
    ["hour", 23, "9", true],
  ];
  for (const [variable, operator, right, holds] of cases) {
    expect([variable, operator, ruleHolds({ variable, operator, value: right }, value)])
      .toEqual([variable, operator, holds]);
  }
});

test("isPushedStream() means a stream by its name, or all of a base", () => {
  expect(isPushedStream("cam", "cam", [])).toBe(true);
  expect(isPushedStream("cam", "cam+1", [])).toBe(false);
  expect(isPushedStream("cam+", "cam+1", [])).toBe(true);
  expect(isPushedStream("cam+", "cam", [])).toBe(false);
  expect(isPushedStream("cam+", "camera+1", [])).toBe(false);
});

test("a push may be of a tag, and kept from tags", async () => {
  const { config, errors } = await load(
    "push: { auto: { a: { stream: '#day', target: 'wire://x', inhibit: ['#secret'] } } }\n",
  );
  expect(errors).toEqual([]);
  expect(config?.push.auto.get("a")).toMatchObject({ stream: "#day", inhibit: ["#secret"] });
});

test("isPushedStream() means all streams of a tag", () => {
  expect(isPushedStream("#recorded", "cam", ["day", "recorded"])).toBe(true);
  expect(isPushedStream("#recorded", "cam+1", ["recorded"])).toBe(true);
  expect(isPushedStream("#recorded", "recorded", ["record"])).toBe(false);
  expect(isPushedStream("cam", "door", ["cam"])).toBe(false);
});

test("no two sections have the same name, those of inputs included", () => {
  const names = sectionsFor(SOURCE_DESCRIPTORS).map((s) => s.name);
  expect(names.filter((name, n) => names.indexOf(name) !== n)).toEqual([]);
});
