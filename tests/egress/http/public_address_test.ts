import { expect, test } from "bun:test";
import { AddressRanges } from "../../../src/base/address_range.ts";
import {
  clientAddress,
  ClientInfo,
  PUBLIC_DEFAULTS,
  publicAddress,
  type PublicSettings,
} from "../../../src/egress/http/public_address.ts";

const PROXY = "10.0.0.2";
const settings: PublicSettings = { proxies: new AddressRanges(["10.0.0.0/24", "::1"]), addresses: [] };
const request = (headers: Record<string, string> = {}, url = "http://box:8080/hls/cam/index.m3u8") =>
  new Request(url, { headers });
const seen = (headers: Record<string, string>, more: Partial<PublicSettings> = {}, url?: string) =>
  publicAddress(request(headers, url), { remote: PROXY }, { ...settings, ...more });

for (
  const [what, headers, client] of [
    ["X-Forwarded-For", { "x-forwarded-for": "203.0.113.9" }, "203.0.113.9"],
    ["the last stranger of a chain", { "x-forwarded-for": "6.6.6.6, 203.0.113.9, 10.0.0.7" }, "203.0.113.9"],
    ["X-Real-IP", { "x-real-ip": "203.0.113.9" }, "203.0.113.9"],
    ["X-Forwarded-For before X-Real-IP", { "x-real-ip": "1.1.1.1", "x-forwarded-for": "2.2.2.2" }, "2.2.2.2"],
    ["Forwarded", { forwarded: 'for="[2001:db8::9]:80";proto=https, for=10.0.0.9' }, "2001:db8::9"],
    ["nothing of use", { "x-forwarded-for": "unknown" }, PROXY],
    ["far too much", { "x-forwarded-for": "203.0.113.9,".repeat(1000) }, PROXY],
    ["a faulty Forwarded", { forwarded: "for=1.2.3.4 x" }, PROXY],
    ["nothing", {}, PROXY],
  ] as const
) {
  test(`clientAddress() behind a proxy that sends ${what}`, () => {
    expect(clientAddress(request(headers), { remote: PROXY }, settings)).toBe(client);
  });
}

test("clientAddress() believes nobody else, and tells whom it did not believe", () => {
  const told: string[] = [];
  const watched = { ...settings, ignored: (peer: string, header: string) => told.push(`${peer} ${header}`) };
  const lie = request({ "x-forwarded-for": "127.0.0.1", "x-real-ip": "127.0.0.1", forwarded: "for=::1" });
  for (const remote of ["10.0.1.2", "203.0.113.9", "127.0.0.1", ""]) {
    expect(clientAddress(lie, { remote }, watched)).toBe(remote);
  }
  expect(told.slice(0, 3)).toEqual([
    "10.0.1.2 x-forwarded-for",
    "10.0.1.2 x-real-ip",
    "10.0.1.2 forwarded",
  ]);
  expect(told).toHaveLength(12);
});

test("this machine's own proxies are always believed", () => {
  for (const remote of ["127.0.0.1", "::1", "127.8.8.8"]) {
    expect(clientAddress(request({ "x-real-ip": "1.2.3.4" }), { remote }, PUBLIC_DEFAULTS)).toBe("1.2.3.4");
  }
});

for (
  const [what, headers, base] of [
    ["nothing", {}, "http://box:8080"],
    ["X-Mst-Path", { "x-mst-path": "https://cdn.example/cams/" }, "https://cdn.example/cams"],
    [
      "X-Mst-Path before the others",
      { "x-mst-path": "https://a.example:8443", "x-forwarded-host": "b.example" },
      "https://a.example:8443",
    ],
    [
      "X-Forwarded-*",
      {
        "x-forwarded-proto": "https",
        "x-forwarded-host": "Cdn.Example, inner",
        "x-forwarded-prefix": "/cams/",
      },
      "https://cdn.example/cams",
    ],
    ["a port of its own", {
      "x-forwarded-proto": "https",
      "x-forwarded-host": "a.example",
      "x-forwarded-port": "444",
    }, "https://a.example:444"],
    ["the scheme's own port", { "x-forwarded-proto": "wss", "x-forwarded-host": "a:443" }, "https://a"],
    ["Forwarded", {
      forwarded: 'for=1.2.3.4;host="a.example:1";proto=https, host=b;proto=http',
    }, "https://a.example:1"],
    ["a host that is none", { "x-forwarded-host": 'a"><script>' }, "http://box:8080"],
    ["a prefix that is none", { "x-forwarded-prefix": "//evil.example/'x" }, "http://box:8080"],
    ["a prefix with steps back", { "x-forwarded-prefix": "/a/../b" }, "http://box:8080"],
    ["a full address that is none", { "x-mst-path": "javascript:alert(1)" }, "http://box:8080"],
  ] as const
) {
  test(`publicAddress() behind a proxy that sends ${what}`, () => {
    const found = seen(headers);
    expect(found.base).toBe(base);
    expect(found.secure).toBe(base.startsWith("https"));
  });
  test(`publicAddress() believes ${what} of proxies only`, () => {
    const { base } = publicAddress(request(headers), { remote: "10.0.1.2" }, settings);
    expect(base).toBe("http://box:8080");
  });
}

test("publicAddress() takes the configured address, and the one of several that fits the host", () => {
  const addresses = ["https://a.example/x", "http://b.example:81"];
  expect(seen({}, { addresses }).base).toBe("https://a.example/x");
  expect(seen({}, { addresses }, "http://b.example:81/").base).toBe("http://b.example:81");
  expect(seen({ "x-forwarded-host": "b.example:81" }, { addresses }).base).toBe("http://b.example:81");
  expect(seen({ "x-mst-path": "http://c/" }, { addresses }).base).toBe("http://c");
});

test("ClientInfo is judged by its peer, however often it is handed on", () => {
  const info = new ClientInfo(request({ "x-forwarded-for": "203.0.113.9" }), { remote: PROXY }, settings);
  expect([info.remote, info.peer]).toEqual(["203.0.113.9", PROXY]);
  const headers = { "x-mst-path": "https://cdn.example" };
  expect(publicAddress(request(headers), info, settings)).toEqual({
    base: "https://cdn.example",
    remote: "203.0.113.9",
    secure: true,
  });
  // a client that claims a proxy's address is not one
  const liar = new ClientInfo(
    request({ "x-forwarded-for": "203.0.113.9, 10.0.0.7" }),
    { remote: "6.6.6.6" },
    settings,
  );
  expect(publicAddress(request(headers), liar, settings).base).toBe("http://box:8080");
});
