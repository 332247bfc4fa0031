import { expect, test } from "bun:test";
import { ok } from "../../../../src/base/decoded.ts";
import { wallMillis } from "../../../../src/base/units.ts";
import { ntpToWall, wallToNtp } from "../../../../src/wire/protocol/rtcp/ntp.ts";
import { decodeRtcp } from "../../../../src/wire/protocol/rtcp/packet.ts";
import { bad, compounds, encode, single } from "./rtcp_cases.ts";

for (const c of single) {
  test(`decodeRtcp() reads ${c.name}`, () =>
    expect(decodeRtcp(c.bytes)).toEqual(ok(c.packets, c.bytes.length)));
  test(`the encoder writes ${c.name}`, () => expect(encode(c.packets[0]!)).toEqual(new Uint8Array(c.bytes)));
}
for (const c of compounds) {
  test(`decodeRtcp() reads ${c.name}`, () => {
    const decoded = decodeRtcp(c.bytes);
    expect(decoded.kind === "ok" ? decoded.value : decoded).toEqual([...c.packets]);
  });
}
for (const c of bad) {
  test(`decodeRtcp() refuses ${c.name}`, () => {
    const decoded = decodeRtcp(c.bytes);
    expect(decoded.kind === "bad" ? decoded.why : decoded).toBe(c.why);
  });
}

test("NTP time is Unix time and back, also behind the turn of 2036", () => {
  expect(ntpToWall(2_208_988_800 + 1_000_000_000, 0x80000000)).toBe(wallMillis(1_000_000_000_500));
  for (const wall of [1_234_567_890_250, Date.UTC(2036, 1, 7, 6, 28, 20), Date.UTC(2050, 0)]) {
    const { seconds, fraction } = wallToNtp(wallMillis(wall));
    expect(ntpToWall(seconds, fraction)).toBeCloseTo(wall, 3);
  }
});
