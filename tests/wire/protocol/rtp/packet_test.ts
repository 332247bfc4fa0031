import { expect, test } from "bun:test";
import { ok } from "../../../../src/base/decoded.ts";
import { decodeRtp, encodeRtp, writeRtpHeader } from "../../../../src/wire/protocol/rtp/packet.ts";
import { sequenceDistance, timestampDistance } from "../../../../src/wire/protocol/rtp/sequence.ts";
import { bad, cases } from "./rtp_cases.ts";

for (const c of cases) {
  test(`decodeRtp() reads ${c.name}`, () => {
    expect(decodeRtp(c.bytes)).toEqual(ok(c.value, c.bytes.length));
  });
  if (c.plain) {
    test(`encodeRtp() writes ${c.name}`, () => expect(encodeRtp(c.value)).toEqual(new Uint8Array(c.bytes)));
  }
}

for (const c of bad) {
  test(`decodeRtp() refuses ${c.name}`, () => {
    expect(decodeRtp(c.bytes)).toEqual({ kind: "bad", at: 0, why: c.why });
  });
}

test("decodeRtp() takes packets of up to 64 KiB", () => {
  const bytes = new Uint8Array(65_535);
  bytes[0] = 0x80;
  const decoded = decodeRtp(bytes);
  expect(decoded.kind === "ok" && decoded.value.payload.length).toBe(65_523);
});

test("writeRtpHeader() refuses to write past the end", () => {
  expect(() => writeRtpHeader(new Uint8Array(20), 9, 96, false, 0, 0, 0)).toThrow(RangeError);
});

test("distances wrap", () => {
  expect(sequenceDistance(65_535, 0)).toBe(1);
  expect(sequenceDistance(3, 65_533)).toBe(-6);
  expect(timestampDistance(0xffffff00, 0x100)).toBe(0x200);
  expect(timestampDistance(0x100, 0xffffff00)).toBe(-0x200);
});
