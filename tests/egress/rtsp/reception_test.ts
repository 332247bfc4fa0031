import { expect, test } from "bun:test";
import { monoMillis } from "../../../src/base/units.ts";
import { Reception } from "../../../src/egress/rtsp/reception.ts";
import type { ReportBlock } from "../../../src/wire/protocol/rtcp/report_block.ts";
import { encodeSenderReport } from "../../../src/wire/protocol/rtcp/sender_report.ts";

const SSRC = 77;

function setUp(packets = 1000) {
  const reception = new Reception({ ssrc: SSRC, clockRate: 90_000 });
  reception.packets = packets;
  const block = (change: Partial<ReportBlock> = {}): ReportBlock => ({
    ssrc: SSRC,
    fractionLost: 0,
    lost: 0,
    highest: 0,
    jitter: 0,
    lastReport: 0,
    sinceLastReport: 0,
    ...change,
  });
  /** A sender report of the NTP time `seconds`.5 goes out at `at`. */
  const sent = (seconds: number, at: number) =>
    reception.reported(
      encodeSenderReport({
        ssrc: SSRC,
        ntpSeconds: seconds,
        ntpFraction: 0x80000000,
        timestamp: 0,
        packets: 0,
        octets: 0,
        blocks: [],
      }),
      monoMillis(at),
    );
  const heard = (change: Partial<ReportBlock>, at = 0) => reception.heard(block(change), monoMillis(at));
  return { reception, sent, heard };
}

test("losses grow only, jitter is in milliseconds of the track's clock", () => {
  const { reception, heard } = setUp();
  expect(heard({ lost: 7, jitter: 900 })).toBe(true);
  expect(heard({ lost: -3, jitter: 450 })).toBe(true);
  expect([reception.lost, reception.jitterMillis, reception.roundTripMillis]).toEqual([7, 5, 0]);
});

test("the round trip is what passed since the report, less what the player held it", () => {
  const { reception, sent, heard } = setUp();
  sent(0xabcd0001, 1000);
  sent(0xabcd0006, 6000);
  heard({ lastReport: 0x00018000, sinceLastReport: 0x10000 * 2 }, 3080);
  expect(reception.roundTripMillis).toBeCloseTo(80, 6);
  heard({ lastReport: 0x00068000, sinceLastReport: 0x8000 }, 6520);
  expect(reception.roundTripMillis).toBeCloseTo(20, 6);
  // One that was never sent, one too old to be remembered, and one that was held longer than it is ago.
  sent(0xabcd000b, 11_000);
  heard({ lastReport: 0x12345678, sinceLastReport: 0 }, 12_000);
  heard({ lastReport: 0x00018000, sinceLastReport: 0 }, 12_000);
  heard({ lastReport: 0x000b8000, sinceLastReport: 0x10000 * 60 }, 12_000);
  expect(reception.roundTripMillis).toBeCloseTo(20, 6);
});

test("what is about another source, or cannot be, is not believed", () => {
  const { reception, heard } = setUp(10);
  expect(heard({ ssrc: SSRC + 1, lost: 5, jitter: 900 })).toBe(false);
  expect(heard({ lost: 11, jitter: 900 })).toBe(false);
  expect(heard({ lost: 5, jitter: 0xffffffff })).toBe(false);
  expect([reception.lost, reception.jitterMillis]).toEqual([0, 0]);
  expect(heard({ lost: 10 })).toBe(true);
});
