import { expect, test } from "bun:test";
import {
  bitString,
  der,
  objectIdentifier,
  pem,
  TAG,
  time,
  unsigned,
} from "../../../../src/wire/protocol/x509/der.ts";

const hex = (bytes: Uint8Array) => Array.from(bytes, (b) => b.toString(16).padStart(2, "0")).join("");
const bytes = (text: string) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

for (
  const [number, coded] of [
    ["00", "020100"],
    ["7f", "02017f"],
    ["80", "02020080"],
    ["000001", "020101"],
    ["ff00", "020300ff00"],
    ["", "020100"],
  ] as const
) {
  test(`unsigned() writes ${number || "nothing"} without a sign`, () =>
    expect(hex(unsigned(bytes(number)))).toBe(coded));
}

for (
  const [text, coded] of [
    // X.690, 8.19.5
    ["2.999.3", "0603883703"],
    ["1.2.840.113549", "06062a864886f70d"],
    ["2.5.29.17", "0603551d11"],
  ] as const
) {
  test(`objectIdentifier() writes ${text}`, () => expect(hex(objectIdentifier(text))).toBe(coded));
}

test("der() writes lengths of one byte up to 127, and longer ones as they need", () => {
  const head = (length: number) => hex(der(TAG.octetString, new Uint8Array(length)).subarray(0, 5));
  expect([
    head(127).slice(0, 4),
    head(128).slice(0, 6),
    head(255).slice(0, 6),
    head(256).slice(0, 8),
    head(70_000),
  ])
    .toEqual(["047f", "048180", "0481ff", "04820100", "0483011170"]);
});

test("time() has two digits of the year until 2049, then four", () => {
  const text = (at: string) =>
    hex(time(Date.parse(at)).subarray(0, 2)) + new TextDecoder().decode(time(Date.parse(at)).subarray(2));
  expect(text("2049-12-31T23:59:58.999Z")).toBe("170d491231235958Z");
  expect(text("2050-01-01T00:00:00Z")).toBe("180f20500101000000Z");
});

test("bitString() and pem()", () => {
  expect(hex(bitString(Uint8Array.of(0x84), 2))).toBe("03020284");
  expect(pem("X", new Uint8Array(50))).toBe(`-----BEGIN X-----\n${"A".repeat(64)}\nAAA=\n-----END X-----\n`);
});
