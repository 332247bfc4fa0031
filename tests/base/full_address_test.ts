import { expect, test } from "bun:test";
import { fullAddress } from "../../src/base/full_address.ts";

test("fullAddress() makes one form of an address, and refuses what could be anything else in a page", () => {
  expect(fullAddress("HTTPS://Cdn.Example:8443/Cams//")).toBe("https://cdn.example:8443/Cams");
  expect(fullAddress("http://[2001:DB8::1]:80/")).toBe("http://[2001:db8::1]:80");
  const bad = ["", "cdn.example", "ftp://a/", "http://", "http://u:p@a/", "http://a/?x", "http://a/#x"];
  const worse = ["http://a/'", 'http://a/"', "http://a/<b>", "http://a b/", `http://a/${"x".repeat(300)}`];
  for (const text of [...bad, ...worse]) expect([text, fullAddress(text)]).toEqual([text, undefined]);
});
