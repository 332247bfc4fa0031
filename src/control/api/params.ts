import { parseStreamName } from "../../media/stream_name.ts";
import { baseOf } from "../../media/stream_name.ts";
import { ApiFailure, wrongValue } from "./api_failure.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The value as an object; throws for anything else. */
export function objectOf(key: string, value: unknown): JsonObject {
  if (!isObject(value)) throw wrongValue(key, "an object", value);
  return value;
}

/** What a command was asked with: an object, or nothing in particular (true or null). */
export function askedOf(command: string, params: unknown): JsonObject {
  return params === true || params === null ? {} : objectOf(command, params);
}

export function textOf(key: string, value: unknown): string {
  if (typeof value !== "string") throw wrongValue(key, "a text", value);
  return value;
}

/** A text or a list of texts, as a list; the keys of an object too, as the reference product takes them. */
export function namesOf(key: string, value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (Array.isArray(value)) return value.map((item) => textOf(key, item));
  if (isObject(value)) return Object.keys(value);
  throw wrongValue(key, "a name, a list or an object of names", value);
}

/** A list of texts under `key`; undefined where there is none or it is empty. */
export function optionalNames(value: JsonObject, key: string): string[] | undefined {
  const given = value[key];
  if (given === undefined || given === null || given === "") return undefined;
  const names = namesOf(key, given);
  return names.length === 0 ? undefined : names;
}

/** A whole number under `key`; undefined where there is none. */
export function optionalNumber(value: JsonObject, key: string): number | undefined {
  const given = value[key];
  if (given === undefined || given === null || given === "") return undefined;
  const number = Number(given);
  if (!Number.isFinite(number)) throw wrongValue(key, "a number", given);
  return number;
}

/** A time in Unix seconds under `key`, of which 0 and below count back from `now`; undefined where there is none. */
export function optionalTime(value: JsonObject, key: string, now: number): number | undefined {
  const time = optionalNumber(value, key);
  return time === undefined || time > 0 ? time : now + time;
}

/** A stream's name as the configuration has it: normal, without `+`. */
export function configuredName(given: string): string {
  const name = parseStreamName(given);
  if (name === undefined || baseOf(name) !== name) {
    const expected = "a name of at most 100 of a-z, 0-9, _, . and -";
    throw new ApiFailure(400, `expected ${expected}, got ${JSON.stringify(given.slice(0, 120))}`, {
      key: "name",
      expected,
      found: given.slice(0, 120),
    });
  }
  return name;
}

/** Whether a stream is meant by one of `wanted`: its name, or a base with `+` for all of its wildcard streams. */
export function isWanted(wanted: readonly string[] | undefined, name: string): boolean {
  return wanted === undefined ||
    wanted.some((w) => w === name || (w.endsWith("+") && name.startsWith(w)));
}

/** The fields that are asked for, in that order; all where none are. Unknown ones are left out. */
export function fieldsOf<T extends string>(wanted: readonly string[] | undefined, known: readonly T[]): T[] {
  if (wanted === undefined) return [...known];
  return wanted.filter((field): field is T => (known as readonly string[]).includes(field));
}
