import { makeSegmentRow, type StreamView } from "../../../buffer/stream_view.ts";

/** What is sent ahead of time to a viewer who began in the past, unless it says how much. */
const LEAD_SECONDS = 5;
/** Fastest play. */
const RATE_MAX = 100;
/** Longest lead and duration. */
const SECONDS_MAX = 24 * 3600;
/** Unix times below are relative to now. */
const RELATIVE_SECONDS = 10 * 3600;

/** Which part of the buffer a viewer asks for, and how fast. */
export interface WantedRange {
  /** Stream times, milliseconds. */
  readonly start?: number;
  readonly stop?: number;
  /** Unix times, seconds; those below ten hours, negative ones too, count from now. */
  readonly startUnix?: number;
  readonly stopUnix?: number;
  /** Seconds; takes the place of a stop. */
  readonly duration?: number;
  /** Seconds that are sent ahead of time. */
  readonly buffer?: number;
  /** How often real time; 0: as fast as it can be taken. */
  readonly rate?: number;
}

/** What is to be played: stream times in microseconds. */
export interface PlayRange {
  readonly from?: number;
  readonly until?: number;
  readonly length?: number;
  readonly leadMicros: number;
  readonly rate: number;
}

interface Parameter {
  readonly key: keyof WantedRange;
  readonly names: readonly string[];
  readonly least: number;
  readonly most: number;
}

const PARAMETERS: readonly Parameter[] = [
  { key: "start", names: ["start"], least: 0, most: Number.MAX_SAFE_INTEGER },
  { key: "stop", names: ["stop"], least: 0, most: Number.MAX_SAFE_INTEGER },
  { key: "startUnix", names: ["startunix", "unixstart"], least: -1e9, most: 1e11 },
  { key: "stopUnix", names: ["stopunix", "unixstop"], least: -1e9, most: 1e11 },
  { key: "duration", names: ["duration"], least: 0, most: SECONDS_MAX },
  { key: "buffer", names: ["buffer"], least: 0, most: SECONDS_MAX },
  { key: "rate", names: ["rate"], least: 0, most: RATE_MAX },
];

const NUMBER = /^[+-]?\d{1,16}(\.\d{1,9})?$/;

/** Reads the parameters of an address; `rate` may also be given by the header `X-Mist-Rate`. */
export function parseRange(
  parameter: (name: string) => string | undefined,
  rateHeader?: string,
): WantedRange | { readonly error: string } {
  const range: { -readonly [key in keyof WantedRange]: number } = {};
  for (const { key, names, least, most } of PARAMETERS) {
    const name = names.find((n) => (parameter(n) ?? "") !== "") ?? key;
    const text = parameter(name) || (key === "rate" ? rateHeader : undefined);
    if (text === undefined || text === "") continue;
    const value = NUMBER.test(text) ? Number(text) : NaN;
    if (!(value >= least && value <= most)) {
      return { error: `${name}: expected a number from ${least} to ${most}, got "${text.slice(0, 40)}"` };
    }
    range[key] = value;
  }
  return range;
}

/** What a viewer asks for needs frames of its own, not those that all get at the live edge. */
export function isOwn(range: WantedRange): boolean {
  return (["start", "stop", "startUnix", "stopUnix", "duration", "buffer"] as const)
    .some((key) => range[key] !== undefined);
}

/** Where the buffer's window lies, microseconds of stream time. */
export interface Window {
  readonly first: number;
  readonly last: number;
}

/**
 * What to play, or why it cannot be (one line). A start before the window is moved to its beginning; a range that lies
 * before it altogether is refused; a start in the future is waited for.
 */
export function resolveRange(
  wanted: WantedRange,
  window: Window,
  stream: StreamView,
  wallMillis: number,
): PlayRange | { readonly error: string } {
  const unix = (seconds: number | undefined) =>
    seconds === undefined
      ? undefined
      : streamTime(stream, seconds < RELATIVE_SECONDS ? wallMillis + seconds * 1000 : seconds * 1000);
  const micros = (millis: number | undefined) => millis === undefined ? undefined : millis * 1000;
  const { duration, buffer } = wanted;
  const start = micros(wanted.start) ?? unix(wanted.startUnix);
  const from = start ?? (buffer === undefined ? undefined : window.last - buffer * 1e6);
  const stop = micros(wanted.stop) ?? unix(wanted.stopUnix);
  const until = duration !== undefined ? start === undefined ? undefined : start + duration * 1e6 : stop;
  const length = duration !== undefined && start === undefined ? duration * 1e6 : undefined;
  if (until !== undefined && start !== undefined && until <= start) {
    return { error: "The end is not after the start" };
  }
  if (until !== undefined && until <= window.first) {
    const [first, last] = [window.first, window.last].map((m) => Math.round(m / 1000));
    return { error: `That lies before what there is: stream times ${first} to ${last} ms, and what comes` };
  }
  return {
    ...(from === undefined ? {} : { from }),
    ...(until === undefined ? {} : { until }),
    ...(length === undefined ? {} : { length }),
    leadMicros: (buffer ?? LEAD_SECONDS) * 1e6,
    rate: wanted.rate ?? 1,
  };
}

/** Stream time of a Unix time, microseconds, by the dates of the segments that there are. */
function streamTime(stream: StreamView, unixMillis: number): number {
  const row = makeSegmentRow();
  for (let msn = stream.newestSegment; msn >= stream.oldestSegment; msn--) {
    if (stream.segment(msn, row) === undefined) continue;
    if (row.wallMillis <= unixMillis || msn === stream.oldestSegment) {
      return row.startMicros + (unixMillis - row.wallMillis) * 1000;
    }
  }
  return 0;
}
