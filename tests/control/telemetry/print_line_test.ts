import { expect, test } from "bun:test";
import type { LogLine } from "../../../src/base/log.ts";
import { MESSAGE_MAX, printLogLine } from "../../../src/control/telemetry/print_line.ts";

const AT = Date.UTC(2026, 0, 2, 3, 4, 5, 678);
const line = (o: Partial<LogLine> = {}): LogLine => ({
  at: AT,
  level: "info",
  stream: "cam1",
  part: "rtsp",
  message: "playing",
  ...o,
});

test("printLogLine() writes time, level, part, stream and message", () => {
  expect(printLogLine(line(), "text", false)).toBe("2026-01-02 03:04:05.678 INFO  rtsp  cam1: playing\n");
});

test("printLogLine() leaves out an empty stream name", () => {
  expect(printLogLine(line({ stream: "", level: "error" }), "text", false))
    .toBe("2026-01-02 03:04:05.678 ERROR rtsp  playing\n");
});

test("printLogLine() colours text, and takes every colour back", () => {
  const text = printLogLine(line({ level: "warn" }), "text", true);
  expect(text).toContain("\x1b[33mWARN \x1b[0m");
  // deno-lint-ignore no-control-regex
  const plain = text.replace(/\x1b\[\d+m/g, "");
  expect(plain).toBe(printLogLine(line({ level: "warn" }), "text", false));
  expect(text.split("\x1b[0m").length).toBe(text.split("\x1b[").length / 2 + 0.5);
});

test("printLogLine() writes JSON, one object a line, never coloured", () => {
  const text = printLogLine(line({ message: 'a "b"\nc' }), "json", true);
  expect(text.endsWith("}\n")).toBe(true);
  expect(text.slice(0, -1)).not.toContain("\n");
  expect(JSON.parse(text)).toEqual({
    time: "2026-01-02T03:04:05.678Z",
    level: "info",
    part: "rtsp",
    stream: "cam1",
    message: 'a "b"\nc',
  });
  expect(JSON.parse(printLogLine(line({ stream: "" }), "json", false)).stream).toBeUndefined();
});

test("printLogLine() lets no peer break the line or steer the terminal", () => {
  const text = printLogLine(line({ message: "a\r\nb\x1b[2Jc\x00\u009bd\u2028e\tf" }), "text", false);
  expect(text).toContain("a\\r\\nb\\u001b[2Jc\\u0000\\u009bd\\u2028e f\n");
});

for (const format of ["text", "json"] as const) {
  test(`printLogLine() masks credentials in ${format}`, () => {
    const text = printLogLine(
      line({ message: "cannot open rtsp://joe:hush@cam/1?token=x1y2" }),
      format,
      false,
    );
    expect(text).toContain("rtsp://***@cam/1?token=***");
    expect(text).not.toMatch(/hush|joe|x1y2/);
  });

  test(`printLogLine() cuts a long message in ${format}`, () => {
    expect(printLogLine(line({ message: "x".repeat(MESSAGE_MAX) }), format, false)).not.toContain("…");
    const text = printLogLine(line({ message: "x".repeat(MESSAGE_MAX + 1) }), format, false);
    expect(text).toContain("x…");
    expect(text.length).toBeLessThan(MESSAGE_MAX + 120);
  });

  test(`printLogLine() prints a time that is none in ${format}`, () => {
    expect(printLogLine(line({ at: NaN }), format, false)).toContain("1970-01-01");
  });
}
