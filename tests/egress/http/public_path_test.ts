import { expect, test } from "bun:test";
import { AddressRanges } from "../../../src/base/address_range.ts";
import type { PublicSettings } from "../../../src/egress/http/public_address.ts";
import { withoutPublicPath } from "../../../src/egress/http/public_path.ts";
import { redirectToTls } from "../../../src/egress/http/redirect.ts";

const none: PublicSettings = { proxies: new AddressRanges(["10.0.0.2"]), addresses: [] };
const configured: PublicSettings = { ...none, addresses: ["https://cdn.example/cams"] };
const proxy = { remote: "10.0.0.2" };
const stranger = { remote: "203.0.113.9" };

function asked(
  path: string,
  headers: Record<string, string>,
  settings = none,
  info = proxy,
): string | undefined {
  const found = withoutPublicPath(new Request(`http://box:8080${path}`, { headers }), info, settings);
  if (found instanceof Response) return `${found.status} ${found.headers.get("location")}`;
  return found === undefined ? undefined : found.url.slice("http://box:8080".length);
}

const mst = { "x-mst-path": "https://a.example/cams/" };
const prefix = {
  "x-forwarded-prefix": "/cams",
  "x-forwarded-host": "a.example",
  "x-forwarded-proto": "https",
};
for (
  const [what, found, expected] of [
    ["X-Mst-Path", asked("/cams/hls/cam/index.m3u8?muxed=1", mst), "/hls/cam/index.m3u8?muxed=1"],
    ["X-Forwarded-Prefix", asked("/cams/", prefix), "/"],
    ["no slash at the end", asked("/cams?x", prefix), "307 https://a.example/cams/?x"],
    ["a path that was taken away already", asked("/hls/cam/0/1.m4s", mst), undefined],
    ["a stream whose name begins like the path", asked("/camshaft.html", mst), undefined],
    ["a stranger", asked("/cams/hls/x", mst, none, stranger), undefined],
    ["nobody, but the configuration", asked("/cams/hls/x", {}, configured, stranger), "/hls/x"],
    ["a path like one of ours", asked("/hls/hls/x", { "x-mst-path": "http://a/hls" }), undefined],
    ["no path", asked("/hls/x", { "x-mst-path": "http://a" }), undefined],
    ["nothing", asked("/cams/hls/x", {}), undefined],
  ] as const
) {
  test(`withoutPublicPath() told by ${what}`, () => expect(found).toBe(expected));
}

test("withoutPublicPath() keeps method, headers and the signal that ends the request", () => {
  const end = new AbortController();
  const request = new Request("http://box/cams/x", {
    method: "POST",
    body: "b",
    headers: { ...mst, range: "bytes=0-" },
    signal: end.signal,
  });
  const found = withoutPublicPath(request, proxy, none) as Request;
  expect([found.method, found.headers.get("range")]).toEqual(["POST", "bytes=0-"]);
  end.abort();
  expect(found.signal.aborted).toBe(true);
});

test("redirectToTls() sends clients on, but none that a proxy brings", () => {
  const to = (url: string, headers: Record<string, string> = {}, info = stranger, settings = none) =>
    redirectToTls(new Request(url, { headers }), info, settings, 8443)?.headers.get("location");
  expect(to("http://box:8080/hls/x?y=1")).toBe("https://box:8443/hls/x?y=1");
  expect(to("http://[2001:db8::1]/")).toBe("https://[2001:db8::1]:8443/");
  expect(to("http://box/a", {}, stranger, configured)).toBe("https://cdn.example/cams/a");
  expect(to("http://box/", { "x-forwarded-for": "1.2.3.4" }, proxy)).toBeUndefined();
  expect(to("http://box/", { "x-forwarded-for": "1.2.3.4" })).toBe("https://box:8443/");
  expect(redirectToTls(new Request("http://box/"), proxy, none, 443)?.headers.get("location")).toBe(
    "https://box/",
  );
});
