import { expect, test } from "bun:test";
import { StreamView } from "../../../../src/buffer/stream_view.ts";
import {
  isOwn,
  parseRange,
  resolveRange,
  type WantedRange,
} from "../../../../src/egress/http/progressive/range.ts";
import { SyntheticCamera, TestClock, TestStream, VIDEO } from "../test_door.ts";

function parse(query: string, header?: string) {
  const parameters = new URLSearchParams(query);
  return parseRange((name) => parameters.get(name) ?? undefined, header);
}

const good: readonly (readonly [query: string, range: WantedRange, own: boolean])[] = [
  ["", {}, false],
  ["start=&stop=", {}, false],
  ["start=1500&stop=20000", { start: 1500, stop: 20_000 }, true],
  ["startunix=1780315200.5", { startUnix: 1780315200.5 }, true],
  ["unixstart=-30&unixstop=-10", { startUnix: -30, stopUnix: -10 }, true],
  ["duration=10", { duration: 10 }, true],
  ["buffer=2.5", { buffer: 2.5 }, true],
  ["rate=0", { rate: 0 }, false],
  ["rate=2&start=+5", { rate: 2, start: 5 }, true],
];

for (const [query, range, own] of good) {
  test(`parseRange() reads ${query || "nothing"}`, () => {
    const read = parse(query.replace("+", "%2B"));
    expect(read).toEqual(range);
    expect(isOwn(read as WantedRange)).toBe(own);
  });
}

const bad: readonly (readonly [query: string, error: string])[] = [
  ["start=-1", 'start: expected a number from 0 to 9007199254740991, got "-1"'],
  ["stop=1h", 'stop: expected a number from 0 to 9007199254740991, got "1h"'],
  ["duration=86401", 'duration: expected a number from 0 to 86400, got "86401"'],
  ["rate=101", 'rate: expected a number from 0 to 100, got "101"'],
  ["rate=NaN", 'rate: expected a number from 0 to 100, got "NaN"'],
  ["buffer=1e9", 'buffer: expected a number from 0 to 86400, got "1e9"'],
  ["unixstart=x", 'unixstart: expected a number from -1000000000 to 100000000000, got "x"'],
];

for (const [query, error] of bad) {
  test(`parseRange() refuses ${query}`, () => expect(parse(query)).toEqual({ error }));
}

test("parseRange() takes the rate from the header where the address says none", () => {
  expect(parse("", "3")).toEqual({ rate: 3 });
  expect(parse("rate=2", "3")).toEqual({ rate: 2 });
  expect(parse("", "fast")).toEqual({ error: 'rate: expected a number from 0 to 100, got "fast"' });
});

/** Stream times 1 to 13 s; their dates begin at noon. */
async function dated() {
  const stream = new TestStream("cam", new TestClock());
  const camera = new SyntheticCamera(stream);
  await camera.add(VIDEO);
  camera.writeUntil(12);
  return new StreamView(stream.page);
}

const NOON = Date.UTC(2026, 5, 1, 12) / 1000;
const WINDOW = { first: 1e6, last: 13e6 };
const LIVE = { leadMicros: 5e6, rate: 1 };

const ranges: readonly (readonly [name: string, wanted: WantedRange, found: object])[] = [
  ["times of the stream", { start: 3000, stop: 5000 }, { ...LIVE, from: 3e6, until: 5e6 }],
  ["a stop alone", { stop: 5000 }, { ...LIVE, until: 5e6 }],
  ["a start before the window", { start: 0, stop: 5000 }, { ...LIVE, from: 0, until: 5e6 }],
  ["a start to come", { start: 60_000 }, { ...LIVE, from: 60e6 }],
  ["a duration from a start, rather than a stop", { start: 3000, stop: 4000, duration: 5 }, {
    ...LIVE,
    from: 3e6,
    until: 8e6,
  }],
  ["a duration from now", { duration: 5 }, { ...LIVE, length: 5e6 }],
  ["a buffer", { buffer: 4 }, { leadMicros: 4e6, rate: 1, from: 9e6 }],
  ["a buffer ahead of a start", { buffer: 4, start: 2000, rate: 0 }, { leadMicros: 4e6, rate: 0, from: 2e6 }],
  ["Unix times", { startUnix: NOON + 2, stopUnix: NOON + 6.5 }, { ...LIVE, from: 3e6, until: 7.5e6 }],
  ["Unix times before now", { startUnix: -10, stopUnix: -4 }, { ...LIVE, from: 3e6, until: 9e6 }],
  ["Unix times to come", { startUnix: 5 }, { ...LIVE, from: 18e6 }],
];

for (const [name, wanted, found] of ranges) {
  test(`resolveRange() gives ${name}`, async () => {
    expect(resolveRange(wanted, WINDOW, await dated(), (NOON + 12) * 1000)).toEqual(found as never);
  });
}

const refused: readonly (readonly [name: string, wanted: WantedRange])[] = [
  ["a range before the window", { start: 0, stop: 900 }],
  ["a stop before the window", { stop: 1000 }],
  ["a date before the window", { startUnix: NOON - 3600, duration: 60 }],
];

for (const [name, wanted] of refused) {
  test(`resolveRange() refuses ${name}`, async () => {
    expect(resolveRange(wanted, WINDOW, await dated(), (NOON + 12) * 1000)).toEqual({
      error: "That lies before what there is: stream times 1000 to 13000 ms, and what comes",
    });
  });
}

for (const [start, stop] of [[5000, 5000], [5000, 4000], [60_000, 59_000]] as const) {
  test(`resolveRange() refuses ${start} to ${stop}`, async () => {
    const error = "The end is not after the start";
    expect(resolveRange({ start, stop }, WINDOW, await dated(), 0)).toEqual({ error });
  });
}
