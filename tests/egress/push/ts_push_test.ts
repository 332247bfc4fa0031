import { expect, test } from "bun:test";
import { makeLog } from "../../../src/base/log.ts";
import { Scope } from "../../../src/base/scope.ts";
import { ticks } from "../../../src/base/units.ts";
import { LiveStream } from "../../../src/egress/live/live_stream.ts";
import { PushMeter } from "../../../src/egress/push/push_meter.ts";
import { tsUdpPush } from "../../../src/egress/push/ts/ts_push.ts";
import { bindUdp } from "../../../src/host/udp.ts";
import { PID_NULL } from "../../../src/wire/container/ts/packet.ts";
import { AUDIO, ID3, SyntheticCamera, TestClock, TestStream, VIDEO } from "../http/test_door.ts";

/** A stream pushed to a socket of ours. */
async function setUp(parameters: { readonly rate?: number } = {}) {
  const clock = new TestClock();
  const source = new TestStream("cam", clock);
  const camera = new SyntheticCamera(source);
  for (const track of [VIDEO, AUDIO]) await camera.add(track);
  const said: string[] = [];
  const log = makeLog(
    (line) => said.push(line.message),
    { stream: "cam", part: "test", least: "debug" },
    () => 0,
  );
  const stream = new LiveStream(source.open(), clock, log);
  const received: Uint8Array[] = [];
  const socket = await bindUdp({ address: "127.0.0.1" }, (bytes) => void received.push(bytes.slice()));
  const scope = new Scope();
  const meter = new PushMeter(() => {});
  const options = {
    url: `tsudp://127.0.0.1:${socket.port}`,
    // all of it at once: the clock stands still
    values: { pace: 0, ...parameters },
    select: {},
  };
  const run = tsUdpPush.run(scope, options, stream, { clock, log, random: () => 0, meter });
  const until = async (enough: () => boolean) => {
    while (!enough()) await Bun.sleep(1);
  };
  /** Waits until it sends; it begins with the key frame after those that were there when it first looked. */
  const begun = async () => {
    camera.writeUntil(1);
    clock.time += 3000;
    await until(() => meter.tracks.length > 0);
    camera.writeUntil(3);
    await until(() => meter.sending);
  };
  /** Writes from the third second to `seconds`, no more at once than a socket holds. */
  const write = async (seconds: number) => {
    for (let to = 3.2; to <= seconds; to += 0.2) {
      camera.writeUntil(to);
      // sending began at the second second; a frame of 40 ms may be missing
      await until(() => meter.mediaMillis > (to - 2) * 1000 - 45 && received.length === meter.packets);
    }
  };
  const close = async () => {
    await scope.close();
    await run;
    stream.close();
    socket.close();
  };
  return { clock, camera, source, said, received, meter, until, begun, write, close };
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
