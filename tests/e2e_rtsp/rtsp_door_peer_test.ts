// Publishers and players not written here, through the whole server: ffmpeg and GStreamer.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { type RunningFogcast, startFogcast, until } from "../peers/fogcast.ts";
import { probeCodecs } from "../peers/ffprobe.ts";
import { type Certificate, makeCertificate } from "../peers/certificate.ts";
import { gstRtspPlay } from "../peers/gst_rtsp.ts";
import { runProgram } from "../peers/run_program.ts";
import { pull } from "../ingest/rtsp/pull.ts";
import { RawPeer } from "../link/rtsp/raw_peer.ts";

/** Longest that one player may take, milliseconds. */
const PLAYER_MILLIS = 40_000;

let server: RunningFogcast;
let certificate: Certificate;
let port = 0;
let tlsPort = 0;
let api = "";
const publishers: Bun.Subprocess[] = [];

beforeAll(async () => {
  certificate = makeCertificate();
  server = await startFogcast(`
api: { listen: 127.0.0.1:0 }
rtspServer:
  listen: 127.0.0.1:0
  tls: { listen: 127.0.0.1:0, cert: ${certificate.cert}, key: ${certificate.key} }
  multicastPort: ${28_600 + 2 * (process.pid % 1900)}
streams:
  live: { source: "push://127.0.0.1" }
  secret: { source: "push://@hush" }
  any: { source: "push://" }
  kept: { source: "push://", rtspPassword: "pl:ay" }
`);
  const printed = /(\d+), (\d+)$/.exec(await server.printed(/RTSP on ports \d+, \d+/))!;
  [port, tlsPort] = [Number(printed[1]), Number(printed[2])];
  api = `http://${/API on (\S+?),/.exec(await server.printed(/API on \S+,/))![1]}`;
});

afterAll(async () => {
  for (const publisher of publishers) publisher.kill("SIGKILL");
  await server.stop();
  certificate.remove();
});

const at = (name: string, credentials = "") => `rtsp://${credentials}127.0.0.1:${port}/${name}`;

function start(...command: string[]): Bun.Subprocess {
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
  publishers.push(child);
  return child;
}

/** ffmpeg publishes a small picture with sound, in real time, until it is ended. */
function publish(
  url: string,
  transport: string,
  video: readonly string[],
  audio: readonly string[],
): Bun.Subprocess {
  const picture = ["-re", "-f", "lavfi", "-i", "testsrc2=s=160x120:r=12"];
  const sound = ["-re", "-f", "lavfi", "-i", "sine=f=440:r=48000"];
  const to = ["-f", "rtsp", "-rtsp_transport", transport, url];
  return start("ffmpeg", "-v", "error", ...picture, ...sound, ...video, ...audio, ...to);
}

const H264 = [
  "-c:v",
  "libx264",
  "-preset",
  "ultrafast",
  "-tune",
  "zerolatency",
  "-g",
  "12",
  "-pix_fmt",
  "yuv420p",
];
const AAC = ["-c:a", "aac", "-ac", "2"];

interface Session {
  readonly id: string;
  readonly stream: string;
  readonly kind: string;
  readonly protocol: string;
  readonly userAgent: string;
  readonly packets: number;
  readonly packetsLost: number;
  readonly jitterMillis: number;
  readonly roundTripMillis: number;
}

async function sessions(): Promise<readonly Session[]> {
  const answer = await fetch(`${api}/v1/sessions`);
  const found = await answer.json() as { sessions?: readonly Session[] } | readonly Session[];
  return "sessions" in found ? found.sessions ?? [] : found as readonly Session[];
}

async function online(name: string): Promise<void> {
  await until(PLAYER_MILLIS, `${name} is online`, async () => {
    const streams = await (await fetch(`${server.url}/streams.json`)).json() as {
      name: string;
      state: string;
    }[];
    return streams.find((s) => s.name === name && s.state === "online");
  });
}

async function ffprobe(url: string, transport: string): Promise<string> {
  const { out, said } = await runProgram(
    PLAYER_MILLIS,
    ...["ffprobe", "-v", "error", "-rtsp_transport", transport, "-read_intervals", "%+#20"],
    ...["-show_entries", "stream=codec_name", "-of", "csv=p=0", url],
  );
  return `${out.trim().split("\n").join(" ")}${said.includes("corrupt") || out === "" ? ` ${said}` : ""}`;
}

/** GStreamer decodes pictures of the stream. */
function gstreamer(location: string, protocols: string): Promise<0 | string> {
  return gstRtspPlay(
    PLAYER_MILLIS,
    ...[`location=${location}`, `protocols=${protocols}`, "latency=50"],
    ...["!", "application/x-rtp,media=video", "!", "rtph264depay", "!", "avdec_h264", "!"],
    ...["fakesink", "num-buffers=12", "sync=false"],
  );
}

test("what ffmpeg publishes over TCP is played in every way there is, and over LL-HLS", async () => {
  publish(at("live"), "tcp", H264, AAC);
  await online("live");
  // Without a route for it the machine sends no multicast.
  const multicast = (await runProgram(2000, "ip", "route", "get", "239.192.54.1")).code === 0;
  if (!multicast) console.warn("NOT TESTED: RTSP players over multicast, because there is no route for it");
  const players = await Promise.all([
    ffprobe(at("live"), "tcp"),
    ffprobe(at("live"), "udp"),
    ffprobe(at("live"), "http"),
    ffprobe(at("live?video=none"), "tcp"),
    gstreamer(at("live"), "tcp"),
    gstreamer(at("live"), "udp"),
    gstreamer(at("live").replace("rtsp://", "rtsph://"), "tcp"),
    probeCodecs(`${server.url}/hls/live/index.m3u8`),
    // The server's own source reads the server.
    ...["tcp", "udp"].map((transport) =>
      pull(at("live"), { values: { transport }, enough: (sink) => sink.codecs(12).length === 2 })
        .then(({ sink }) => sink.codecs(12))
    ),
    ...(multicast ? [ffprobe(at("live"), "udp_multicast"), gstreamer(at("live"), "udp-mcast")] : []),
  ]);
  const both = "h264 aac";
  const own = ["h264", "aac"];
  expect(players.slice(0, 7)).toEqual([both, both, both, "aac", 0, 0, 0]);
  expect(players.slice(7, 10)).toEqual([["aac", "h264 160x120"], own, own]);
  expect(players.slice(10)).toEqual(multicast ? [both, 0] : []);
}, 120_000);

test("sessions are seen, and stopped: the player is sent away, the stream is offline", async () => {
  const input = await until(
    20_000,
    "the publisher's session",
    async () => (await sessions()).find((s) => s.kind === "input" && s.stream === "live"),
  );
  expect(input.protocol).toBe("INPUT:RTSP");
  const agent = ["-user_agent", "watcher"];
  const play = ["-rtsp_transport", "tcp", ...agent, "-i", at("live"), "-f", "null", "-"];
  const watching = start("ffmpeg", "-v", "error", ...play);
  const viewer = await until(
    20_000,
    "the player's session",
    async () => (await sessions()).find((s) => s.kind === "viewer" && s.userAgent === "watcher"),
  );
  expect(viewer.protocol).toBe("RTSP");
  for (const { id } of [viewer, input]) {
    expect((await fetch(`${api}/v1/sessions/${id}`, { method: "DELETE" })).status).toBe(204);
  }
  await watching.exited;
  await server.printed("live: publisher has left");
}, 120_000);

test("what players report about their reception is in their sessions", async () => {
  publish(at("any+heard"), "tcp", H264, AAC);
  await online("any+heard");
  const pipeline = "latency=50 ! rtph264depay ! fakesink sync=false";
  const players = ["tcp", "udp"].map((protocols) =>
    start(
      "gst-launch-1.0",
      ..."-q rtspsrc".split(" "),
      `location=${at("any+heard")}`,
      `user-agent=${protocols}`,
      `protocols=${protocols}`,
      ...pipeline.split(" "),
    )
  );
  for (const agent of ["tcp", "udp"]) {
    const { packets, packetsLost, roundTripMillis } = await until(
      PLAYER_MILLIS,
      `a report over ${agent}`,
      async () =>
        (await sessions()).find((s) => s.kind === "viewer" && s.userAgent === agent && s.roundTripMillis > 0),
    );
    expect(packets).toBeGreaterThan(10);
    expect(packetsLost).toBe(0);
    expect(roundTripMillis).toBeLessThan(5000);
  }
  const metrics = await (await fetch(`${api}/metrics`)).text();
  expect(metrics).toMatch(/fogcast_stream_viewer_packets_sent_total\{stream="any\+heard"\} [1-9]/);
  const clients = await (await fetch(`${api}/api2`, {
    method: "POST",
    body: JSON.stringify({ clients: { fields: ["pktcount", "pktlost"], streams: ["any+heard"] } }),
  })).json() as { clients: { data: readonly (readonly number[])[] } };
  expect(clients.clients.data.filter(([sent = 0]) => sent > 10).length).toBeGreaterThan(1);
  for (const player of players) player.kill("SIGKILL");
}, 120_000);

test("passwords: in the address, by Digest, and wrong ones", async () => {
  const clip = [
    "-f",
    "lavfi",
    "-i",
    "sine=r=8000:d=0.3",
    "-c:a",
    "pcm_alaw",
    "-f",
    "rtsp",
    "-rtsp_transport",
    "tcp",
  ];
  const codes = await Promise.all(
    [at("secret"), at("secret", "joe:no@"), at("secret?pass=no"), at("cam")].map(async (url) =>
      (await runProgram(PLAYER_MILLIS, "ffmpeg", "-v", "error", ...clip, url)).code
    ),
  );
  expect(codes.every((code) => code !== 0)).toBe(true);
  // One after the other: only one at a time may publish.
  for (const url of [at("secret?pass=hush"), at("secret", "joe:hush@")]) {
    expect((await runProgram(PLAYER_MILLIS, "ffmpeg", "-v", "error", ...clip, url)).code).toBe(0);
  }
}, 120_000);

test(
  "a stream's own password: Basic and Digest, TLS and HTTP; wrong ones are 401 and never logged",
  async () => {
    publish(at("kept"), "tcp", H264, AAC);
    await online("kept");
    const secure = at("kept", "any:pl%3Aay@").replace("rtsp:", "rtsps:").replace(`:${port}/`, `:${tlsPort}/`);
    const played = await Promise.all([
      ...["tcp", "udp", "http"].map((way) => ffprobe(at("kept", "any:pl%3Aay@"), way)),
      ffprobe(secure, "tcp"),
      gstreamer(at("kept", "viewer:pl%3Aay@"), "tcp"),
      gstreamer(at("kept", "viewer:pl%3Aay@").replace("rtsp://", "rtsph://"), "tcp"),
      describeByBasic("kept", "me:pl:ay"),
    ]);
    const both = "h264 aac";
    expect(played).toEqual([both, both, both, both, 0, 0, 200]);
    const refused = await Promise.all([
      ...["", "any:wrongone@", "any:@"].map((who) => ffprobe(at("kept", who), "tcp")),
      ffprobe(at("kept", "any:wrongone@"), "http"),
      ffprobe(secure.replace("pl%3Aay", "wrongone"), "tcp"),
    ]);
    for (const said of refused) expect(said).toContain("401");
    expect(await gstreamer(at("kept", "any:wrongone@"), "tcp")).not.toBe(0);
    expect(await describeByBasic("kept", "me:wrongone")).toBe(401);
    await server.printed(/player refused: its name or password is wrong.*kept from 127\.0\.0\.1/);
    expect(server.output()).not.toMatch(/pl(:|%3A)ay|wrongone/);
  },
  120_000,
);

/** Status of a DESCRIBE that shows a name and password by Basic. */
async function describeByBasic(name: string, who: string): Promise<number> {
  const peer = await RawPeer.open(port);
  const answer = await peer.ask("DESCRIBE", at(name), { Authorization: `Basic ${btoa(who)}` });
  peer.tcp.destroy();
  return Number(answer.split(" ")[1]);
}

test("every codec that ffmpeg and GStreamer publish comes out as it went in, over UDP too", async () => {
  const codecs: readonly (readonly [string, string, readonly string[], readonly string[]])[] = [
    ["hevc opus", "udp", [
      "-c:v",
      "libx265",
      "-preset",
      "ultrafast",
      "-x265-params",
      "log-level=error:keyint=12",
    ], [
      "-c:a",
      "libopus",
    ]],
    ["vp8 pcm_mulaw", "tcp", ["-c:v", "libvpx", "-deadline", "realtime", "-g", "12"], [
      "-c:a",
      "pcm_mulaw",
      "-ar",
      "8000",
    ]],
    ["vp9 pcm_alaw", "udp", ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8", "-g", "12"], [
      ...["-c:a", "pcm_alaw", "-ar", "8000", "-strict", "experimental"],
    ]],
    ["mjpeg mp3", "udp", ["-c:v", "mjpeg", "-pix_fmt", "yuvj420p", "-huffman", "default"], [
      "-c:a",
      "libmp3lame",
    ]],
    ["h264 pcm_s16be", "udp", H264, ["-c:a", "pcm_s16be", "-ar", "44100", "-ac", "2"]],
  ];
  const played = codecs.map(async ([name, transport, video, audio]) => {
    const stream = `any+${name.replace(" ", "-")}`;
    return await readBack(stream, publish(at(stream), transport, video, audio));
  });
  const launched = ["tcp", "udp"].map((protocol) => {
    const pipeline = "videotestsrc is-live=true ! video/x-raw,width=160,height=120 ! " +
      "x264enc tune=zerolatency key-int-max=15 speed-preset=ultrafast ! h264parse ! " +
      `rtspclientsink location=${at(`any+${protocol}`)} protocols=${protocol}`;
    return readBack(`any+${protocol}`, start("gst-launch-1.0", "-q", ...pipeline.split(" ")));
  });
  expect(await Promise.all([...played, ...launched])).toEqual([
    ...codecs.map(([name]) => name),
    "h264",
    "h264",
  ]);
}, 120_000);

test("who publishes sound that cannot be read has its pictures played: ffmpeg with Speex", async () => {
  const speex = ["-c:a", "libspeex", "-ar", "16000", "-ac", "1"];
  expect(await readBack("any+speex", publish(at("any+speex"), "tcp", H264, speex))).toBe("h264");
  await server.printed(/any\+speex: publishes what cannot be read: SPEEX/i);
}, 120_000);

/** What ffprobe finds in what is published. */
async function readBack(stream: string, publisher: Bun.Subprocess): Promise<string> {
  await online(stream);
  const found = await ffprobe(at(stream), "tcp");
  publisher.kill("SIGKILL");
  return found;
}
