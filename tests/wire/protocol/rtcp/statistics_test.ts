import { expect, test } from "bun:test";
import { monoMillis } from "../../../../src/base/units.ts";
import { ReceiverStatistics } from "../../../../src/wire/protocol/rtcp/statistics.ts";

/** Packets of 20 ms at 8 kHz, in time, but `late` ms late. */
function send(s: ReceiverStatistics, sequence: number, late = 0): void {
  s.packet(sequence & 0xffff, (sequence * 160) >>> 0, monoMillis(sequence * 20 + late));
}

test("ReceiverStatistics counts loss since the last block and in all", () => {
  const s = new ReceiverStatistics(8000);
  for (let i = 65_530; i < 65_550; i++) if (i !== 65_540 && i !== 65_545) send(s, i);
  const first = s.block(7, monoMillis(0));
  expect(first).toMatchObject({ ssrc: 7, lost: 2, fractionLost: Math.floor(2 * 256 / 20), highest: 65_549 });
  for (let i = 65_550; i < 65_560; i++) send(s, i);
  expect(s.block(7, monoMillis(0))).toMatchObject({ lost: 2, fractionLost: 0, highest: 65_559 });
});

test("ReceiverStatistics: duplicates make the loss negative, never the fraction", () => {
  const s = new ReceiverStatistics(8000);
  for (const i of [1, 2, 2, 3, 3]) send(s, i);
  expect(s.block(7, monoMillis(0))).toMatchObject({ lost: -2, fractionLost: 0 });
  expect(s.lost).toBe(-2);
});

test("ReceiverStatistics: jitter grows by a sixteenth of each difference (RFC 3550, A.8)", () => {
  const s = new ReceiverStatistics(8000);
  send(s, 1);
  send(s, 2);
  expect(s.jitter).toBe(0);
  send(s, 3, 10);
  expect(s.jitter).toBeCloseTo(80 / 16, 6);
  send(s, 4, 10);
  expect(s.jitter).toBeCloseTo((80 / 16) * (15 / 16), 6);
});

test("ReceiverStatistics: packets out of order do not count as lost", () => {
  const s = new ReceiverStatistics(8000);
  for (const i of [10, 12, 11, 13]) send(s, i);
  expect(s.block(1, monoMillis(0))).toMatchObject({ lost: 0, fractionLost: 0, highest: 13 });
});

test("ReceiverStatistics begins anew after two packets of a new sequence", () => {
  const s = new ReceiverStatistics(8000);
  for (const i of [10, 11, 40_000, 40_001, 40_002]) send(s, i);
  expect(s.block(1, monoMillis(0))).toMatchObject({ lost: 0, highest: 40_002 });
});

test("ReceiverStatistics tells the last sender report and the time since", () => {
  const s = new ReceiverStatistics(8000);
  send(s, 1);
  expect(s.block(1, monoMillis(0))).toMatchObject({ lastReport: 0, sinceLastReport: 0 });
  s.senderReport(0xe8d1a4c3, 0x87654321, monoMillis(1000));
  expect(s.block(1, monoMillis(2500))).toMatchObject({ lastReport: 0xa4c38765, sinceLastReport: 98_304 });
});
