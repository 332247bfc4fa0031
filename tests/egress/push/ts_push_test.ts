import { expect, test } from "bun:test";
import { ticks } from "../../../src/base/units.ts";
import { tsUdpPush } from "../../../src/egress/push/ts/ts_push.ts";
import { bindUdp } from "../../../src/host/udp.ts";
import { PID_NULL } from "../../../src/wire/container/ts/packet.ts";
import { ID3, VIDEO } from "../http/test_door.ts";
import { pushStream } from "./pushed_stream.ts";

/** A stream pushed to a socket of ours. */
async function setUp(parameters: { readonly rate?: number } = {}) {
  const received: Uint8Array[] = [];
  const socket = await bindUdp({ address: "127.0.0.1" }, (bytes) => void received.push(bytes.slice()));
  // all of it at once: the clock stands still
  const pushed = await pushStream(tsUdpPush, `tsudp://127.0.0.1:${socket.port}`, { pace: 0, ...parameters });
  return {
    ...pushed,
    received,
    // no more at once than a socket holds
    write: (seconds: number) => pushed.write(seconds, () => received.length === pushed.meter.packets),
    async close() {
      await pushed.close();
      socket.close();
    },
  };
}

/** Continuity counters by PID, of packets with payload. */
function countersOf(received: readonly Uint8Array[]): Map<number, number[]> {
  const counters = new Map<number, number[]>();
  for (const datagram of received) {
    for (let at = 0; at < datagram.length; at += 188) {
      const pid = (((datagram[at + 1] as number) & 0x1f) << 8) | (datagram[at + 2] as number);
      const control = datagram[at + 3] as number;
      if ((control & 0x10) === 0) continue;
      counters.set(pid, [...counters.get(pid) ?? [], control & 15]);
    }
  }
  return counters;
}

/** Counters that do not go on from the one before. */
function gapsOf(received: readonly Uint8Array[]): number {
  let gaps = 0;
  for (const [pid, counters] of countersOf(received)) {
    if (pid === PID_NULL) continue;
    for (let n = 1; n < counters.length; n++) {
      if (counters[n] !== ((counters[n - 1] as number) + 1) % 16) gaps++;
    }
  }
  return gaps;
}

for (
  const { name, parameters } of [
    { name: "as it is", parameters: { rate: 0 } },
    { name: "at a constant rate", parameters: { rate: 600_000 } },
  ]
) {
  test(`a frame that TS does not carry is left out, what comes after it is sent: ${name}`, async () => {
    const t = await setUp(parameters);
    const meta = await t.camera.sink.addTrack(ID3);
    const info = { ptsOffset: 0, duration: 0, key: true, discontinuity: false };
    await t.begun();
    meta.write({ ...info, dts: ticks(3 * 90_000) }, new Uint8Array(70_000));
    meta.write({ ...info, dts: ticks(3 * 90_000 + 1) }, new Uint8Array(50));
    await t.write(6);
    expect(t.said.filter((line) => line.startsWith("a frame is left out"))).toHaveLength(1);
    await t.close();
    // a constant rate leaves by the clock, which stands still
    if (parameters.rate > 0) return;
    // two tables, three tracks
    expect([...countersOf(t.received).keys()].filter((pid) => pid !== PID_NULL)).toHaveLength(5);
    expect(gapsOf(t.received)).toBe(0);
  });
}

test("other parameter sets are no gap", async () => {
  const t = await setUp();
  await t.begun();
  const config = VIDEO.config.slice();
  config[config.length - 1] = (config.at(-1) as number) ^ 1;
  t.camera.sinks.get(VIDEO.id)?.update({ ...VIDEO, config });
  await t.write(6);
  await t.close();
  expect(gapsOf(t.received)).toBe(0);
});

test("a push that the system sends nothing of says so, once for many datagrams, and counts them as lost", async () => {
  // broadcasts are only for sockets that ask for them: refused on every machine
  const t = await pushStream(tsUdpPush, "tsudp://255.255.255.255:5000", { pace: 0 });
  await t.begun();
  await t.write(5, () => true);
  await t.until(() => t.meter.lost > 30);
  await t.close();
  expect(t.meter.packets).toBe(0);
  expect(t.said.filter((line) => line.includes("no datagrams"))).toEqual([
    "the system takes no datagrams for 255.255.255.255:5000: no way there, or its interface is down",
  ]);
});
