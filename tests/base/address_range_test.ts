import { expect, test } from "bun:test";
import { AddressRanges, isAddressRange, parseAddress } from "../../src/base/address_range.ts";

const v4 = (...tail: number[]) => new Uint8Array([0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255, ...tail]);
const v6 = (...groups: number[]) => new Uint8Array(groups.flatMap((g) => [g >> 8, g & 255]));

for (
  const [text, bytes] of [
    ["192.0.2.1", v4(192, 0, 2, 1)],
    ["0.0.0.0", v4(0, 0, 0, 0)],
    ["::", v6(0, 0, 0, 0, 0, 0, 0, 0)],
    ["::1", v6(0, 0, 0, 0, 0, 0, 0, 1)],
    ["2001:DB8::a:b", v6(0x2001, 0xdb8, 0, 0, 0, 0, 0xa, 0xb)],
    ["1:2:3:4:5:6:7:8", v6(1, 2, 3, 4, 5, 6, 7, 8)],
    ["1:2:3:4:5:6:192.0.2.1", v6(1, 2, 3, 4, 5, 6, 0xc000, 0x201)],
    ["::ffff:192.0.2.1", v4(192, 0, 2, 1)],
  ] as const
) {
  test(`parseAddress() reads ${text}`, () => expect(parseAddress(text)).toEqual(bytes));
}

for (
  const text of [
    "",
    "1.2.3",
    "1.2.3.256",
    "1.2.3.04",
    "1.2.3.4:80",
    "[::1]",
    "1::2::3",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7::8",
    "1.2.3.4::",
    "fe80::1%eth0",
    "12345::",
    "unknown",
    "0".repeat(5000),
  ]
) {
  test(`parseAddress() refuses ${JSON.stringify(text.slice(0, 40))}`, () => {
    expect(parseAddress(text)).toBeUndefined();
    expect(isAddressRange(text)).toBe(false);
  });
}

for (
  const [range, inside, outside] of [
    ["192.0.2.7", ["192.0.2.7", "::ffff:192.0.2.7"], ["192.0.2.6", "::c000:207", ""]],
    ["10.0.0.0/8", ["10.0.0.0", "10.255.255.255"], ["11.0.0.0", "9.255.255.255", "::a00:0"]],
    ["10.1.2.3/30", ["10.1.2.0", "10.1.2.3"], ["10.1.2.4"]],
    ["0.0.0.0/0", ["1.2.3.4", "255.255.255.255"], ["::1", "2001:db8::1"]],
    ["2001:db8::/33", ["2001:db8::1", "2001:db8:7fff::"], ["2001:db8:8000::", "10.0.0.1"]],
    ["::/0", ["::1", "1.2.3.4"], ["nonsense", "1.2.3.4, 5.6.7.8"]],
    ["::ffff:10.0.0.0/104", ["10.1.1.1"], ["11.1.1.1"]],
  ] as const
) {
  test(`AddressRanges of ${range} tell apart what is within`, () => {
    const ranges = new AddressRanges([range, "not an address"]);
    for (let twice = 0; twice < 2; twice++) {
      expect(inside.filter((address) => !ranges.has(address))).toEqual([]);
      expect(outside.filter((address) => ranges.has(address))).toEqual([]);
    }
  });
}

test("isAddressRange() refuses prefixes that are too long or no number", () => {
  for (const text of ["10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "host/8"]) {
    expect([text, isAddressRange(text)]).toEqual([text, false]);
  }
});

test("AddressRanges keep a bounded number of verdicts", () => {
  const ranges = new AddressRanges(["10.0.0.0/8"]);
  for (let n = 0; n < 10_000; n++) expect(ranges.has(`10.0.${n >> 8}.${n & 255}`)).toBe(true);
});
