import { expect, test } from "bun:test";
import { type LogLevel, makeLog } from "../../../src/base/log.ts";
import { BUCKETS_MAX, LogSink } from "../../../src/control/telemetry/log_sink.ts";
import { TokenBucket } from "../../../src/control/telemetry/token_bucket.ts";

const SETTINGS = { format: "text", colour: false, lines: 100, linesPerSecond: 10 } as const;

function open(settings = SETTINGS) {
  const out: string[] = [];
  const sink = new LogSink(settings, (text) => out.push(text));
  let now = 1_000_000;
  const say = (stream: string, message: string, level: LogLevel = "info") =>
    sink.put({ at: now, level, stream, part: "test", message });
  return { sink, out, say, now: () => now, wait: (ms: number) => (now += ms) };
}

test("LogSink prints and keeps what a component says", () => {
  const { sink, out, now } = open();
  const log = makeLog((line) => sink.put(line), { stream: "cam1", part: "rtsp", least: "info" }, now);
  log.debug("not this");
  log.info("this");
  expect(out).toEqual(["1970-01-01 00:16:40.000 INFO  rtsp  cam1: this\n"]);
  expect(sink.ring.since().map((l) => l.message)).toEqual(["this"]);
});

test("LogSink bounds the lines of a noisy stream, and not those of another", () => {
  const { out, say } = open();
  for (let i = 0; i < 1000; i++) say("noisy", `n${i}`);
  say("quiet", "hello");
  expect(out.length).toBe(21);
  expect(out[20]).toContain("quiet: hello");
});

test("LogSink says how much was dropped before the next line of the stream", () => {
  const { out, say, wait } = open();
  for (let i = 0; i < 50; i++) say("noisy", "x");
  wait(1000);
  say("noisy", "again");
  expect(out.slice(20).map((t) => t.slice(24).trim())).toEqual([
    "WARN  log   noisy: 30 lines dropped: more than 10 a second",
    "INFO  test  noisy: again",
  ]);
});

test("LogSink says on flush what was dropped, once, when the rate allows it", () => {
  const { sink, out, say, now, wait } = open();
  for (let i = 0; i < 25; i++) say("noisy", "x");
  sink.flush(now());
  expect(out.length).toBe(20);
  wait(1000);
  sink.flush(now());
  sink.flush(now());
  expect(out.length).toBe(21);
  expect(out[20]).toContain("noisy: 5 lines dropped");
});

test("LogSink never drops an error of the server itself", () => {
  const { out, say } = open();
  for (let i = 0; i < 100; i++) say("", "x");
  say("", "disk is gone", "error");
  expect(out[out.length - 1]).toContain("disk is gone");
});

test("LogSink keeps a bounded number of streams in mind", () => {
  const { out, say } = open();
  for (let i = 0; i < BUCKETS_MAX * 3; i++) say(`s${i}`, "x");
  expect(out.length).toBe(BUCKETS_MAX * 3);
});

test("LogSink takes new settings at run time", () => {
  const { sink, out, say } = open();
  for (let i = 0; i < 15; i++) say("a", `${i}`);
  sink.set({ ...SETTINGS, format: "json", lines: 10 });
  say("a", "new");
  expect(JSON.parse(out[15] as string).message).toBe("new");
  expect(sink.ring.since().length).toBe(10);
});

test("TokenBucket gives its burst at once and its rate after", () => {
  const bucket = new TokenBucket(10, 3);
  const taken = (at: number, times: number) =>
    Array.from({ length: times }, () => bucket.take(at)).filter(Boolean);
  expect(taken(0, 10).length).toBe(3);
  expect(taken(99, 1).length).toBe(0);
  expect(taken(100, 2).length).toBe(1);
  expect(taken(100_000, 10).length).toBe(3);
});

test("TokenBucket gives nothing for a clock that steps back", () => {
  const bucket = new TokenBucket(10, 1);
  expect(bucket.take(1000)).toBe(true);
  expect(bucket.take(0)).toBe(false);
  expect(bucket.take(1050)).toBe(false);
  expect(bucket.take(1100)).toBe(true);
});
