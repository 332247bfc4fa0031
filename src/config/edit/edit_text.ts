import { isAlias, isMap, type YAMLMap } from "yaml";
import { ConfigReport } from "../config_error.ts";
import { printPath } from "../key_path.ts";
import { isJsonPath, parseConfigText, readConfigDocument } from "../yaml_document.ts";
import { insertBlockPair, removeFromBlock, replaceInBlock, splice } from "./block_edit.ts";
import { insertFlowPair, removeFromFlow, replaceInFlow } from "./flow_edit.ts";
import { nestPlain, type Plain, plainTree, samePlain, withPlain } from "./plain.ts";
import { findPair, isOwnMap, keyStart, marginOf, rangeOf, type Source } from "./places.ts";
import { type Layout, printBlockPair, printFlowLines } from "./print_value.ts";

/** One key of one file: its new value, or undefined to remove it. `path` counts from the file's top. */
export interface TextEdit {
  readonly path: readonly string[];
  readonly value: Plain | undefined;
}

/** The file is written in a way that an edit cannot be put into; the message says what to do. */
export class CannotEdit extends Error {}

/**
 * A configuration file's text with `edits` made in it. Everything that they do not touch stays byte for byte: comments,
 * order, quotes, blank lines. The result is read again and compared with what it should say; where putting the
 * edits into the text does not give that, the document is printed anew (comments and order kept, layout not), and where
 * that does not either, {@link CannotEdit} is thrown. `path` decides between YAML and JSON.
 */
export function editText(path: string, text: string, edits: readonly TextEdit[]): string {
  const said = saidBy(path, text);
  const wanted = edits.reduce((root, edit) => withPlain(root, edit.path, edit.value), said);
  let edited = text;
  for (const edit of edits) edited = editOnce(path, edited, edit);
  if (samePlain(saidBy(path, edited), wanted)) return edited;
  if (!isJsonPath(path)) {
    const anew = printAnew(path, text, edits);
    if (anew !== undefined && samePlain(saidBy(path, anew), wanted)) return anew;
  }
  const where = edits.map((edit) => printPath(edit.path)).join(", ");
  throw new CannotEdit(`${path} is written in a way that ${where} cannot be changed in: edit it by hand`);
}

/** What a text says; a marker of its own where it cannot be read, which equals nothing that is wanted. */
function saidBy(path: string, text: string): Plain | undefined {
  const report = new ConfigReport();
  const { tree } = readConfigDocument(path, text, report);
  return report.errors.length > 0 ? [`unreadable: ${report.errors[0]?.message}`] : plainTree(tree);
}

function editOnce(path: string, text: string, edit: TextEdit): string {
  const document = parseConfigText(path, text);
  const layout = layoutOf(path, text, document.contents);
  const source: Source = { text, document, layout };
  const root = document.contents;
  if (!isMap(root)) {
    if (root !== null && rangeOf(root)[0] !== rangeOf(root)[1]) return text;
    return edit.value === undefined ? text : appendRoot(source, nestPlain(edit.path, edit.value));
  }
  let map: YAMLMap = root;
  for (let depth = 0; depth < edit.path.length; depth++) {
    const key = edit.path[depth] as string;
    const pair = findPair(map, key);
    const rest = edit.path.slice(depth + 1);
    if (pair === undefined) {
      return edit.value === undefined ? text : insertPair(source, map, key, nestPlain(rest, edit.value));
    }
    if (rest.length > 0 && isAlias(pair.value)) {
      throw new CannotEdit(
        `${path}: ${
          printPath(edit.path.slice(0, depth + 1))
        } stands for another part of the file (*${pair.value.source}): edit it by hand`,
      );
    }
    if (rest.length > 0 && isOwnMap(pair.value) && pair.value.items.length > 0) {
      map = pair.value;
      continue;
    }
    if (edit.value === undefined) {
      if (rest.length > 0) return text;
      return map.flow ? removeFromFlow(source, map, pair) : removeFromBlock(source, pair);
    }
    const value = nestPlain(rest, edit.value);
    if (rest.length > 0 && map.flow && isOwnMap(pair.value)) {
      return insertFlowPair(source, pair.value, rest[0] as string, nestPlain(rest.slice(1), edit.value));
    }
    return map.flow ? replaceInFlow(source, pair, value) : replaceInBlock(source, pair, value);
  }
  return text;
}

function insertPair(source: Source, map: YAMLMap, key: string, value: Plain): string {
  if (!map.flow && map.items.length > 0) return insertBlockPair(source, map, key, value);
  const [from, to] = rangeOf(map);
  const isEmptyRoot = map === source.document.contents && map.items.length === 0 && !source.layout.json;
  if (isEmptyRoot && /^\{\s*\}$/.test(source.text.slice(from, to))) {
    return splice(source.text, from, to, printBlockPair(key, value, source.layout, ""));
  }
  return insertFlowPair(source, map, key, value);
}

/** Behind a file of comments only. */
function appendRoot({ text, layout }: Source, value: Plain): string {
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  const lines = layout.json
    ? printFlowLines(value, layout, "")
    : Object.entries(value).map(([key, item]) => printBlockPair(key, item as Plain, layout, "")).join("\n");
  return splice(text, text.length, text.length, `${gap}${lines}\n`);
}

/** The indentation of the first key below the top (in JSON: at the top); two blanks where there is none. */
function layoutOf(path: string, text: string, root: unknown): Layout {
  const json = isJsonPath(path);
  const maps: unknown[] = !isMap(root) ? [] : root.flow ? [root] : root.items.map((pair) => pair.value);
  for (const map of maps) {
    const first = isMap(map) ? map.items[0] : undefined;
    const indent = first === undefined ? undefined : marginOf(text, keyStart(first));
    if (indent !== undefined && indent.length >= 1 && indent.length <= 8) return { json, indent };
  }
  return { json, indent: "  " };
}

/** Undefined where the edits leave a document that cannot be printed, such as an alias of what is gone. */
function printAnew(path: string, text: string, edits: readonly TextEdit[]): string | undefined {
  const document = parseConfigText(path, text);
  try {
    for (const { path: keys, value } of edits) {
      if (value === undefined) document.deleteIn(keys);
      else document.setIn(keys, document.createNode(value));
    }
    return document.toString({ lineWidth: 0 });
  } catch (failure) {
    if (failure instanceof Error) return undefined;
    throw failure;
  }
}
