import { expect, test } from "bun:test";
import { clientOf, nodeAddress, parseForwarded } from "../../../src/egress/http/forwarded.ts";

const plain = { client: "", host: "", proto: "" };

for (
  const [header, elements] of [
    // RFC 7239, 4
    ['for="_gazonk"', [{ ...plain, client: "_gazonk" }]],
    ['For="[2001:db8:cafe::17]:4711"', [{ ...plain, client: "[2001:db8:cafe::17]:4711" }]],
    ["for=192.0.2.60;proto=http;by=203.0.113.43", [{ ...plain, client: "192.0.2.60", proto: "http" }]],
    ["for=192.0.2.43, for=198.51.100.17", [
      { ...plain, client: "192.0.2.43" },
      { ...plain, client: "198.51.100.17" },
    ]],
    ['for=192.0.2.43,for="[2001:db8:cafe::17]";host=a.example', [
      { ...plain, client: "192.0.2.43" },
      { ...plain, client: "[2001:db8:cafe::17]", host: "a.example" },
    ]],
    ['host="a \\"b\\", c"; proto=https', [{ client: "", host: 'a "b", c', proto: "https" }]],
    ["secret=x;for=1.2.3.4", [{ ...plain, client: "1.2.3.4" }]],
    ["", []],
  ] as const
) {
  test(`parseForwarded() reads ${JSON.stringify(header)}`, () =>
    expect(parseForwarded(header)).toEqual(elements));
}

for (
  const header of [
    "for",
    "for=1.2.3.4 for=5.6.7.8",
    'for="1.2.3.4',
    "for=[::1]",
    "=x",
    `for=${"1".repeat(5000)}`,
    Array.from({ length: 40 }, () => "for=1.2.3.4").join(","),
  ]
) {
  test(`parseForwarded() refuses ${header.slice(0, 30)}`, () =>
    expect(parseForwarded(header)).toBeUndefined());
}

for (
  const [node, address] of [
    ["192.0.2.1", "192.0.2.1"],
    [" 192.0.2.1:4711 ", "192.0.2.1"],
    ["[2001:DB8::1]:80", "2001:db8::1"],
    ["[2001:db8::1]", "2001:db8::1"],
    ["2001:db8::1", "2001:db8::1"],
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["unknown", undefined],
    ["_hidden", undefined],
    ["192.0.2.1:x", undefined],
    ["[192.0.2.1]x", undefined],
    ["", undefined],
  ] as const
) {
  test(`nodeAddress() of ${JSON.stringify(node)}`, () => expect(nodeAddress(node)).toBe(address));
}

const ours = (address: string) => address.startsWith("10.");
for (
  const [nodes, client] of [
    [["203.0.113.9"], "203.0.113.9"],
    [["203.0.113.9", "10.0.0.2"], "203.0.113.9"],
    [["10.9.9.9", "10.0.0.2"], "10.9.9.9"],
    // the beginning was written by the client itself
    [["127.0.0.1", "203.0.113.9", "10.0.0.2"], "203.0.113.9"],
    [["1.1.1.1", "garbage", "10.0.0.2"], "10.0.0.2"],
    [["unknown"], undefined],
    [[], undefined],
  ] as const
) {
  test(`clientOf() ${nodes.join(", ")}`, () => expect(clientOf(nodes, ours)).toBe(client));
}

test("clientOf() looks at so many proxies and no more", () => {
  const long = ["203.0.113.9", ...Array.from({ length: 100_000 }, () => "10.0.0.1")];
  expect(clientOf(long, ours)).toBe("10.0.0.1");
});
