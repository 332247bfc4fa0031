import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, type YAMLMap } from "yaml";
import type { Layout } from "./print_value.ts";

/** A text with its document, for finding places in it. All positions are offsets in `text`. */
export interface Source {
  readonly text: string;
  readonly document: Document;
  readonly layout: Layout;
}

/** The pair of `key`; undefined where a mapping has none of its own. */
export function findPair(map: YAMLMap, key: string): Pair | undefined {
  return map.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
}

export function keyStart(pair: Pair): number {
  return rangeOf(pair.key)[0];
}

/** Behind the colon of a pair. */
export function valueStart(source: Source, pair: Pair): number {
  return source.text.indexOf(":", rangeOf(pair.key)[1]) + 1;
}

/** True for a key without a value. */
export function isBare(pair: Pair): boolean {
  const value = pair.value;
  return value === null ||
    (isScalar(value) && value.value === null && rangeOf(value)[0] === rangeOf(value)[1]);
}

/** Where what is written for a value begins, its tag and anchor included. */
export function writtenStart(source: Source, pair: Pair): number {
  const value = pair.value as Node & { anchor?: string; tag?: string };
  if (value.anchor === undefined && value.tag === undefined) return rangeOf(value)[0];
  let at = valueStart(source, pair);
  while (/\s/.test(source.text[at] ?? "x")) at++;
  return at;
}

/** Behind the last character that a value is written with; comments behind it do not count. */
export function writtenEnd(source: Source, pair: Pair): number {
  if (isBare(pair)) return valueStart(source, pair);
  return nodeEnd(source, pair.value);
}

function nodeEnd(source: Source, node: unknown): number {
  if (isMap(node) && !node.flow && node.items.length > 0) {
    return writtenEnd(source, node.items[node.items.length - 1] as Pair);
  }
  if (isSeq(node) && !node.flow && node.items.length > 0) {
    return nodeEnd(source, node.items[node.items.length - 1]);
  }
  return rangeOf(node)[1];
}

/** The start of the line of `at`. */
export function lineStart(text: string, at: number): number {
  return text.lastIndexOf("\n", at - 1) + 1;
}

/** Behind the line break of the line that ends what ends at `at`. */
export function lineEnd(text: string, at: number): number {
  if (at > 0 && text[at - 1] === "\n") return at;
  const end = text.indexOf("\n", at);
  return end < 0 ? text.length : end + 1;
}

/** The blanks before a key that begins its line; undefined where something else stands before it. */
export function marginOf(text: string, at: number): string | undefined {
  const margin = text.slice(lineStart(text, at), at);
  return margin.trim() === "" ? margin : undefined;
}

/** Behind the comment lines that follow `at`, at a line's start, and are indented by at least `least` columns. */
export function skipComments(text: string, at: number, least: number): number {
  for (;;) {
    const end = lineEnd(text, at + 1);
    const line = text.slice(at, end);
    const indent = line.search(/\S/);
    if (indent < least || line[indent] !== "#") return at;
    at = end;
  }
}

/** Whether a value may be descended into and changed inside. */
export function isOwnMap(node: unknown): node is YAMLMap {
  return isMap(node) && !isAlias(node);
}

export function rangeOf(node: unknown): readonly [number, number, number] {
  const range = (node as { range?: readonly [number, number, number] | null } | null)?.range;
  if (range === undefined || range === null) throw new Error("Cannot find a node's place in its file");
  return range;
}
