import { expect, test } from "bun:test";
import { parseListenAddress, printListenAddress } from "../../src/config/listen_address.ts";
import { folderOf, nameOf, resolvePath } from "../../src/config/paths.ts";
import type { OptionType, OptionValue } from "../../src/config/option.ts";
import {
  listWords,
  parseDuration,
  parseOption,
  printDuration,
  printText,
} from "../../src/config/option_value.ts";
import { suggest } from "../../src/config/suggest.ts";
import { looseScalar, type ScalarTree } from "../../src/config/tree.ts";

for (
  const [text, millis] of [
    ["2", 2000],
    ["0.2", 200],
    ["200ms", 200],
    ["1.5s", 1500],
    ["5m", 300_000],
    ["5min", 300_000],
    ["1h", 3_600_000],
    ["1 d", 86_400_000],
    [" 7s ", 7000],
    ["0", 0],
  ] as const
) {
  test(`parseDuration() reads ${text}`, () => expect(parseDuration(text)).toBe(millis));
}

for (const text of ["", "s", "-1s", "1 week", "1e3", "1s2", "٣s", "Infinity", "0x10", "9".repeat(40)]) {
  test(`parseDuration() refuses ${text}`, () => expect(parseDuration(text)).toBeUndefined());
}

test("printDuration() writes what parseDuration() reads", () => {
  for (const millis of [0, 1, 200, 1000, 1500, 60_000, 90_000, 3_600_000, 86_400_000]) {
    expect(parseDuration(printDuration(millis))).toBe(millis);
  }
});

const written = (value: ScalarTree["value"], text = String(value)): ScalarTree => ({
  ...looseScalar(text, "f"),
  value,
  loose: false,
});
const INTEGER: OptionType = { kind: "integer", min: 0, max: 10 };
const CHOICE: OptionType = { kind: "choice", values: ["a", "1"] };
const TEXT: OptionType = { kind: "text", maxLength: 3 };
const DURATION: OptionType = { kind: "duration", min: 100, max: 5000 };

const options: readonly [type: OptionType, scalar: ScalarTree, value: OptionValue | undefined][] = [
  [{ kind: "boolean" }, written(true), true],
  [{ kind: "boolean" }, written("true"), undefined],
  [{ kind: "boolean" }, looseScalar("true", "E"), true],
  [{ kind: "boolean" }, looseScalar("false", "E"), false],
  [{ kind: "boolean" }, looseScalar("1", "E"), undefined],
  [INTEGER, written(0), 0],
  [INTEGER, written(10), 10],
  [INTEGER, written(11), undefined],
  [INTEGER, written(-1), undefined],
  [INTEGER, written(1.5), undefined],
  [INTEGER, written(NaN), undefined],
  [INTEGER, written("5"), undefined],
  [INTEGER, looseScalar("5", "E"), 5],
  [INTEGER, looseScalar("", "E"), undefined],
  [INTEGER, looseScalar("0x5", "E"), undefined],
  [{ kind: "number", min: 0, max: 1 }, written(0.5), 0.5],
  [{ kind: "number", min: 0, max: 1 }, looseScalar("0.25", "E"), 0.25],
  [CHOICE, written("a"), "a"],
  [CHOICE, written(1), "1"],
  [CHOICE, written("b"), undefined],
  [TEXT, written("abc"), "abc"],
  [TEXT, written("abcd"), undefined],
  [TEXT, written(7, "007"), "007"],
  [TEXT, written("a\n"), undefined],
  [DURATION, written(0.1), 100],
  [DURATION, written("5s"), 5000],
  [DURATION, written("5001ms"), undefined],
  [DURATION, written("99ms"), undefined],
  [DURATION, written(true), undefined],
];

for (const [type, scalar, value] of options) {
  const from = scalar.loose ? "text from outside" : typeof scalar.value;
  test(`parseOption() of ${type.kind} takes ${from} ${scalar.text.trim()} as ${value}`, () => {
    expect(parseOption(type, scalar)).toBe(value as OptionValue);
  });
}

for (
  const [text, hostname, port, printed] of [
    [":8080", "", 8080, ":8080"],
    ["8080", "", 8080, ":8080"],
    ["0", "", 0, ":0"],
    ["127.0.0.1:1", "127.0.0.1", 1, "127.0.0.1:1"],
    ["[::]:65535", "::", 65535, "[::]:65535"],
    ["[fe80::1%eth0]:1", "fe80::1%eth0", 1, "[fe80::1%eth0]:1"],
    ["box.local:80", "box.local", 80, "box.local:80"],
  ] as const
) {
  test(`parseListenAddress() reads ${text}`, () => {
    expect(parseListenAddress(text)).toEqual({ hostname, port });
    expect(printListenAddress({ hostname, port })).toBe(printed);
  });
}

for (const text of ["", ":", ":65536", "::1:80", "http://x:80", "a b:1", ":-1", ":8080/", "[::1]", "host"]) {
  test(`parseListenAddress() refuses ${text || "nothing"}`, () =>
    expect(parseListenAddress(text)).toBeUndefined());
}

for (
  const [word, candidate] of [
    ["always_on", "alwaysOn"],
    ["trnasport", "transport"],
    ["prot", "port"],
    ["LEVEL", "level"],
    ["zzzz", undefined],
    ["x".repeat(1000), undefined],
  ] as const
) {
  test(`suggest() finds ${candidate} for ${word.slice(0, 20)}`, () => {
    expect(suggest(word, ["alwaysOn", "transport", "port", "level"])).toBe(candidate as string);
  });
}

test("listWords() joins words as people do", () => {
  expect([listWords([]), listWords(["a"]), listWords(["a", "b"]), listWords(["a", "b", "c"])])
    .toEqual(["", "a", "a or b", "a, b or c"]);
});

test("printText() quotes what YAML would read otherwise", () => {
  expect([printText("plain"), printText("true"), printText("12"), printText("a: b"), printText("")])
    .toEqual(["plain", '"true"', '"12"', '"a: b"', '""']);
});

test("resolvePath() keeps absolute paths and takes others from the folder", () => {
  expect(resolvePath("/c", "a.yaml")).toBe("/c/a.yaml");
  expect(resolvePath("/", "a.yaml")).toBe("/a.yaml");
  expect(resolvePath(".", "./a.yaml")).toBe("a.yaml");
  expect(resolvePath("c", "/a.yaml")).toBe("/a.yaml");
  expect([folderOf("/a"), folderOf("a"), folderOf("a/b/c"), nameOf("a/b"), nameOf("b")])
    .toEqual(["/", ".", "a/b", "b", "b"]);
});
