import { MASK, maskUrl } from "../base/mask_url.ts";
import type { OptionType, OptionValue } from "./option.ts";
import type { ConfigTree, ScalarTree } from "./tree.ts";

/** Longest value that is quoted in an error. */
const QUOTE_MAX = 60;

const DURATION = /^(\d{1,12}(?:\.\d{1,9})?)\s*(ms|s|m|min|h|d)?$/;
const UNIT_MILLIS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of `2` (seconds), `200ms`, `1.5s`, `5m`, `1h`, `1d`; undefined when it is none. */
export function parseDuration(text: string): number | undefined {
  const match = DURATION.exec(text.trim());
  if (match === null) return undefined;
  return Math.round(Number(match[1]) * (UNIT_MILLIS[match[2] ?? "s"] as number));
}

/** `200ms`, `2s`, `5m`, `1h`: the largest unit that needs no fraction. */
export function printDuration(millis: number): string {
  if (millis % 1000 !== 0) return `${millis}ms`;
  if (millis !== 0 && millis % 3_600_000 === 0) return `${millis / 3_600_000}h`;
  if (millis !== 0 && millis % 60_000 === 0) return `${millis / 60_000}m`;
  return `${millis / 1000}s`;
}

/** The value of a scalar as `type` takes it, or undefined when it does not. */
export function parseOption(type: OptionType, scalar: ScalarTree): OptionValue | undefined {
  const { value, text, loose } = scalar;
  switch (type.kind) {
    case "boolean":
      if (typeof value === "boolean") return value;
      if (loose && text === "true") return true;
      return loose && text === "false" ? false : undefined;
    case "integer":
    case "number": {
      const isNumber = typeof value === "number" || (loose && /^-?\d{1,15}(\.\d{1,15})?$/.test(text));
      const n = isNumber ? Number(value) : NaN;
      if (!(n >= type.min && n <= type.max)) return undefined;
      return type.kind === "integer" && !Number.isSafeInteger(n) ? undefined : n;
    }
    case "duration": {
      const millis = typeof value === "number" || typeof value === "string" ? parseDuration(text) : undefined;
      return millis !== undefined && millis >= type.min && millis <= type.max ? millis : undefined;
    }
    case "choice":
      return type.values.includes(text) && value !== null ? text : undefined;
    case "text":
    case "secret":
      return value !== null && text.length <= type.maxLength && !hasControls(text) ? text : undefined;
  }
}

function hasControls(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c < 0x20 || c === 0x7f) return true;
  }
  return false;
}

/** What a type takes, for errors: `tcp, udp or auto`. */
export function describeType(type: OptionType): string {
  switch (type.kind) {
    case "boolean":
      return "true or false";
    case "integer":
      return `a whole number from ${type.min} to ${type.max}`;
    case "number":
      return `a number from ${type.min} to ${type.max}`;
    case "duration":
      return `a duration from ${printDuration(type.min)} to ${printDuration(type.max)} such as ${
        printDuration(Math.min(Math.max(type.min, 2000), type.max))
      }`;
    case "choice":
      return listWords(type.values);
    case "text":
    case "secret":
      return `a text of at most ${type.maxLength} characters without control characters`;
  }
}

/** `a`, `a or b`, `a, b or c`. */
export function listWords(words: readonly string[]): string {
  if (words.length < 2) return words.join("");
  return `${words.slice(0, -1).join(", ")} or ${words[words.length - 1]}`;
}

/** What stands there, for errors: `"upd"`, `5`, `a list`, `nothing`. Hidden values stay hidden. */
export function describeFound(tree: ConfigTree | undefined, secret = false): string {
  if (tree === undefined) return "nothing";
  if (tree.kind === "map") return "a mapping";
  if (tree.kind === "list") return "a list";
  if (tree.value === null) return "nothing";
  if (secret || tree.hidden) return "a hidden value";
  const shown = maskUrl(tree.text);
  const text = shown.length > QUOTE_MAX ? `${shown.slice(0, QUOTE_MAX)}…` : shown;
  return typeof tree.value === "string" ? JSON.stringify(text) : text;
}

/** An option's value as it would be written in YAML; secrets masked. */
export function printOption(type: OptionType, value: OptionValue): string {
  if (type.kind === "secret") return value === "" ? '""' : MASK;
  if (type.kind === "duration") return printDuration(Number(value));
  return type.kind === "text" ? printText(String(value)) : String(value);
}

/** A text as YAML, quoted where plain writing would mean something else, URL credentials masked. */
export function printText(text: string): string {
  const shown = maskUrl(text);
  return /^[A-Za-z/][A-Za-z0-9_./@:+?&=-]*$/.test(shown) && !/^(true|false|null)$/i.test(shown) &&
      !shown.endsWith(":")
    ? shown
    : JSON.stringify(shown);
}
