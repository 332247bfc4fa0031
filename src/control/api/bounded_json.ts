import { ApiFailure } from "./api_failure.ts";

/** Longest text of a call, in bytes. */
export const BODY_MAX = 1024 * 1024;
/** Deepest nesting of objects and lists. */
export const JSON_DEPTH_MAX = 64;

/**
 * Reads JSON of a stranger (RFC 8259): at most {@link JSON_DEPTH_MAX} levels, no key twice in one object. Throws
 * {@link ApiFailure} with the line.
 */
export function parseBoundedJson(text: string): unknown {
  if (text.length > BODY_MAX) throw new ApiFailure(413, `more than ${BODY_MAX} bytes`);
  checkShape(text);
  try {
    return JSON.parse(text);
  } catch (failure) {
    const why = failure instanceof Error ? failure.message : String(failure);
    throw new ApiFailure(400, `no valid JSON: ${why}`, { expected: "JSON" });
  }
}

/** Looks at brackets and keys only; what else is wrong, the parser finds afterwards. */
function checkShape(text: string): void {
  /** The keys of each open object; undefined for a list. */
  const open: (Set<string> | undefined)[] = [];
  let keyExpected = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case 0x7b: // {
      case 0x5b: { // [
        if (open.length >= JSON_DEPTH_MAX) {
          throw new ApiFailure(400, `nested deeper than ${JSON_DEPTH_MAX} levels`, {
            line: lineOf(text, at),
          });
        }
        const isObject = text.charCodeAt(at) === 0x7b;
        open.push(isObject ? new Set() : undefined);
        keyExpected = isObject;
        break;
      }
      case 0x7d: // }
      case 0x5d: // ]
        open.pop();
        keyExpected = false;
        break;
      case 0x2c: // ,
        keyExpected = open.at(-1) !== undefined;
        break;
      case 0x22: { // "
        const end = endOfString(text, at);
        if (keyExpected) {
          checkKey(text, at, end, open.at(-1));
          keyExpected = false;
        }
        at = end;
        break;
      }
    }
  }
}

function checkKey(text: string, from: number, end: number, keys: Set<string> | undefined): void {
  const raw = text.slice(from + 1, end);
  const key = raw.includes("\\") ? unescape(text.slice(from, end + 1)) : raw;
  if (key === "__proto__") {
    throw new ApiFailure(400, "the key __proto__ is refused", { line: lineOf(text, from), key });
  }
  if (keys?.has(key)) {
    throw new ApiFailure(400, `the key ${JSON.stringify(key)} is given twice in one object`, {
      line: lineOf(text, from),
      key,
    });
  }
  keys?.add(key);
}

/** A key with its escapes undone; one that cannot be read is the parser's matter. */
function unescape(quoted: string): string {
  try {
    return String(JSON.parse(quoted));
  } catch {
    return quoted;
  }
}

/** Where the string that begins at `from` has its closing quote; the end of the text where it has none. */
function endOfString(text: string, from: number): number {
  for (let at = from + 1; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 0x5c) at++;
    else if (c === 0x22) return at;
  }
  return text.length;
}

function lineOf(text: string, at: number): number {
  return text.slice(0, at).split("\n").length;
}
