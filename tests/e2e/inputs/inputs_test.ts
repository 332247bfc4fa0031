import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clipTs } from "../../peers/clip_ts.ts";
import { probeCodecs } from "../../peers/ffprobe.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { streamsYaml, untilState } from "../../peers/fogcast_streams.ts";
import { seededRandom } from "../../peers/impairment.ts";
import { startUdpRelay, type UdpRelay } from "../../peers/udp_relay.ts";
import { bindUdp } from "../../../src/host/udp.ts";
import { freePorts } from "../../ingest/free_ports.ts";

const folder = mkdtempSync(join(tmpdir(), "fogcast-inputs-"));
const clip = join(folder, "clip.ts");
const net = `239.255.${process.pid % 250}`;
const programs: ReturnType<typeof Bun.spawn>[] = [];
const relays: UdpRelay[] = [];
let fogcast: RunningFogcast;
let api = "";
let noisy = 0;
let stopServing = () => {};

function start(...command: string[]): void {
  const quiet = { stdin: "ignore", stdout: "ignore", stderr: "ignore" } as const;
  programs.push(Bun.spawn(command, quiet));
}

const ffmpeg = (...output: string[]) =>
  start("ffmpeg", "-v", "error", "-re", "-stream_loop", "-1", "-i", clip, "-c", "copy", ...output);

/** One of the stream's numbers that the API has. */
async function input(name: string): Promise<Record<string, number>> {
  const answer = await fetch(`${api}/v1/streams/${name}`);
  return (await answer.json() as { input: Record<string, number> }).input;
}

beforeAll(async () => {
  writeFileSync(clip, clipTs(32));
  const lone = await freePorts(6);
  const lossy = await freePorts(6);
  const ports = await freePorts(14);
  noisy = ports;
  const rtp = await freePorts(4);
  const sdp = join(folder, "studio.sdp");
  for (const [i, further] of [0, 2, 4].entries()) {
    const to = { port: lossy + further, address: "127.0.0.1" };
    relays.push(await startUdpRelay(to, i === 0 ? { loseEvery: 6 } : {}, 11, lone + further));
  }
  ffmpeg("-f", "mpegts", `udp://${net}.1:${ports}?pkt_size=1316&localaddr=127.0.0.1&ttl=1`);
  ffmpeg("-f", "rtp_mpegts", "-fec", "prompeg=l=5:d=5", `rtp://127.0.0.1:${lone}?pkt_size=1328`);
  ffmpeg(
    "-an",
    "-f",
    "rtp",
    "-sdp_file",
    sdp,
    `rtp://${net}.2:${rtp}?ttl=1&localaddr=127.0.0.1`,
  );
  start(
    ..."gst-launch-1.0 -q videotestsrc is-live=true ! video/x-raw,format=I420,width=320,height=180,framerate=25/1 !"
      .split(" "),
    ..."x264enc tune=zerolatency speed-preset=ultrafast key-int-max=12 ! mpegtsmux ! rtpmp2tpay !".split(" "),
    ...`udpsink host=${net}.3 port=${ports + 8} multicast-iface=lo`.split(" "),
  );
  const server = Bun.serve({
    port: 0,
    fetch: () => new Response(Bun.file(clip)),
  });
  stopServing = () => void server.stop(true);
  const on = { alwaysOn: "true" };
  fogcast = await startFogcast(
    streamsYaml({
      multicast: { source: `tsudp://${net}.1:${ports}/lo`, ...on },
      again: { source: `tsudp://127.0.0.1@${net}.1:${ports}/lo`, ...on },
      fec: { source: `tsrtp://127.0.0.1:${lossy}`, ...on },
      gst: { source: `tsrtp://${net}.3:${ports + 8}/lo`, ...on },
      sdp: { source: sdp, interface: "lo", ...on },
      http: { source: `http://127.0.0.1:${server.port}/clip.ts`, ...on },
      program: { source: `"ts-exec:ffmpeg -v error -re -i '${clip}' -c copy -f mpegts -"`, ...on },
    }),
  );
  const at = await fogcast.printed(/API on [\d.]+:\d+/);
  api = `http://${at.slice(7)}`;
}, 60_000);

afterAll(async () => {
  await fogcast?.stop();
  for (const program of programs) program.kill("SIGKILL");
  for (const relay of relays) relay.close();
  stopServing();
  rmSync(folder, { recursive: true, force: true });
});

describe("inputs of a company network, from senders not written here, played through LL-HLS by ffprobe", () => {
  const whole = ["aac", "h264"];
  for (
    const [name, codecs] of [
      ["multicast", whole],
      ["again", whole],
      ["fec", whole],
      ["gst", ["h264"]],
      ["sdp", ["h264"]],
      ["http", whole],
      ["program", whole],
    ] as const
  ) {
    test.concurrent(name, async () => {
      await untilState(fogcast, name, "online", 40_000);
      if (["again", "program", "http"].includes(name)) return;
      const found = await probeCodecs(`${fogcast.url}/hls/${name}/index.m3u8`);
      expect([...new Set(found.map((codec) => codec.split(" ")[0]!))].sort()).toEqual([...codecs]);
    }, 90_000);
  }
});

test.concurrent(
  "one packet in six lost between ffmpeg's prompeg and us is mended, and the API says so",
  async () => {
    const mended = (more: number) =>
      until(40_000, `${more} packets mended`, async () => {
        const now = await input("fec");
        return now["packetsRecovered"]! >= more ? now : undefined;
      });
    // what was lost before the first parity came is gone
    const before = await mended(2);
    const after = await mended(before["packetsRecovered"]! + 5);
    for (const name of ["packetsLost", "packetsUnrecoverable", "tsDiscontinued", "framesDamaged"]) {
      expect([name, after[name]]).toEqual([name, before[name]]);
    }
  },
  100_000,
);

test.concurrent("random datagrams at the ports of one stream do not touch the others", async () => {
  const before = await input("again");
  const random = seededRandom(1);
  const socket = await bindUdp({}, () => {});
  socket.setMulticastInterface("127.0.0.1");
  socket.setMulticastTtl(1);
  for (let i = 0; i < 4000; i++) {
    const bytes = new Uint8Array(Math.floor(random() * 1400)).map(() => random() * 256);
    socket.send(bytes, noisy + 8, `${net}.3`);
    if (i % 50 === 0) await Bun.sleep(1);
  }
  socket.close();
  const after = await until(30_000, "more frames", async () => {
    const [other, hit] = [await input("again"), await input("gst")];
    return other["framesIn"]! > before["framesIn"]! + 10 && hit["framesIn"]! > 10 ? other : undefined;
  });
  expect(after["reconnects"]).toBe(before["reconnects"]!);
  expect(after["tsDiscontinued"]).toBe(before["tsDiscontinued"]!);
}, 60_000);
