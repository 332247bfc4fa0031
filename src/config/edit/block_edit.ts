import { isAlias, isCollection, isScalar, type Pair, type YAMLMap } from "yaml";
import { isPlainMap, type Plain } from "./plain.ts";
import {
  isBare,
  keyStart,
  lineEnd,
  marginOf,
  rangeOf,
  skipComments,
  type Source,
  valueStart,
  writtenEnd,
  writtenStart,
} from "./places.ts";
import { fitsInline, printBlockPair, printFlow, printScalar } from "./print_value.ts";

/** Puts a new text in place of a part of the old one, with the line breaks of the file. */
export function splice(text: string, from: number, to: number, insert: string): string {
  const written = text.includes("\r\n") ? insert.replaceAll("\n", "\r\n") : insert;
  return text.slice(0, from) + written + text.slice(to);
}

/** Adds a key behind the last one of a block mapping. */
export function insertBlockPair(source: Source, map: YAMLMap, key: string, value: Plain): string {
  const { text, layout } = source;
  const last = map.items[map.items.length - 1] as Pair;
  const margin = marginOf(text, keyStart(last)) ?? "";
  const at = skipComments(text, lineEnd(text, writtenEnd(source, last)), Math.max(margin.length, 1));
  const line = printBlockPair(key, value, layout, margin);
  return splice(text, at, at, at > 0 && text[at - 1] !== "\n" ? `\n${line}` : `${line}\n`);
}

/** Gives a key of a block mapping another value. Comments stay, but those inside of what is replaced. */
export function replaceInBlock(source: Source, pair: Pair, value: Plain): string {
  const { text, layout } = source;
  const old = pair.value;
  const margin = marginOf(text, keyStart(pair)) ?? "";
  const inner = margin + layout.indent;
  const isBlock = isScalar(old)
    ? old.type === "BLOCK_FOLDED" || old.type === "BLOCK_LITERAL"
    : isCollection(old) && !old.flow;
  if (fitsInline(value) && !isBlock) {
    const printed = isScalar(old) && !isPlainMap(value) && !Array.isArray(value)
      ? printScalar(value, false, old.type)
      : printFlow(value, layout);
    if (isBare(pair)) {
      const at = valueStart(source, pair);
      return splice(text, at, at, ` ${printed}`);
    }
    return splice(text, writtenStart(source, pair), rangeOf(old)[1], printed);
  }
  const colon = valueStart(source, pair);
  if (isPlainMap(value) && Object.keys(value).length > 0) {
    const lines = Object.entries(value).map(([key, item]) => printBlockPair(key, item, layout, inner)).join(
      "\n",
    );
    const end = lineEnd(text, writtenEnd(source, pair));
    if (isBlock || isAlias(old)) {
      const firstEnd = lineEnd(text, colon);
      return splice(text, firstEnd, end, `${lines}\n`);
    }
    // one line so far: what stands behind the value there, such as a comment, stays on it
    const from = isBare(pair) ? colon : writtenStart(source, pair);
    const to = isBare(pair) ? colon : rangeOf(old)[1];
    const head = text.slice(colon, from).trimEnd() + text.slice(to, end).trimEnd();
    return splice(text, colon, end, `${head}\n${lines}\n`);
  }
  const key = isScalar(pair.key) ? String(pair.key.value) : "";
  const printed = printBlockPair(key, value, layout, margin).slice(margin.length);
  const end = writtenEnd(source, pair);
  return splice(text, keyStart(pair), end, text[end - 1] === "\n" ? `${printed}\n` : printed);
}

/** Removes a key with all below it. Comments above it stay; they may be about something else. */
export function removeFromBlock(source: Source, pair: Pair): string {
  const { text } = source;
  const start = keyStart(pair);
  const margin = marginOf(text, start);
  if (margin === undefined) return text;
  const end = skipComments(text, lineEnd(text, writtenEnd(source, pair)), margin.length + 1);
  const rest = splice(text, start - margin.length, end, "");
  return rest.trim() === "" ? "{}\n" : rest;
}
