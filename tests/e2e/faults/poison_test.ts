import { afterAll, beforeAll, expect, test } from "bun:test";
import { ScriptedCamera } from "../../link/rtsp/scripted_camera.ts";
import { framed, rtp } from "../../link/rtsp/scripted_camera.ts";
import type { TcpConnection } from "../../../src/host/tcp.ts";
import { type ClipCamera, startClipCamera } from "../../peers/clip_camera.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { listed, streamsYaml, untilState, variantsOf } from "../../peers/fogcast_streams.ts";
import { PartReader } from "../../peers/part_reader.ts";
import { dice, mutate, recordClip } from "./poison.ts";

/** Every payload that there is a reader for, each as a media of its own. */
const FORMATS = [
  "H264/90000",
  "H265/90000",
  "AV1/90000",
  "VP8/90000",
  "VP9/90000",
  "JPEG/90000",
  "MPEG4-GENERIC/48000/2|streamtype=5;mode=AAC-hbr;sizelength=13;indexlength=3;indexdeltalength=3;config=1190",
  "MP4A-LATM/48000/2|cpresent=1",
  "OPUS/48000/2",
  "PCMU/8000",
  "PCMA/8000",
  "L16/44100/2",
  "MPA/90000",
  "VND.ONVIF.METADATA/90000",
];

function describe(): string {
  const lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0"];
  FORMATS.forEach((format, n) => {
    const [map, fmtp] = format.split("|");
    const video = format.includes("/90000") && !format.startsWith("MPA");
    lines.push(`m=${video ? "video" : "audio"} 0 RTP/AVP ${96 + n}`, `a=rtpmap:${96 + n} ${map}`);
    if (fmtp !== undefined) lines.push(`a=fmtp:${96 + n} ${fmtp}`);
    lines.push(`a=control:trackID=${n}`);
  });
  return lines.join("\r\n") + "\r\n";
}

/** Random payloads behind good RTP heads, on all channels. */
function randomPackets(roll: (below: number) => number, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, sequence) => {
    const n = roll(FORMATS.length);
    const payload = Array.from({ length: roll(200) }, () => roll(256));
    const marker = roll(2) * 0x80;
    const type = roll(50) === 0 ? roll(128) : 96 + n;
    return framed(
      2 * n + (roll(20) === 0 ? 1 : 0),
      rtp(marker | type, sequence & 0xffff, sequence * 900, payload),
    );
  });
}

/** Writes blocks with a breath between them, so that frames come at a bearable rate; then hangs up. */
function send(tcp: TcpConnection, packets: readonly Uint8Array[]): void {
  let at = 0;
  const timer = setInterval(() => {
    for (let n = 0; n < 60 && at < packets.length; n++) tcp.write(packets[at++] as Uint8Array);
    if (at < packets.length) return;
    clearInterval(timer);
    tcp.end();
  }, 10);
}

const SEEDS = [11, 12, 13];
const cameras: ScriptedCamera[] = [];
let healthy: ClipCamera;
let fogcast: RunningFogcast;
let reader: PartReader;

beforeAll(async () => {
  healthy = await startClipCamera();
  const { sdp, frames } = await recordClip(150);
  const streams: Record<string, Record<string, string>> = {
    healthy: { source: healthy.url("healthy"), transport: "tcp", alwaysOn: "true" },
  };
  const add = (name: string, camera: ScriptedCamera) => {
    cameras.push(camera);
    streams[name] = {
      source: camera.url(),
      transport: "tcp",
      timeout: "2s",
      alwaysOn: "true",
      part: "100ms",
    };
  };
  for (const seed of SEEDS) {
    const roll = dice(seed);
    const clip = await ScriptedCamera.open(sdp, (method, _count, _request, tcp) => {
      const bent = () => frames.map(({ channel, packet }) => framed(channel, mutate(packet, roll)));
      if (method === "PLAY") send(tcp, Array.from({ length: 8 }, bent).flat());
      return undefined;
    });
    add(`bent-clip-${seed}`, clip);
    const random = await ScriptedCamera.open(describe(), (method, _count, _request, tcp) => {
      if (method === "PLAY") send(tcp, randomPackets(roll, 3000));
      return undefined;
    });
    add(`random-${seed}`, random);
  }
  fogcast = await startFogcast(streamsYaml(streams));
  await untilState(fogcast, "healthy", "online");
  const [video] = await variantsOf(fogcast, "healthy");
  reader = await PartReader.open(video?.url ?? "");
}, 60_000);

afterAll(async () => {
  await reader?.close();
  await fogcast?.stop();
  for (const camera of cameras) camera.close();
  healthy?.close();
});

test("cameras that poison their streams end neither a worker nor the server", async () => {
  await until(
    60_000,
    "each was played twice",
    () => Promise.resolve(cameras.every((c) => c.accepted >= 3) || undefined),
  );
  expect(fogcast.output()).not.toMatch(/worker ended|Something went wrong|HLS stopped|Error:/);
  // what is read counts what cannot be used
  expect(fogcast.output()).toMatch(/bent-clip-11: .*(damaged|gap)/);
  readerLostNothing();
}, 100_000);

/** Says what the server said of the healthy stream where its reader found a fault. */
function readerLostNothing(): void {
  const said = fogcast.output().split("\n").filter((line) =>
    reader.faults.length > 0 && line.includes("healthy")
  );
  expect([reader.faults, said]).toEqual([[], []]);
}

/** Asks and answers the text; fails on a status or a text that a viewer must not see. */
async function look(url: string): Promise<{ status: number; text: string }> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(30_000) }).catch((e) => {
    throw new Error(`${url}: ${e}`);
  });
  const text = await answer.text();
  expect([200, 404, 406, 503]).toContain(answer.status);
  expect(text).not.toMatch(/^\s+at |\.ts:\d|Error:/m);
  return { status: answer.status, text };
}

test("their viewers get an answer without a word of the program's inside", async () => {
  const names = SEEDS.flatMap((seed) => [`bent-clip-${seed}`, `random-${seed}`]);
  let played = 0;
  await Promise.all(names.map(async (name) => {
    expect((await listed(fogcast, name))?.state).toMatch(/online|waiting|connecting|refused/);
    const folder = `${fogcast.url}/hls/${name}`;
    const paths = ["index.m3u8", "muxed/index.m3u8", "audio/index.m3u8"];
    await Promise.all(paths.map((path) => look(`${folder}/${path}`)));
    const { text } = await look(`${folder}/0/index.m3u8`);
    const parts = [...text.matchAll(/#EXT-X-PART:.*URI="([^"]+)"/g)].slice(-6);
    const answers = await Promise.all(parts.map(([, file]) => look(`${folder}/0/${file}`)));
    played += answers.filter((a) => a.status === 200).length;
  }));
  // some of what was bent is still a picture
  expect(played).toBeGreaterThan(0);
  readerLostNothing();
  expect(fogcast.output()).not.toMatch(/worker ended|Something went wrong|HLS stopped|Error:/);
}, 60_000);
