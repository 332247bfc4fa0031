import { isMap, isScalar, type Pair, type YAMLMap } from "yaml";
import { isJsonPath, parseConfigText } from "../yaml_document.ts";
import { CannotEdit } from "./edit_text.ts";
import { isOwnMap, keyStart, lineEnd, lineStart, rangeOf, type Source, writtenEnd } from "./places.ts";

/** A part of a file that goes to a file of its own. */
export interface SplitFile {
  readonly name: string;
  readonly text: string;
}

/** The ending of a path, such as `.yaml`. */
const ENDING = /\.(yaml|yml|json|jsonc)$/;

/**
 * One configuration file as the files of a folder: each section, with the comments above it, in a file of its name,
 * under its name; the rest (what stands at the head, `include`, sections without keys) in `fogcast.yaml`, which is
 * left out when nothing is left. What a section says is not touched by a byte. Throws {@link CannotEdit} for a file
 * whose top cannot be taken apart.
 */
export function splitText(path: string, text: string): SplitFile[] {
  const ending = ENDING.exec(path)?.[0] ?? ".yaml";
  const document = parseConfigText(path, text);
  const root = document.contents;
  if (!isMap(root) || document.errors.length > 0) throw new CannotEdit(`${path} has no sections to split`);
  const source: Source = { text, document, layout: { json: isJsonPath(path), indent: "  " } };
  const files = root.flow ? splitFlow(source, root, path) : splitBlock(source, root);
  return files.map(({ name, text }) => ({ name: name + ending, text }));
}

function nameOf(pair: Pair): string {
  return isScalar(pair.key) ? String(pair.key.value) : "";
}

function isSection(pair: Pair): boolean {
  return nameOf(pair) !== "include" && isOwnMap(pair.value) && pair.value.items.length > 0;
}

function splitBlock(source: Source, root: YAMLMap): SplitFile[] {
  const { text } = source;
  const first = root.items[0];
  let at = first === undefined ? text.length : headEnd(text.slice(0, lineStart(text, keyStart(first))));
  let main = text.slice(0, at);
  const files: SplitFile[] = [];
  root.items.forEach((pair, n) => {
    const isLast = n === root.items.length - 1;
    const end = isLast ? text.length : innerCommentsEnd(text, lineEnd(text, writtenEnd(source, pair)));
    const part = text.slice(at, end);
    if (isSection(pair)) files.push({ name: nameOf(pair), text: withoutBlankEnds(part) });
    else main += part;
    at = end;
  });
  return main.trim() === "" ? files : [{ name: "fogcast", text: withoutBlankEnds(main) }, ...files];
}

/** Behind the last indented comment that follows `at`, blank lines before it included. */
function innerCommentsEnd(text: string, at: number): number {
  const inner = /^(?:[ \t]*\r?\n|[ \t]+#[^\n]*(?:\n|$))*[ \t]+#[^\n]*(?:\n|$)/.exec(text.slice(at));
  return inner === null ? at : at + inner[0].length;
}

/** Where what belongs to the whole file ends: its last blank line or document marker before the first section. */
function headEnd(head: string): number {
  const ends = [...head.matchAll(/^(?:[ \t\r]*|---[^\n]*)\n/gm)];
  const last = ends.at(-1);
  return last === undefined ? 0 : last.index + last[0].length;
}

function withoutBlankEnds(text: string): string {
  return `${text.replace(/^(?:[ \t]*\r?\n)+/, "").trimEnd()}\n`;
}

/** JSON, and YAML in braces: each section with the comments of its lines, in braces again. */
function splitFlow(source: Source, root: YAMLMap, path: string): SplitFile[] {
  const { text } = source;
  const [open, close] = rangeOf(root);
  const head = text.slice(0, open);
  if (
    !root.items.every((pair) => text.slice(lineStart(text, keyStart(pair)), keyStart(pair)).trim() === "")
  ) {
    throw new CannotEdit(`${path}: expected each section on a line of its own`);
  }
  let at = lineEnd(text, open + 1);
  const kept: string[] = [];
  const files: SplitFile[] = [];
  root.items.forEach((pair, n) => {
    const isLast = n === root.items.length - 1;
    const end = isLast ? close - 1 : lineEnd(text, writtenEnd(source, pair));
    const behind = text.slice(writtenEnd(source, pair), end);
    const part = text.slice(at, writtenEnd(source, pair)) + behind.replace(/^\s*,/, "").trimEnd();
    if (isSection(pair)) files.push({ name: nameOf(pair), text: `{\n${part}\n}\n` });
    else kept.push(text.slice(at, writtenEnd(source, pair)));
    at = end;
  });
  const main = `${head}{\n${kept.join(",\n")}\n}\n`;
  return kept.length === 0 && head.trim() === ""
    ? files
    : [{ name: "fogcast", text: kept.length === 0 ? `${head}{}\n` : main }, ...files];
}
