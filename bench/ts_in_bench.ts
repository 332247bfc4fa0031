/**
 * 50 transport streams of 4 Mbit/s by multicast into a server on one core: none of their packets may be lost. Half of the
 * streams are in RTP, whose numbers show every loss; of the others the counters of the transport stream do. The sender has
 * the other core.
 */
import { bindUdp } from "../src/host/udp.ts";
import { BINARY, startFogcast, until } from "../tests/peers/fogcast.ts";
import { streamsYaml } from "../tests/peers/fogcast_streams.ts";
import { clipTs, rtpDatagrams, tsDatagrams } from "../tests/peers/clip_ts.ts";
import { printMeasurement } from "./measurement.ts";
import { cpuSeconds, memory, processTree } from "./proc_stat.ts";

const STREAMS = 50;
const BITS_PER_SECOND = 4_000_000;
const SECONDS = 15;
/** Each stream has a thread of its own, whose code becomes fast as it runs. */
const WARM_SECONDS = 12;
/** Longer than all takes: where it goes round, the counters of the stream begin anew. */
const CLIP_SECONDS = 75;
const PORT = 31_700;
const TICK_MILLIS = 5;
const group = (i: number) => `239.250.77.${i + 1}`;

if (process.argv[2] === "send") await send();
else await measure();

async function send(): Promise<void> {
  const ts = clipTs(CLIP_SECONDS, {}, Math.round(BITS_PER_SECOND / 25 / 8 * 0.97));
  const plain = tsDatagrams(ts);
  const wrapped = rtpDatagrams(ts);
  const socket = await bindUdp({}, () => {});
  socket.setMulticastInterface("127.0.0.1");
  socket.setMulticastTtl(1);
  const each = plain.length / CLIP_SECONDS;
  const began = performance.now();
  let sequence = 0;
  let sent = 0;
  const tick = () => {
    const due = Math.floor((performance.now() - began) / 1000 * each);
    const count = Math.min(due - sent, 64);
    for (let i = 0; i < STREAMS && count > 0; i++) {
      // each stream is somewhere else in the clip, so that their key frames do not come together
      for (let n = 0; n < count; n++) {
        const at = (sent + n) % plain.length;
        const packet = (i % 2 === 0 ? wrapped : plain)[at] as Uint8Array;
        if (i % 2 === 0) {
          packet[2] = (sequence + n) >> 8;
          packet[3] = sequence + n;
        }
        socket.send(packet, PORT, group(i));
      }
    }
    sequence = (sequence + count) & 0xffff;
    sent += count;
    setTimeout(tick, TICK_MILLIS);
  };
  tick();
}

async function measure(): Promise<void> {
  const names = Array.from({ length: STREAMS }, (_, i) => `s${i}`);
  const streams = Object.fromEntries(
    names.map((name, i) => [name, {
      source: `${i % 2 === 0 ? "tsrtp" : "tsudp"}://${group(i)}:${PORT}/lo`,
      fec: "false",
      alwaysOn: "true",
    }]),
  );
  const sender = Bun.spawn(["taskset", "-c", "1", process.execPath, "run", import.meta.path, "send"], {
    stdout: "inherit",
    stderr: "inherit",
  });
  const fogcast = await startFogcast(streamsYaml(streams), ["taskset", "-c", "0", BINARY]);
  try {
    const api = `http://${(await fogcast.printed(/API on [\d.]+:\d+/)).slice(7)}`;
    const inputs = async () => {
      const answer = await fetch(`${api}/v1/streams`);
      const { streams } = await answer.json() as { streams: { input: Record<string, number> }[] };
      const sum = (key: string) => streams.reduce((all, s) => all + (s.input[key] ?? 0), 0);
      return {
        running: streams.filter((s) => (s.input["framesIn"] ?? 0) > 0).length,
        packets: sum("packetsIn"),
        bytes: sum("bytesIn"),
        lost: sum("packetsLost"),
        gaps: sum("tsDiscontinued"),
        frames: sum("framesIn"),
      };
    };
    await until(30_000, "all streams run", async () => (await inputs()).running === STREAMS || undefined);
    await Bun.sleep(WARM_SECONDS * 1000);
    const pids = processTree(fogcast.pid);
    const [before, cpu, began] = [await inputs(), cpuSeconds(pids), performance.now()];
    await Bun.sleep(SECONDS * 1000);
    const [after, took] = [await inputs(), (performance.now() - began) / 1000];
    const used = (cpuSeconds(pids) - cpu) / took;
    const lost = after.lost - before.lost;
    printMeasurement("ts_in", `${STREAMS} multicast streams of 4 Mbit/s on one core`, {
      lost,
      gaps: after.gaps - before.gaps,
      cores: used,
      packetsPerSecond: (after.packets - before.packets) / took,
      megabitsPerSecond: (after.bytes - before.bytes) * 8 / 1e6 / took,
      framesPerSecond: (after.frames - before.frames) / took,
      residentMegabytes: memory(pids).resident / 2 ** 20,
    }, { lost: { max: 0 }, gaps: { max: 0 }, cores: { max: 1 }, megabitsPerSecond: { min: STREAMS * 3.8 } });
  } finally {
    sender.kill();
    await fogcast.stop();
  }
}
