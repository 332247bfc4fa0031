import { expect, test } from "bun:test";
import type { HandedTags } from "../../../src/control/handover/handed_tags.ts";
import {
  StreamTags,
  TAGGED_MAX,
  TAGS_MAX,
  TAGS_WAIT_MILLIS,
} from "../../../src/control/stream/stream_tags.ts";
import { ManualClock } from "../../manual_clock.ts";

function setUp() {
  const clock = new ManualClock();
  const configured = new Map([["cam", ["north", "day"]]]);
  const running = new Set<string>();
  const tags = new StreamTags({
    clock,
    configured: (base) => configured.get(base) ?? [],
    running: () => running,
  });
  return { clock, configured, running, tags };
}

test("tags are those of the configuration, without what was taken away, then what was given by hand", () => {
  const { configured, tags } = setUp();
  expect(tags.of("cam")).toEqual(["north", "day"]);
  tags.add("cam", ["recorded", "day"]);
  tags.remove("cam", ["north", "never"]);
  expect(tags.of("cam")).toEqual(["day", "recorded"]);
  expect(tags.of("cam+1")).toEqual(["north", "day"]);
  configured.set("cam", ["south"]);
  expect(tags.of("cam")).toEqual(["south", "recorded", "day"]);
  tags.add("cam", ["north"]);
  tags.remove("cam", ["recorded", "day", "south"]);
  expect(tags.of("cam")).toEqual(["north"]);
});

test("tags given by hand wait a minute for their stream, stay while it runs, and go a minute after it", () => {
  const { clock, running, tags } = setUp();
  tags.add("late", ["a"]);
  tags.add("door", ["b"]);
  tags.remove("cam", ["day"]);
  clock.advance(TAGS_WAIT_MILLIS / 2);
  running.add("door").add("cam");
  clock.advance(TAGS_WAIT_MILLIS * 10);
  expect([tags.of("late"), tags.of("door"), tags.of("cam")]).toEqual([[], ["b"], ["north"]]);
  running.clear();
  clock.advance(TAGS_WAIT_MILLIS / 2);
  expect([tags.of("door"), tags.of("cam")]).toEqual([["b"], ["north"]]);
  clock.advance(TAGS_WAIT_MILLIS);
  expect([tags.of("door"), tags.of("cam")]).toEqual([[], ["north", "day"]]);
  tags.add("door", ["c"]);
  expect(tags.of("door")).toEqual(["c"]);
  clock.advance(TAGS_WAIT_MILLIS * 2);
  expect(tags.of("door")).toEqual([]);
});

test("the server that takes over has the tags given by hand, for as long as they live still", () => {
  const old = setUp(), fresh = setUp();
  old.tags.add("late", ["a"]);
  old.clock.advance(TAGS_WAIT_MILLIS / 2);
  old.running.add("cam");
  old.tags.add("cam", ["b"]);
  old.tags.remove("cam", ["day"]);
  old.clock.advance(1000);
  expect([...old.tags.changed()]).toEqual(["late", "cam"]);
  expect(old.tags.handed("late")).toEqual({ added: ["a"], removed: [], leftMillis: 29_000 });
  expect(old.tags.handed("cam")).toEqual({ added: ["b"], removed: ["day"], leftMillis: 59_000 });
  expect(old.tags.handed("door")).toBeUndefined();
  fresh.clock.advance(7000);
  fresh.running.add("cam");
  for (const stream of ["late", "cam"]) fresh.tags.adopt(stream, old.tags.handed(stream) as HandedTags);
  expect([fresh.tags.of("late"), fresh.tags.of("cam")]).toEqual([["a"], ["north", "b"]]);
  fresh.clock.advance(28_000);
  expect(fresh.tags.of("late")).toEqual(["a"]);
  fresh.clock.advance(TAGS_WAIT_MILLIS * 2);
  expect([fresh.tags.of("late"), fresh.tags.of("cam")]).toEqual([[], ["north", "b"]]);
  fresh.running.clear();
  fresh.clock.advance(TAGS_WAIT_MILLIS + 5000);
  expect(fresh.tags.of("cam")).toEqual(["north", "day"]);
});

test("neither a stream nor the server takes tags without end", () => {
  const { tags } = setUp();
  const many = Array.from({ length: TAGS_MAX }, (_, n) => `t${n}`);
  expect(tags.add("cam", many)).toBe(false);
  expect(tags.add("door", many)).toBe(true);
  expect(tags.add("door", ["t1"])).toBe(true);
  expect(tags.add("door", ["one-more"])).toBe(false);
  for (let n = 1; n < TAGGED_MAX; n++) tags.add(`s${n}`, ["a"]);
  expect(tags.add("new", ["a"])).toBe(false);
  expect(tags.remove("cam", ["day"])).toBe(false);
  expect(tags.remove("door", ["t1"])).toBe(true);
});
