import { expect, test } from "bun:test";
import { fillTarget, type TargetFacts } from "../../../src/control/push/target_text.ts";

const at = (...time: [number, number, number, number, number, number]): TargetFacts => ({
  stream: "cam+north",
  source: "rtsp://camera/1",
  wall: new Date(...time).getTime(),
});
const facts = at(2026, 0, 2, 3, 4, 5);

test("every variable of the reference product is replaced", () => {
  const cases: [string, string][] = [
    ["$stream", "cam+north"],
    ["$basename/$wildcard", "cam/north"],
    ["$basename$pluswildcard", "cam+north"],
    ["$source", "rtsp://camera/1"],
    ["$datetime", "2026.01.02.03.04.05"],
    ["$year$month$day", "20260102"],
    ["$hour:$minute:$second", "03:04:05"],
    ["$wday $yday $week", "5 002 01"],
    ["${stream}s", "cam+norths"],
    ["$streams", "cam+norths"],
    ["$segmentCounter-$currentMediaTime", "$segmentCounter-$currentMediaTime"],
    ["no variable: 5$ and $", "no variable: 5$ and $"],
  ];
  for (const [given, want] of cases) expect(fillTarget(given, facts)).toBe(want);
});

test("a name without a wildcard part has none", () => {
  expect(fillTarget("[$wildcard$pluswildcard]", { ...facts, stream: "cam" })).toBe("[]");
});

test("weeks and weekdays are those of ISO 8601", () => {
  const cases: [[number, number, number], string][] = [
    [[2026, 11, 31], "4 365 53"],
    [[2027, 0, 1], "5 001 53"],
    [[2027, 0, 4], "1 004 01"],
    [[2024, 11, 31], "2 366 01"],
    [[2023, 0, 1], "7 001 52"],
  ];
  for (const [day, want] of cases) expect(fillTarget("$wday $yday $week", at(...day, 12, 0, 0))).toBe(want);
});

test("the server's variables are replaced too, in one another, but not for ever", () => {
  const variables = new Map([["site", "hall-$n"], ["n", "7"], ["loop", "$loop$loop"]]);
  expect(fillTarget("$site", { ...facts, variables })).toBe("hall-7");
  expect(fillTarget("$loop", { ...facts, variables }).length).toBeLessThanOrEqual(8192);
});

test("a variable of the server does not hide one that is built in", () => {
  expect(fillTarget("$stream", { ...facts, variables: new Map([["stream", "other"]]) })).toBe("cam+north");
});

test("a viewer's part of a name adds no parameter and uncovers no variable", () => {
  const bad = { ...facts, stream: "cam+x&file=%2Fetc%2Fx&sap=#$source +" };
  const filled = fillTarget("sdp://239.1.2.3:5004?file=/srv/$wildcard.sdp&ttl=3", bad);
  const parameters = new URLSearchParams(filled.slice(filled.lastIndexOf("?") + 1));
  expect([...parameters]).toEqual([["file", "/srv/x&file=%2Fetc%2Fx&sap=#$source +.sdp"], ["ttl", "3"]]);
  expect(fillTarget("/srv/$wildcard.sdp?ttl=3", bad)).toBe("/srv/x&file=%2Fetc%2Fx&sap=#$source +.sdp?ttl=3");
  expect(fillTarget("sdp://239.1.2.3:5004?file=/srv/${stream}.sdp", facts)).toEndWith(
    "file=/srv/cam%2Bnorth.sdp",
  );
});
