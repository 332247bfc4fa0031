import { expect, test } from "bun:test";
import type { Log } from "../../../src/base/log.ts";
import { BelievedProxies } from "../../../src/egress/http/believed_proxies.ts";
import { clientAddress } from "../../../src/egress/http/public_address.ts";

test("strangers that claim to be proxies are counted, and told of once until the settings change", () => {
  const said: string[] = [];
  const log: Log = {
    debug() {},
    info() {},
    warn: (line) => void said.push(line),
    error() {},
    debugging: false,
  };
  const believed = new BelievedProxies(log);
  const claim = new Request("http://box/", {
    headers: { "x-forwarded-for": "127.0.0.1", "x-real-ip": "::1" },
  });
  const seen = (remote: string) => clientAddress(claim, { remote }, believed);
  expect(seen("127.0.0.1")).toBe("127.0.0.1");
  expect([believed.take(), said]).toEqual([0, []]);
  for (let n = 0; n < 1000; n++) expect(seen("203.0.113.9")).toBe("203.0.113.9");
  expect([believed.take(), believed.take()]).toEqual([2000, 0]);
  expect(said).toEqual([
    "x-forwarded-for from 203.0.113.9 is not believed, because that is not in http.proxies; others are only counted",
  ]);
  believed.set(["203.0.113.0/24"], ["https://cdn.example"]);
  expect(seen("203.0.113.9")).toBe("127.0.0.1");
  expect(believed.addresses).toEqual(["https://cdn.example"]);
  expect(seen("198.51.100.1")).toBe("198.51.100.1");
  expect(said).toHaveLength(2);
});
