import { expect, test } from "bun:test";
import type { LogLine } from "../../../src/base/log.ts";
import { LogOutputs } from "../../../src/control/telemetry/log_outputs.ts";
import { LogSink } from "../../../src/control/telemetry/log_sink.ts";
import { encodeLocalSyslog, encodeSyslog } from "../../../src/control/telemetry/syslog_line.ts";

const LINE: LogLine = {
  at: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
  level: "warn",
  stream: "cam",
  part: "rtsp",
  message: "gap",
};
const SENDER = { host: "box 1", pid: 77 };
const text = (bytes: Uint8Array) => new TextDecoder("utf-8", { fatal: true }).decode(bytes);

test("encodeSyslog() writes RFC 5424", () => {
  expect(text(encodeSyslog(LINE, SENDER))).toBe(
    "<28>1 2026-01-02T03:04:05.678Z box1 fogcast 77 rtsp - cam: gap",
  );
});

test("encodeLocalSyslog() writes what syslog(3) does, in local time", () => {
  const line = text(encodeLocalSyslog(LINE, SENDER));
  const at = new Date(LINE.at);
  expect(line).toMatch(/^<28>Jan [ \d]\d \d\d:\d\d:\d\d fogcast\[77\]: rtsp: cam: gap$/);
  expect(line).toContain(` ${String(at.getHours()).padStart(2, "0")}:04:05 `);
});

test("severities are those of syslog", () => {
  const priority = (level: LogLine["level"]) => text(encodeSyslog({ ...LINE, level }, SENDER)).slice(0, 4);
  expect([priority("error"), priority("info"), priority("debug")]).toEqual(["<27>", "<30>", "<31>"]);
});

test("syslog messages are cut between characters, and hold no line breaks or passwords", () => {
  const message = `${"ä".repeat(3000)}`;
  const bytes = encodeSyslog({ ...LINE, message }, SENDER);
  expect(bytes.length).toBeLessThanOrEqual(2000);
  expect(text(bytes)).toEndWith("ä");
  const tidy = text(encodeSyslog({ ...LINE, message: "a\nb rtsp://joe:hush@cam/" }, SENDER));
  expect(tidy).toContain("a\\nb");
  expect(tidy).not.toContain("hush");
});

function setUp() {
  const opened: string[] = [];
  const written: string[] = [];
  const closed: string[] = [];
  const said: string[] = [];
  const say = (line: string) => void said.push(line);
  const outputs = new LogOutputs({
    openFile: ({ path }) => {
      opened.push(path);
      return { write: (t) => void written.push(t), close: () => Promise.resolve(void closed.push(path)) };
    },
    openSyslog: (place) => {
      if (place.kind === "unix") return Promise.reject(new Error("no such socket"));
      opened.push(place.host);
      return Promise.resolve({
        send: (bytes) => written.push(text(bytes)) > 0,
        close: () => void closed.push(place.host),
      });
    },
    sender: SENDER,
    log: { debug: say, info: say, warn: say, error: say, debugging: false },
  });
  return { outputs, opened, written, closed, said };
}

test("LogOutputs opens what is new, closes what is gone, and leaves the rest alone", async () => {
  const t = setUp();
  const file = { path: "/log", maxBytes: 1, keep: 1, format: "text" } as const;
  await t.outputs.set({ file, syslog: undefined });
  await t.outputs.set({ file, syslog: { kind: "udp", host: "logs", port: 514 } });
  t.outputs.put(LINE);
  expect(t.opened).toEqual(["/log", "logs"]);
  expect(t.written.length).toBe(2);
  await t.outputs.set({ file: { ...file, format: "json" }, syslog: undefined });
  t.outputs.put(LINE);
  expect(t.closed).toEqual(["/log", "logs"]);
  expect(JSON.parse(t.written[2] as string).message).toBe("gap");
  await t.outputs.close();
  t.outputs.put(LINE);
  expect(t.written.length).toBe(3);
});

test("LogOutputs says what it cannot open, and goes on", async () => {
  const t = setUp();
  await t.outputs.set({ file: undefined, syslog: { kind: "unix", path: "/dev/log" } });
  t.outputs.put(LINE);
  expect(t.said.length).toBe(1);
  expect(t.said[0]).toContain("no such socket");
});

test("LogSink writes priorities for the journal, and hands lines to listeners until they leave", () => {
  const out: string[] = [];
  const heard: string[] = [];
  const sink = new LogSink(
    { format: "text", colour: false, lines: 10, linesPerSecond: 10, priorities: true },
    (line) => out.push(line),
  );
  const leave = sink.onLine((line) => heard.push(line.message));
  sink.put(LINE);
  leave();
  sink.put({ ...LINE, level: "error" });
  expect(out.map((l) => l.slice(0, 3))).toEqual(["<4>", "<3>"]);
  expect(heard).toEqual(["gap"]);
});
