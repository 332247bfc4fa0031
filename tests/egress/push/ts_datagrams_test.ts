import { expect, test } from "bun:test";
import { PacedSender } from "../../../src/egress/push/datagram/paced_sender.ts";
import { PushMeter } from "../../../src/egress/push/push_meter.ts";
import { type DatagramSettings, TsDatagrams } from "../../../src/egress/push/ts/datagrams.ts";
import { decodeRtp } from "../../../src/wire/protocol/rtp/packet.ts";
import { ManualClock } from "../../manual_clock.ts";

function setUp(change: Partial<DatagramSettings>, random = () => 0.5) {
  const settings = {
    port: 5000,
    packets: 7,
    rtp: undefined,
    fec: undefined,
    drop: 0,
    full: false,
    ...change,
  };
  const sent: { port: number; bytes: Uint8Array }[] = [];
  const socket = {
    sendMany(packets: readonly Uint8Array[], port: number) {
      for (const bytes of packets) sent.push({ port, bytes: bytes.slice() });
      return packets.length;
    },
  };
  const way = { socket, address: "127.0.0.1", slotBytes: TsDatagrams.size(settings) };
  const pacing = { burst: 1000, spreadMillis: 0 };
  const sender = new PacedSender(new ManualClock(), way, pacing, new PushMeter(() => {}));
  const out = new TsDatagrams(sender, settings, () => 90_000, random);
  return { sent, sender, out };
}

/** Packets that say which ones they are. */
const packets = (count: number, first = 0) =>
  Uint8Array.from({ length: count * 188 }, (_, i) => i % 188 === 0 ? 0x47 : first + Math.floor(i / 188));

test("TS fills datagrams across calls; what is not full goes when it is told to", () => {
  const t = setUp({});
  t.out.write(packets(5));
  t.out.write(packets(12, 5));
  t.sender.flush();
  expect(t.sent.map((d) => d.bytes.length)).toEqual([1316, 1316]);
  t.out.flush();
  t.out.flush();
  t.sender.flush();
  expect(t.sent.map((d) => d.bytes.length)).toEqual([1316, 1316, 3 * 188]);
  expect(t.sent.map((d) => d.port)).toEqual([5000, 5000, 5000]);
  const all = Uint8Array.from(t.sent.flatMap((d) => [...d.bytes]));
  expect(all).toEqual(packets(17));
});

test("RTP: payload type 33, numbers that go on around their end, one SSRC", () => {
  const t = setUp({ packets: 2, rtp: { ssrc: 0xdeadbeef, sequence: 0xffff } });
  t.out.write(packets(6));
  t.sender.flush();
  const decoded = t.sent.map((d) => decodeRtp(d.bytes));
  expect(decoded).toMatchObject([0xffff, 0, 1].map((sequence) => ({
    kind: "ok",
    value: { payloadType: 33, sequence, ssrc: 0xdeadbeef, timestamp: 90_000, marker: false },
  })));
  expect(decoded[1]?.kind === "ok" && decoded[1].value.payload).toEqual(packets(2, 2));
});

test("parity goes to the ports + 2 and + 4, and mends what was dropped on purpose", () => {
  let n = 0;
  const shape = { columns: 4, rows: 4, rowParity: true };
  const lost = setUp(
    { packets: 1, rtp: { ssrc: 1, sequence: 0 }, fec: shape, drop: 0.05 },
    () => n++ === 6 ? 0 : 0.5,
  );
  lost.out.write(packets(32));
  lost.sender.flush();
  const of = (port: number) => lost.sent.filter((d) => d.port === port).map((d) => d.bytes);
  expect([of(5000).length, of(5002).length, of(5004).length]).toEqual([31, 4, 8]);
  // row 1 holds packets 4 to 7, and 6 is missing
  const row = of(5004)[1] as Uint8Array;
  const mended = row.slice(28);
  for (const packet of of(5000).filter((p) => [4, 5, 7].includes(p[3] as number))) {
    for (let i = 0; i < 188; i++) mended[i] = (mended[i] as number) ^ (packet[12 + i] as number);
  }
  expect(mended).toEqual(packets(1, 6));
});
