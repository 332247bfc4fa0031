import type { Pair, YAMLMap } from "yaml";
import { blankJsonComments } from "../json_comments.ts";
import { splice } from "./block_edit.ts";
import type { Plain } from "./plain.ts";
import {
  isBare,
  keyStart,
  lineEnd,
  lineStart,
  marginOf,
  rangeOf,
  type Source,
  valueStart,
  writtenEnd,
  writtenStart,
} from "./places.ts";
import { printFlow, printFlowLines, printKey } from "./print_value.ts";

/** Adds a key behind the last one of a mapping in braces: on its own line where the others stand on their own. */
export function insertFlowPair(source: Source, map: YAMLMap, key: string, value: Plain): string {
  const { text, layout } = source;
  const [open, close] = rangeOf(map);
  const last = map.items[map.items.length - 1];
  if (last === undefined) {
    const margin = /^[ \t]*/.exec(text.slice(lineStart(text, open)))?.[0] ?? "";
    const inner = margin + layout.indent;
    const pair = `${printKey(key, layout.json)}: `;
    if (!layout.json) return splice(text, close - 1, close - 1, `${pair}${printFlow(value, layout)} `);
    const hasLines = text.slice(open, close).includes("\n");
    const body = `${hasLines ? layout.indent : `\n${inner}`}${pair}${printFlowLines(value, layout, inner)}\n`;
    return splice(text, close - 1, close - 1, hasLines ? body + margin : body + margin);
  }
  const end = writtenEnd(source, last);
  const comma = commaAfter(source, end, close);
  const margin = marginOf(text, keyStart(last));
  if (margin === undefined || !text.slice(open, keyStart(last)).includes("\n")) {
    return splice(text, end, end, `, ${printKey(key, layout.json)}: ${printFlow(value, layout)}`);
  }
  const line = `${margin}${printKey(key, layout.json)}: ${printFlowLines(value, layout, margin)}`;
  const behind = Math.min(lineEnd(text, comma ?? end), close - 1);
  const closesOnLine = text[behind - 1] !== "\n";
  const added = closesOnLine ? `\n${line}` : `${line}${comma === undefined ? "" : ","}\n`;
  const withLine = splice(text, behind, behind, added);
  return comma === undefined ? splice(withLine, end, end, ",") : withLine;
}

/** Gives a key of a mapping in braces another value. */
export function replaceInFlow(source: Source, pair: Pair, value: Plain): string {
  const { text, layout } = source;
  const margin = marginOf(text, keyStart(pair));
  const printed = margin === undefined ? printFlow(value, layout) : printFlowLines(value, layout, margin);
  if (!isBare(pair)) return splice(text, writtenStart(source, pair), rangeOf(pair.value)[1], printed);
  const colon = valueStart(source, pair);
  return splice(text, colon, colon, ` ${printed}`);
}

/** Removes a key of a mapping in braces, with one comma and its own line where it has one. */
export function removeFromFlow(source: Source, map: YAMLMap, pair: Pair): string {
  const { text } = source;
  const close = rangeOf(map)[1];
  const index = map.items.indexOf(pair);
  const before = map.items[index - 1];
  const isLast = index === map.items.length - 1;
  let from = keyStart(pair);
  let to = writtenEnd(source, pair);
  const comma = commaAfter(source, to, close);
  if (comma !== undefined) to = comma + 1;
  const margin = marginOf(text, from);
  const rest = text.slice(to, lineEnd(text, to)).trim();
  if (margin !== undefined && (rest === "" || rest.startsWith("//") || rest.startsWith("#"))) {
    from -= margin.length;
    to = lineEnd(text, to);
  } else if (!isLast) { while (text[to] === " ") to++; }
  else if (before !== undefined) from = writtenEnd(source, before);
  const removed = splice(text, from, to, "");
  const needless = isLast && comma === undefined && before !== undefined
    ? commaAfter(source, writtenEnd(source, before), from)
    : undefined;
  return needless === undefined ? removed : splice(removed, needless, needless + 1, "");
}

/** The comma that follows `at` before `limit`, comments passed over. */
function commaAfter(source: Source, at: number, limit: number): number | undefined {
  const rest = source.text.slice(at, limit);
  const blanked = source.layout.json
    ? blankJsonComments(rest)
    : rest.replace(/#[^\n]*/g, (c) => " ".repeat(c.length));
  const found = /^\s*,/.exec(blanked);
  return found === null ? undefined : at + found[0].length - 1;
}
