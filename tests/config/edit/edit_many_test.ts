import { test } from "bun:test";
import { editText, type TextEdit } from "../../../src/config/edit/edit_text.ts";

/** A small generator: the same documents every time. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const VALUES = [
  "x",
  "rtsp://u:p@c/1?a=b#c",
  7,
  true,
  "0123",
  "a: b",
  "- x",
  "it's",
  'say "so"',
  "[1]",
  "",
  "é 漢",
  "#",
];

/** Streams in block style, with comments and blank lines in all places; each line knows the key it belongs to. */
function makeDocument(random: (below: number) => number) {
  const lines: { readonly text: string; readonly of: string }[] = [];
  const keys: string[][] = [];
  let comments = 0;
  const noise = (margin: string, of: string) => {
    if (random(4) === 0) lines.push({ text: "", of });
    if (random(3) === 0) lines.push({ text: `${margin}# comment ${comments++}`, of });
  };
  const indent = " ".repeat(1 + random(4));
  const tail = () => random(4) === 0 ? `  # tail ${comments++}` : "";
  for (let s = 0; s < 3; s++) {
    noise("", "");
    lines.push({ text: `s${s}:${tail()}`, of: "" });
    for (let n = 0; n <= random(3); n++) {
      noise(indent, "");
      const name = `s${s}.n${n}`;
      keys.push([`s${s}`, `n${n}`]);
      if (random(3) === 0) {
        lines.push({ text: `${indent}n${n}: { a:  1, b: "two" }${tail()}`, of: name });
        continue;
      }
      lines.push({ text: `${indent}n${n}:${tail()}`, of: name });
      for (let k = 0; k <= random(3); k++) {
        lines.push({ text: `${indent}${indent}k${k}:   v${k}${tail()}`, of: `${name}.k${k}` });
        keys.push([`s${s}`, `n${n}`, `k${k}`]);
      }
    }
  }
  return { lines, keys };
}

function makeEdit(random: (below: number) => number, keys: readonly string[][]): TextEdit {
  const path = keys[random(keys.length)] as string[];
  const value = VALUES[random(VALUES.length)] as string | number | boolean;
  switch (random(4)) {
    case 0:
      return { path, value: undefined };
    case 1:
      return { path: [...path.slice(0, 2), "fresh"], value };
    case 2:
      return { path: [path[0] as string, "other"], value: { source: value, list: [value, 1] } };
    default:
      return { path: path.length === 3 ? path : [...path, "a"], value };
  }
}

test("editText() leaves every line that an edit is not about as it is, in 400 documents", () => {
  for (let seed = 1; seed <= 400; seed++) {
    const random = randomOf(seed);
    const { lines, keys } = makeDocument(random);
    const edit = makeEdit(random, keys);
    const text = lines.map((line) => line.text).join("\n") + "\n";
    const after = editText("f.yaml", text, [edit]).split("\n");
    const about = edit.path.join(".");
    const untouched = lines.filter(({ of }) =>
      !(of === about || of.startsWith(`${about}.`) || (of !== "" && about.startsWith(`${of}.`)))
    );
    let at = 0;
    for (const { text: line } of untouched) {
      const found = after.indexOf(line, at);
      if (found < 0) {
        throw new Error(
          `seed ${seed}: ${JSON.stringify(edit)} lost ${JSON.stringify(line)} of\n${text}\n--\n${
            after.join("\n")
          }`,
        );
      }
      at = found + 1;
    }
  }
}, 60_000);
