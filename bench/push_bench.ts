/**
 * Multicast out: 50 streams of 4 Mbit/s, pulled over RTSP and sent to a group each, by this server, by ffmpeg (a process
 * a stream) and by GStreamer (one process), as RTP and as MPEG-TS in UDP: all from one camera, and each from its own.
 * What each takes of the CPU for what left by a virtual cable whose card cuts no datagrams; and how evenly they leave.
 */
import { BINARY, startFogcast } from "../tests/peers/fogcast.ts";
import { openNetworkNamespace } from "../tests/peers/network_namespace.ts";
import { Cameras, streamsYaml } from "./camera.ts";
import { type Counters, counters, type Gaps, watchGaps } from "./datagram_gaps.ts";
import { printMeasurement } from "./measurement.ts";
import { cpuSeconds, processTree, threadSeconds } from "./proc_stat.ts";

const STREAMS = 50;
const BITS = 4_000_000;
const SETTLE_MILLIS = 3000;
/** After so long the code of as many threads as there are cameras is compiled. */
const COMPILED_MILLIS = 45_000;
const MEASURE_MILLIS = 5000;
/** Of the constant rate whose gaps are measured. */
const CONSTANT = 6_000_000;
const TS_DATAGRAM = 7 * 188;

type Kind = "rtp" | "ts";

interface Sender {
  /** All its processes. */
  pids(): readonly number[];
  stop(): Promise<void>;
}

const cameras = await Cameras.start(STREAMS, BITS);
const network = openNetworkNamespace();
const each = <T>(make: (n: number) => T) => Array.from({ length: STREAMS }, (_, n) => make(n));
const group = (n: number) => `239.255.${n}.1`;

/** Our server with `pushes` pushes of as many cameras; `parameters` of the targets. */
async function fogcast(kind: Kind, count: number, pushes = STREAMS, parameters = ""): Promise<Sender> {
  const target = kind === "rtp" ? "sdp" : "tsudp";
  const push = (n: number) =>
    `    p${n}: { stream: cam${n % count}, target: "${target}://${
      group(n)
    }:5004/${network.here}${parameters}" }\n`;
  const rows = Array.from({ length: pushes }, (_, n) => push(n)).join("");
  const streams = streamsYaml(cameras, count, { window: "6s" });
  const server = await startFogcast(`${streams}push:\n  auto:\n${rows}`, [BINARY]);
  return { pids: () => processTree(server.pid), stop: async () => void await server.stop() };
}

function processes(commands: readonly (readonly string[])[]): Sender {
  const children = commands.map((command) =>
    Bun.spawn([...command], { stdin: "ignore", stdout: "ignore", stderr: "ignore" })
  );
  return {
    pids: () => children.map((child) => child.pid),
    async stop() {
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(children.map((child) => child.exited));
    },
  };
}

const LISTEN = ["-loglevel", "error", "-probesize", "50000", "-analyzeduration", "500000"];

function ffmpeg(kind: Kind, count: number): Sender {
  const options = `localaddr=${network.here}&ttl=16&pkt_size=${kind === "rtp" ? 1472 : TS_DATAGRAM}`;
  return processes(each((n) => [
    ...[
      "ffmpeg",
      ...LISTEN,
      "-rtsp_transport",
      "tcp",
      "-i",
      cameras.url(n % count),
      "-map",
      "0:v",
      "-c",
      "copy",
    ],
    ...(kind === "rtp"
      ? ["-f", "rtp", `rtp://${group(n)}:5004?${options}`]
      : ["-f", "mpegts", `udp://${group(n)}:5004?${options}`]),
  ]));
}

/** The same at a constant rate, of one stream. */
function constantFfmpeg(): Sender {
  const options =
    `localaddr=${network.here}&ttl=16&pkt_size=${TS_DATAGRAM}&bitrate=${CONSTANT}&burst_bits=10528`;
  return processes([[
    ...["ffmpeg", ...LISTEN, "-rtsp_transport", "tcp", "-i", cameras.url(0), "-map", "0:v", "-c", "copy"],
    ...["-f", "mpegts", "-muxrate", `${CONSTANT}`, `udp://${group(0)}:5004?${options}`],
  ]]);
}

function gstreamer(kind: Kind, count: number): Sender {
  const payload = kind === "rtp"
    ? "rtph264pay mtu=1472 aggregate-mode=none config-interval=-1"
    : "h264parse ! mpegtsmux alignment=7";
  const pipelines = each((n) =>
    `rtspsrc location=${cameras.url(n % count)} protocols=tcp latency=0 ! rtph264depay ! ${payload}
    ! udpsink host=${group(n)} port=5004 multicast-iface=${network.device} ttl-mc=16 sync=false async=false`
  );
  return processes([["gst-launch-1.0", "-q", ...pipelines.join(" ").split(/\s+/)]]);
}

interface Cost {
  readonly megabits: number;
  readonly packetsPerSecond: number;
  /** Seconds of CPU time a gigabit. */
  readonly cpuPerGbit: number;
  readonly cpuPercent: number;
  /** Of our server: of the threads that push. */
  readonly pushingPercent: number;
}

/** Waits until as much leaves as `streams` streams are. */
async function untilSent(streams: number): Promise<void> {
  const until = performance.now() + 90_000;
  for (let before = counters(network);;) {
    await Bun.sleep(1000);
    const now = counters(network);
    if (now.bytes - before.bytes > (streams * BITS * 0.9) / 8) return;
    if (performance.now() > until) throw new Error("The streams do not all come");
    before = now;
  }
}

async function cost(sender: Sender): Promise<Cost> {
  try {
    await untilSent(STREAMS);
    return await costAfter(sender, SETTLE_MILLIS);
  } finally {
    await sender.stop();
  }
}

async function costAfter(sender: Sender, settleMillis: number): Promise<Cost> {
  await Bun.sleep(settleMillis);
  const pids = sender.pids();
  const pushing = () => threadSeconds(pids[0] ?? 0, "push");
  const cpu = cpuSeconds(pids), pushed = pushing(), from = performance.now();
  const before: Counters = counters(network);
  await Bun.sleep(MEASURE_MILLIS);
  const after = counters(network);
  const spent = cpuSeconds(pids) - cpu, pushSpent = pushing() - pushed;
  const seconds = (performance.now() - from) / 1000;
  const megabits = ((after.bytes - before.bytes) * 8) / 1e6;
  return {
    megabits: megabits / seconds,
    packetsPerSecond: (after.packets - before.packets) / seconds,
    cpuPerGbit: (spent / megabits) * 1000,
    cpuPercent: (spent / seconds) * 100,
    pushingPercent: (pushSpent / seconds) * 100,
  };
}

async function gaps(sender: Sender, bitsPerSecond: number): Promise<Gaps> {
  try {
    await untilSent(1);
    await Bun.sleep(SETTLE_MILLIS);
    return await watchGaps(network, 4000, bitsPerSecond);
  } finally {
    await sender.stop();
  }
}

/** One camera to fifty groups: a stream is pulled once, and muxed or packetized fifty times. */
async function fromOne(kind: Kind): Promise<void> {
  const row = `50 groups from one camera, ${kind === "rtp" ? "RTP" : "MPEG-TS"}`;
  const theirs = await cost(ffmpeg(kind, 1));
  const others = await cost(gstreamer(kind, 1));
  const ours = await cost(await fogcast(kind, 1));
  printMeasurement("push", `ffmpeg, ${row}`, { ...theirs });
  printMeasurement("push", `GStreamer, ${row}`, { ...others });
  const toFfmpeg = ours.cpuPerGbit / theirs.cpuPerGbit, toGstreamer = ours.cpuPerGbit / others.cpuPerGbit;
  printMeasurement("push", row, { ...ours, toFfmpeg, toGstreamer }, { toFfmpeg: { max: 0.5 } });
}

/** Fifty cameras to a group each: most of what it takes is pulling them, and at first to compile the code for that. */
async function fromEach(): Promise<void> {
  const row = "50 groups from 50 cameras, RTP";
  const theirs = await cost(ffmpeg("rtp", STREAMS));
  printMeasurement("push", `ffmpeg, ${row}`, { ...theirs });
  const sender = await fogcast("rtp", STREAMS);
  try {
    await untilSent(STREAMS);
    for (const settle of [SETTLE_MILLIS, COMPILED_MILLIS]) {
      const ours = await costAfter(sender, settle);
      const toFfmpeg = ours.cpuPerGbit / theirs.cpuPerGbit;
      const pushingToFfmpeg = (toFfmpeg * ours.pushingPercent) / ours.cpuPercent;
      const when = settle === SETTLE_MILLIS ? row : `${row}, once compiled`;
      printMeasurement("push", when, { ...ours, toFfmpeg, pushingToFfmpeg }, {
        pushingToFfmpeg: { max: 0.5 },
      });
    }
  } finally {
    await sender.stop();
  }
}

/** One stream, datagram by datagram. */
async function pacing(): Promise<void> {
  const constant = `MPEG-TS at a constant ${CONSTANT / 1e6} Mbit/s`;
  const theirs = await gaps(constantFfmpeg(), CONSTANT);
  const ours = await gaps(await fogcast("ts", 1, 1, `?rate=${CONSTANT}`), CONSTANT);
  const rtp = await gaps(await fogcast("rtp", 1, 1), 0);
  printMeasurement("push", `ffmpeg, ${constant}`, { ...theirs });
  printMeasurement("push", constant, { ...ours }, { gapErrorP99Millis: { max: 5 } });
  printMeasurement("push", "RTP as it comes", { largestBurst: rtp.largestBurst, packets: rtp.packets }, {
    largestBurst: { max: 40 },
  });
}

const wanted = process.argv.slice(2);
const run = (name: string) => wanted.length === 0 || wanted.includes(name);
try {
  for (const kind of ["rtp", "ts"] as const) if (run(kind)) await fromOne(kind);
  if (run("each")) await fromEach();
  if (run("pacing")) await pacing();
} finally {
  cameras.close();
  network.close();
}
