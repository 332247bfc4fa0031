import { expect, test } from "bun:test";
import { AddressBuckets, networkOf } from "../../../src/control/api/address_buckets.ts";
import {
  ALL_REMOTE,
  CallLimiter,
  HELD_MAX,
  HOLD_MILLIS,
  LOCAL,
  REMOTE,
} from "../../../src/control/api/call_limiter.ts";
import { SocketFace } from "../../../src/control/api/ws_face.ts";
import { ManualClock } from "../../manual_clock.ts";
import { makeApi } from "./api_fixture.ts";

/** How many of `wanted` calls are let through now. */
const count = (limiter: CallLimiter, address: string, wanted: number) =>
  Array.from({ length: wanted }, () => limiter.take(address)).filter(Boolean).length;

test("an address may ask so often at once, then so often a second", () => {
  const clock = new ManualClock();
  const limiter = new CallLimiter(clock);
  expect(count(limiter, "10.0.0.7", 1000)).toBe(REMOTE.burst);
  clock.advance(1000);
  expect(count(limiter, "10.0.0.7", 1000)).toBe(REMOTE.perSecond);
});

test("one that floods takes nothing from another, and this machine's own programs may ask more often", () => {
  const limiter = new CallLimiter(new ManualClock());
  count(limiter, "10.0.0.7", 10_000);
  expect(limiter.take("10.0.0.7")).toBe(false);
  expect(count(limiter, "10.0.0.8", 100)).toBe(100);
  expect(count(limiter, "127.0.0.1", 10_000)).toBe(LOCAL.burst);
  // they are bounded together, whatever address of the loopback they ask from
  expect(limiter.take("127.0.0.2")).toBe(false);
  expect(limiter.take("::1")).toBe(false);
});

test("many addresses together are bounded too, and leave this machine its calls", () => {
  const limiter = new CallLimiter(new ManualClock());
  let taken = 0;
  for (let n = 0; n < 100; n++) taken += count(limiter, `10.0.1.${n}`, 100);
  expect(taken).toBe(ALL_REMOTE.burst);
  expect(count(limiter, "127.0.0.1", 1000)).toBe(1000);
});

test("whoever has a /64 has one address", () => {
  const limiter = new CallLimiter(new ManualClock());
  let taken = 0;
  for (let n = 0; n < 1000; n++) if (limiter.take(`2001:db8:0:7::${n.toString(16)}`)) taken++;
  expect(taken).toBe(REMOTE.burst);
  expect(limiter.take("2001:db8:0:8::1")).toBe(true);
});

for (
  const [address, network] of [
    ["10.0.0.7", "10.0.0.7"],
    ["2001:db8:0:7:1:2:3:4", "2001:db8:0:7"],
    ["2001:db8::1", "2001:db8:0:0"],
    ["2001::4:5:6:7:8", "2001:0:0:4"],
    ["::1", "0:0:0:0"],
    ["::", "0:0:0:0"],
    ["fe80::", "fe80:0:0:0"],
  ] as const
) {
  test(`networkOf() of ${address}`, () => expect(networkOf(address)).toBe(network));
}

test("only so many addresses are remembered, the ones that ask longest", () => {
  const buckets = new AddressBuckets(1, 1, 3);
  for (const address of ["a", "b", "c", "a", "d"]) buckets.take(address, 0);
  expect(["a", "b", "c", "d"].map((address) => buckets.isEmpty(address, 0))).toEqual([
    true,
    false,
    true,
    true,
  ]);
});

test("a call too many is answered 429 with Retry-After, a little later", async () => {
  const api = await makeApi();
  const remote = "10.0.0.7";
  for (let n = 0; n < REMOTE.burst; n++) api.app.state.calls.take(remote);
  let answered = false;
  const asked = api.ask("/v1/health", { remote }).finally(() => answered = true);
  await Bun.sleep(0);
  expect(answered).toBe(false);
  api.clock.advance(HOLD_MILLIS);
  const answer = await asked;
  expect(answer.status).toBe(429);
  expect(answer.headers.get("retry-after")).toBe("5");
  expect(await answer.json()).toEqual({ error: "too many calls: try again later" });
  api.clock.advance(5000);
  expect((await api.ask("/v1/health", { remote })).status).toBe(200);
});

test("a bounded number of refusals is kept back, and each leaves its place", async () => {
  const clock = new ManualClock();
  const limiter = new CallLimiter(clock);
  for (let round = 0; round < 2; round++) {
    let refused = 0;
    const all = Array.from(
      { length: HELD_MAX + 10 },
      () => limiter.refuse().catch(() => void refused++),
    );
    await Bun.sleep(0);
    expect(refused).toBe(10);
    clock.advance(HOLD_MILLIS);
    await Promise.all(all);
    expect(refused).toBe(HELD_MAX + 10);
  }
});

test("messages of a WebSocket are calls: one that floods is closed", async () => {
  const api = await makeApi();
  const { state, accounts, feed } = api.app;
  const caller = { local: true, account: "", remote: "127.0.0.1", host: "" };
  const face = new SocketFace(state, accounts, feed, caller, new URLSearchParams());
  const closed: [number, string][] = [];
  face.open({ send: () => {}, close: (code, reason) => void closed.push([code, reason]) });
  for (let n = 0; n < LOCAL.burst - 1; n++) state.calls.take("127.0.0.1");
  face.message('{"version":true}');
  expect(closed).toEqual([]);
  face.message('{"version":true}');
  expect(closed).toEqual([[1008, "too many messages in a second"]]);
  await Bun.sleep(0);
  face.close();
});
