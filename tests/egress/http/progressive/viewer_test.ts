import { expect, test } from "bun:test";
import { ByteLog } from "../../../../src/egress/live/byte_log.ts";
import { BEHIND_MILLIS, STALLED_MILLIS, Viewer } from "../../../../src/egress/http/progressive/viewer.ts";
import { Visitors } from "../../../../src/egress/http/visitors.ts";
import type { OpenBody } from "../../../../src/host/body_stream.ts";
import { ManualClock } from "../../../manual_clock.ts";

const HEADER = new TextEncoder().encode("[header]");

class FakeBody implements OpenBody {
  hasRoom = true;
  readonly takes = true;
  ended = false;
  readonly parts: string[] = [];

  write(bytes: Uint8Array): void {
    this.parts.push(new TextDecoder().decode(bytes));
  }

  end(): void {
    this.ended = true;
  }

  /** What came since the last look. */
  take(): string {
    return this.parts.splice(0).join("");
  }
}

function open(own = false) {
  const clock = new ManualClock();
  const log = new ByteLog({ keepMax: 1e6, single: own });
  const body = new FakeBody();
  const visitors = new Visitors(clock);
  const visitor = visitors.visit("cam", "TS", new Request("http://x/"), "192.0.2.1");
  if (visitor === undefined) throw new Error("no visitor");
  const told: string[] = [];
  const viewer = new Viewer(
    log,
    visitor,
    {
      wants: () => told.push("wants"),
      left: () => told.push("left"),
      slow: (_, how) => told.push(how),
    },
    clock.mono(),
    own,
  );
  const put = (text: string, entry = false) => {
    const bytes = new TextEncoder().encode(text);
    log.reserve(bytes.length).set(bytes, log.at);
    log.commit(bytes.length, entry ? HEADER : undefined);
  };
  const deliver = (ended = false) => viewer.deliver(clock.mono(), ended);
  return { clock, log, body, visitor, visitors, told, viewer, put, deliver };
}

test("a viewer begins with the header and the newest entry, and gets what is pending at once", () => {
  const { body, viewer, put, deliver, told, visitor } = open();
  put("A1 ", true);
  put("a2 ");
  put("B1 ", true);
  deliver();
  expect(body.take()).toBe("");
  viewer.ready(body);
  deliver();
  expect(body.parts).toEqual(["[header]", "B1 "]);
  body.take();
  put("b2 ");
  put("b3 ");
  put("C1 ", true);
  deliver();
  expect(body.parts).toEqual(["b2 b3 C1 "]);
  expect(visitor.bytes).toBe("[header]B1 b2 b3 C1 ".length);
  expect(told).toEqual(["wants"]);
});

test("a viewer without a place to begin waits, and ends with nothing", () => {
  const { body, viewer, put, deliver } = open();
  viewer.ready(body);
  put("a ");
  deliver();
  expect([body.take(), body.ended]).toEqual(["", false]);
  deliver(true);
  expect(body.ended).toBe(true);
});

test("a viewer ends when it has all, and only once", () => {
  const { body, viewer, put, deliver, told } = open();
  viewer.ready(body);
  put("A ", true);
  body.hasRoom = false;
  deliver(true);
  expect(body.ended).toBe(false);
  body.hasRoom = true;
  deliver(true);
  viewer.gone();
  deliver(true);
  expect([body.take(), body.ended, told]).toEqual(["[header]A ", true, ["wants", "left"]]);
});

test("one that has been behind for long goes on at the newest key frame, without the header again", () => {
  const { clock, body, viewer, put, deliver, told } = open();
  viewer.ready(body);
  put("A1 ", true);
  deliver();
  body.take();
  body.hasRoom = false;
  for (let n = 0; n < 10; n++) {
    put(`${n} `, n === 7);
    clock.advance(BEHIND_MILLIS / 9);
    deliver();
  }
  expect(body.take()).toBe("");
  body.hasRoom = true;
  deliver();
  expect(body.take()).toBe("7 8 9 ");
  expect(told).toEqual(["wants", "skipped"]);
});

test("one that the log has left behind goes on at its newest key frame, or ends where it has none", () => {
  const { body, viewer, put, deliver, told } = open();
  viewer.ready(body);
  put("A1 ", true);
  deliver();
  body.take();
  body.hasRoom = false;
  for (let n = 0; n < 20; n++) put("x".repeat(100_000));
  put("B1 ", true);
  deliver();
  body.hasRoom = true;
  deliver();
  expect(body.take()).toBe("B1 ");
  body.hasRoom = false;
  for (let n = 0; n < 20; n++) put("x".repeat(100_000));
  deliver();
  body.hasRoom = true;
  deliver();
  expect([body.take(), body.ended]).toEqual(["", true]);
  expect(told).toEqual(["wants", "skipped", "closed", "left"]);
});

test("one that takes nothing for long is closed", () => {
  const { clock, body, viewer, put, deliver, told } = open();
  viewer.ready(body);
  put("A1 ", true);
  deliver();
  body.hasRoom = false;
  put("a2 ");
  clock.advance(STALLED_MILLIS);
  deliver();
  expect(body.ended).toBe(false);
  clock.advance(1);
  deliver();
  expect([body.ended, told]).toEqual([true, ["wants", "closed", "left"]]);
});

test("one that never begins to read is forgotten", () => {
  const { clock, put, deliver, told } = open();
  put("A1 ", true);
  deliver();
  expect(told).toEqual([]);
  clock.advance(STALLED_MILLIS + 1);
  deliver();
  expect(told).toEqual(["left"]);
});

test("one with a log of its own begins with the first entry and may take its time", () => {
  const { clock, body, viewer, put, deliver, told } = open(true);
  put("A1 ", true);
  put("B1 ", true);
  expect([viewer.pending, viewer.hasRoom]).toEqual([6, false]);
  viewer.ready(body);
  deliver();
  expect([body.take(), viewer.pending, viewer.hasRoom]).toEqual(["[header]A1 B1 ", 0, true]);
  body.hasRoom = false;
  put("b2 ");
  put("C1 ", true);
  clock.advance(2 * STALLED_MILLIS);
  deliver();
  body.hasRoom = true;
  deliver();
  expect(body.take()).toBe("b2 C1 ");
  expect(told).toEqual(["wants"]);
});

test("a session that was stopped ends, and one that is open is not forgotten while nothing comes", () => {
  const { clock, body, viewer, visitor, visitors, put, deliver } = open();
  viewer.ready(body);
  put("A1 ", true);
  for (let n = 0; n < 60; n++) {
    clock.advance(1000);
    deliver();
    visitors.report();
  }
  expect(visitors.size).toBe(1);
  visitors.refuse({ stream: "cam", protocol: "TS", remote: "192.0.2.1", userAgent: "", token: "" }, 1000);
  expect(visitor.refusedUntil).toBeGreaterThan(clock.mono());
  deliver();
  expect(body.ended).toBe(true);
});
