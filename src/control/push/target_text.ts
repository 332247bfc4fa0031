import { baseOf } from "../../media/stream_name.ts";

/** What a target's variables stand for. */
export interface TargetFacts {
  readonly stream: string;
  /** The stream's source, credentials and all: targets are commands too. */
  readonly source: string;
  /** Unix milliseconds; shown in the machine's time zone. */
  readonly wall: number;
  /** Variables of the server, by name. */
  readonly variables?: ReadonlyMap<string, string>;
}

/** Variables in the values of variables are replaced so deep. */
const DEPTH_MAX = 10;
/** Variables whose values any viewer may write: in parameters they are escaped, and no variables are sought in them. */
const FROM_VIEWERS: ReadonlySet<string> = new Set(["stream", "wildcard", "pluswildcard"]);
/** Stands for a dollar sign that begins no variable; no stream's name holds it. */
const HELD = "\0";
/** Longest text that replacing may make. */
const TEXT_MAX = 8192;

/** Names of the variables that every target may use. */
export const TARGET_VARIABLES = [
  "stream",
  "basename",
  "wildcard",
  "pluswildcard",
  "source",
  "datetime",
  "year",
  "month",
  "day",
  "hour",
  "minute",
  "second",
  "wday",
  "yday",
  "week",
] as const;

/**
 * Replaces `$name` and `${name}`. Names are letters and digits; the longest known one that fits is taken, so that
 * `$stream_1` is the stream and `_1`. A variable that nobody knows stays as it is: it may be the output's own
 * (`$segmentCounter`). Behind the last `?`, where parameters are, the stream's name stands with escapes. A text that
 * grows too long is cut.
 */
export function fillTarget(text: string, facts: TargetFacts): string {
  const values = valuesOf(facts);
  let filled = text;
  for (let depth = 0; depth < DEPTH_MAX && filled.includes("$"); depth++) {
    const parameters = filled.lastIndexOf("?");
    const valueOf = (name: string, at: number) => {
      const value = values.get(name);
      if (value === undefined || !FROM_VIEWERS.has(name)) return value;
      return parameters >= 0 && at > parameters ? escapeParameter(value) : value.replaceAll("$", HELD);
    };
    const next = filled.replaceAll(/\$(?:\{([A-Za-z0-9]+)\}|([A-Za-z0-9]+))/g, (whole, braced, plain, at) => {
      if (braced !== undefined) return valueOf(braced, at) ?? whole;
      for (let length = plain.length; length > 0; length--) {
        const value = valueOf(plain.slice(0, length), at);
        if (value !== undefined) return value + plain.slice(length);
      }
      return whole;
    }).slice(0, TEXT_MAX);
    if (next === filled) break;
    filled = next;
  }
  return filled.replaceAll(HELD, "$");
}

function escapeParameter(value: string): string {
  return value.replace(
    /[^\w.~\u0080-\uffff-]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`,
  );
}

function valuesOf({ stream, source, wall, variables }: TargetFacts): ReadonlyMap<string, string> {
  const base = baseOf(stream);
  const time = new Date(wall);
  const two = (n: number) => String(n).padStart(2, "0");
  const year = String(time.getFullYear());
  const month = two(time.getMonth() + 1), day = two(time.getDate());
  const hour = two(time.getHours()), minute = two(time.getMinutes()), second = two(time.getSeconds());
  return new Map<string, string>([
    ...variables ?? [],
    ["stream", stream],
    ["basename", base],
    ["wildcard", stream.slice(base.length + 1)],
    ["pluswildcard", stream.slice(base.length)],
    ["source", source],
    ["datetime", [year, month, day, hour, minute, second].join(".")],
    ["year", year],
    ["month", month],
    ["day", day],
    ["hour", hour],
    ["minute", minute],
    ["second", second],
    // 1 is Monday, as in ISO 8601
    ["wday", String(time.getDay() === 0 ? 7 : time.getDay())],
    ["yday", String(dayOfYear(time)).padStart(3, "0")],
    ["week", two(isoWeek(time))],
  ]);
}

/** 1 to 366. */
function dayOfYear(time: Date): number {
  const days = Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()) -
    Date.UTC(time.getFullYear(), 0, 1);
  return days / 86_400_000 + 1;
}

/** ISO 8601: the week that holds the year's first Thursday is week 1. */
function isoWeek(time: Date): number {
  const thursday = new Date(Date.UTC(time.getFullYear(), time.getMonth(), time.getDate()));
  thursday.setUTCDate(thursday.getUTCDate() + 4 - (thursday.getUTCDay() || 7));
  const first = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return Math.ceil(((thursday.getTime() - first) / 86_400_000 + 1) / 7);
}
