import { expect, test } from "bun:test";
import {
  VISITOR_MILLIS,
  type VisitorReport,
  Visitors,
  VISITORS_MAX,
} from "../../../src/egress/http/visitors.ts";
import { ManualClock } from "../../manual_clock.ts";
import { TestApp } from "./test_app.ts";
import { makeHttpApp } from "../../../src/egress/http/app.ts";

function ask(path: string, userAgent = "player/1"): Request {
  return new Request(`http://host${path}`, { headers: { "user-agent": userAgent } });
}

/** By handle: bytes and requests. */
function counted(report: VisitorReport | undefined): Map<number, readonly [number, number]> {
  const found = new Map<number, readonly [number, number]>();
  const { counts } = report ?? { counts: new Float64Array(0) };
  for (let at = 0; at < counts.length; at += 4) {
    found.set(counts[at] as number, [counts[at + 1] as number, counts[at + 2] as number]);
  }
  return found;
}

test("a visitor is one address with one user agent, one stream and one protocol", () => {
  const visitors = new Visitors(new ManualClock());
  const one = visitors.visit("cam", "HLS", ask("/a"), "192.0.2.1");
  expect(visitors.visit("cam", "HLS", ask("/b"), "192.0.2.1")).toBe(one);
  const others = [
    visitors.visit("cam2", "HLS", ask("/a"), "192.0.2.1"),
    visitors.visit("cam", "DASH", ask("/a"), "192.0.2.1"),
    visitors.visit("cam", "HLS", ask("/a"), "192.0.2.2"),
    visitors.visit("cam", "HLS", ask("/a", "player/2"), "192.0.2.1"),
  ];
  expect(new Set([one, ...others]).size).toBe(5);
});

test("a token stands for address and user agent, under either of its names", () => {
  const visitors = new Visitors(new ManualClock());
  const one = visitors.visit("cam", "HLS", ask("/a?tkn=abc"), "192.0.2.1");
  expect(visitors.visit("cam", "HLS", ask("/b?x=1&session=abc&y=2", "player/2"), "192.0.2.2")).toBe(one);
  expect(visitors.visit("cam", "HLS", ask("/b?notkn=abc"), "192.0.2.1")).not.toBe(one);
  expect(visitors.report()?.opened).toMatchObject([
    { token: "abc", remote: "192.0.2.1", userAgent: "player/1" },
    { token: "", remote: "192.0.2.1" },
  ]);
});

test("report() tells what came since the last one, and new visitors once", () => {
  const clock = new ManualClock();
  const visitors = new Visitors(clock);
  expect(visitors.report()).toBeUndefined();
  const one = visitors.visit("cam", "HLS", ask("/a"), "192.0.2.1");
  one?.add(100);
  one?.add(50);
  const first = visitors.report();
  expect(first?.opened.map((o) => o.stream)).toEqual(["cam"]);
  expect(counted(first)).toEqual(new Map([[one?.handle as number, [150, 0]]]));
  expect(visitors.report()).toBeUndefined();
  one?.add(1);
  expect(counted(visitors.report())).toEqual(new Map([[one?.handle as number, [1, 0]]]));
});

test("an idle visitor is forgotten and told as closed; coming back it is a new one", () => {
  const clock = new ManualClock();
  const visitors = new Visitors(clock);
  visitors.visit("cam", "HLS", ask("/a"), "192.0.2.1")?.add(1);
  const handle = visitors.report()?.opened[0]?.handle;
  clock.advance(VISITOR_MILLIS + 1);
  const closed = Array.from({ length: 6 }, () => visitors.report()?.closed ?? []).flat();
  expect(closed).toEqual([handle as number]);
  expect(visitors.size).toBe(0);
  expect(visitors.visit("cam", "HLS", ask("/a"), "192.0.2.1")?.handle).not.toBe(handle);
});

test("a refused visitor gets nothing until its time is over, and is not forgotten meanwhile", () => {
  const clock = new ManualClock();
  const visitors = new Visitors(clock);
  const key = { stream: "cam", remote: "192.0.2.1", userAgent: "player/1", protocol: "HLS", token: "" };
  visitors.refuse(key, 600_000);
  for (let s = 0; s < 590; s++) {
    clock.advance(1000);
    visitors.report();
  }
  expect(visitors.visit("cam", "HLS", ask("/a"), "192.0.2.1")).toBeUndefined();
  expect(visitors.visit("cam", "HLS", ask("/a", "other"), "192.0.2.1")).toBeDefined();
  clock.advance(20_000);
  expect(visitors.visit("cam", "HLS", ask("/a"), "192.0.2.1")).toBeDefined();
});

test("visitors beyond the limit are counted as one of their stream", () => {
  const visitors = new Visitors(new ManualClock());
  for (let i = 0; i < VISITORS_MAX; i++) visitors.visit("cam", "HLS", ask("/a", `ua${i}`), "192.0.2.1");
  const more = visitors.visit("cam", "HLS", ask("/a", "more"), "192.0.2.7");
  expect(visitors.visit("cam", "HLS", ask("/a", "even more"), "192.0.2.8")).toBe(more);
  expect(visitors.size).toBe(VISITORS_MAX + 1);
  expect(visitors.report()?.opened.at(-1)).toMatchObject({ stream: "cam", remote: "", userAgent: "" });
});

test("long user agents are cut, and still the same visitor", () => {
  const visitors = new Visitors(new ManualClock());
  const long = "x".repeat(5000);
  const one = visitors.visit("cam", "HLS", ask("/a", long), "192.0.2.1");
  expect(visitors.visit("cam", "HLS", ask("/a", long + "y"), "192.0.2.1")).toBe(one);
  expect(visitors.report()?.opened[0]?.userAgent.length).toBe(256);
});

test("the web server counts the bodies that it answers, to the byte, and answers 403 to the refused", async () => {
  const t = new TestApp();
  await t.camera(6);
  const visitors = new Visitors(t.clock);
  const app = makeHttpApp({
    door: t.door,
    assets: () => undefined,
    clock: t.clock,
    log: { debug() {}, info() {}, warn() {}, error() {}, debugging: false },
    visitors,
    list: () => Promise.resolve([]),
  });
  const fetched = async (path: string, headers: Record<string, string> = {}) =>
    (await (await t.get(path, { headers: { "user-agent": "p", ...headers } }, app)).bytes()).length;
  let bytes = await fetched("/hls/cam/index.m3u8");
  bytes += await fetched("/hls/cam/0/index.m3u8");
  bytes += await fetched("/hls/cam/0/index.m3u8", { "accept-encoding": "gzip" });
  bytes += await fetched("/hls/cam/0/1.m4s");
  bytes += await fetched("/hls/cam/0/1.m4s", { range: "bytes=10-109" });
  bytes += await fetched("/hls/cam/0/1.0.m4s");
  bytes += await fetched("/hls/cam/0/99999.m4s");
  await t.get("/streams.json", {}, app);
  const report = visitors.report();
  expect(report?.opened).toMatchObject([{
    stream: "cam",
    protocol: "HLS",
    remote: "192.0.2.1",
    userAgent: "p",
  }]);
  expect([...counted(report).values()]).toEqual([[bytes, 7]]);
  const { handle: _, ...key } = report?.opened[0] as VisitorReport["opened"][number];
  visitors.refuse(key, 1000);
  const refused = await t.get("/hls/cam/0/index.m3u8", { headers: { "user-agent": "p" } }, app);
  expect(refused.status).toBe(403);
  expect(refused.headers.get("cache-control")).toBe("no-store");
  expect((await t.get("/hls/cam/0/index.m3u8", { headers: { "user-agent": "q" } }, app)).status).toBe(200);
  app.close();
});
