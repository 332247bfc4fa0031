import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ClipCamera, startClipCamera } from "../../peers/clip_camera.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { type NetworkNamespace, openNetworkNamespace } from "../../peers/network_namespace.ts";
import { runProgram } from "../../peers/run_program.ts";
import { checkTr101290 } from "../../peers/tr101290.ts";
import { freePort } from "../guardian/guarded.ts";
import { CLIP_FRAMES_PER_SECOND } from "../../../src/app/demo/clip.ts";
import { type UpgradedPushes, upgradePushes } from "./upgraded_pushes.ts";
import { bindUdp } from "../../../src/host/udp.ts";
import { readPcr } from "../../../src/wire/container/ts/packet.ts";

/** A second network; undefined where none may be made. */
function openNetwork(): NetworkNamespace | undefined {
  try {
    return openNetworkNamespace();
  } catch (e) {
    console.warn(`SKIPPED: pushes to another network: ${e instanceof Error ? e.message : String(e)}`);
    return undefined;
  }
}
const network = openNetwork();

const there = network?.there ?? "127.0.0.1";

let folder: string;
let camera: ClipCamera;
let server: RunningFogcast;
let api: string;

/** Another server, upgraded while the other tests run. */
let upgraded: Promise<UpgradedPushes>;

beforeAll(async () => {
  upgraded = upgradePushes();
  // said by the test that waits for it
  upgraded.catch(() => undefined);
  folder = await mkdtemp(join(tmpdir(), "fogcast-push-"));
  camera = await startClipCamera();
  const here = network?.here ?? "127.0.0.1";
  server = await startFogcast(
    `streams:
  door: { source: "${camera.url("door")}", alwaysOn: true }
push:
  auto:
    sdp: { stream: door, target: "${folder}/$stream.sdp?interface=${here}" }
    ssm: { stream: door, target: "sdp://232.1.2.3:5010/${here}?file=${folder}/ssm.sdp&audio=none" }
    ts: { stream: door, target: "tsudp://239.255.1.2:5000/${here}" }
    unicast: { stream: door, target: "tsudp://${there}:5100" }
    fec: { stream: door, target: "tsrtp://${there}:5200?fec=prompeg&columns=5&rows=10&drop=2&pkts=2" }
`,
  );
  if (network !== undefined) repaired = repair();
  api = (await server.printed(/API on (\S+?),/)).replace(/API on (\S+),/, "http://$1");
});

afterAll(async () => {
  await server.stop();
  camera.close();
  await rm(folder, { recursive: true, force: true });
  network?.close();
});

/** Between two pictures of the camera. */
const VIDEO_TICKS = 90_000 / CLIP_FRAMES_PER_SECOND;

type Row = readonly [number, string, string, string, unknown, Readonly<Record<string, number>>];

/** Packets of protected TS that GStreamer is to make. */
const REPAIRED = 800;
/** What came before the first whole matrix, and after the last, has no parity: so many packets are not looked at. */
const HEAD = 300;
const TAIL = 150;
/** What GStreamer makes of protected TS; it receives while the other tests run. */
let repaired: Promise<Uint8Array>;
async function repair(): Promise<Uint8Array> {
  const out = join(folder, "fec.ts");
  const media = "application/x-rtp,media=video,payload=33,clock-rate=90000,encoding-name=MP2T";
  const parity = "application/x-rtp,media=application,payload=96,clock-rate=90000,encoding-name=2022-1-fec";
  // columns come behind their matrix, of half a second: what waits for them must wait longer
  const pipeline =
    `rtpst2022-1-fecdec name=d size-time=3000000000 ! rtpjitterbuffer latency=1500 ! rtpmp2tdepay
    ! filesink buffer-mode=unbuffered location=${out} udpsrc port=5200 caps=${media} ! d.sink
    udpsrc port=5202 caps=${parity} ! d.fec_0 udpsrc port=5204 caps=${parity} ! d.fec_1`;
  const command = [...network?.prefix ?? [], "gst-launch-1.0", "-q", "-e", ...pipeline.split(/\s+/)];
  // what it makes of its first packets depends on which those are: one that is stuck begins again
  for (let attempt = 1;; attempt++) {
    const receiver = Bun.spawn(command, { stdin: "ignore", stdout: "ignore", stderr: "inherit" });
    try {
      await until(10_000, "repaired TS", () => {
        const enough = existsSync(out) && statSync(out).size > REPAIRED * 188;
        return Promise.resolve(enough || undefined);
      });
      break;
    } catch (e) {
      if (attempt === 3) throw e;
    } finally {
      receiver.kill("SIGINT");
      await receiver.exited;
    }
  }
  return new Uint8Array(readFileSync(out));
}

/** Bits per second of a stream by its own clock. */
function rateOf(stream: Uint8Array): number {
  const seen: { at: number; pcr: number }[] = [];
  for (let at = 0; at < stream.length; at += 188) {
    const hasPcr = ((stream[at + 3] as number) & 0x20) !== 0 && (stream[at + 4] as number) > 6 &&
      ((stream[at + 5] as number) & 0x10) !== 0;
    if (hasPcr) seen.push({ at, pcr: readPcr(stream, at + 6) });
  }
  const [first, last] = [seen[0], seen.at(-1)];
  if (first === undefined || last === undefined) return NaN;
  return ((last.at - first.at) * 8) / ((last.pcr - first.pcr) / 27e6);
}

/** Runs a program at the other end of the cable. */
const over = (...command: string[]) => runProgram(20_000, ...network?.prefix ?? [], ...command);
const probe = (...from: string[]) =>
  over(
    "ffprobe",
    "-v",
    "error",
    "-analyzeduration",
    "1000000",
    "-show_entries",
    "stream=codec_name,width,channels",
    "-of",
    "csv=p=0",
    ...from,
  );
/** What ffprobe finds by an announcement alone: it listens before the session begins. */
async function announced() {
  const found = probe("sap://239.195.255.255:9875");
  await Bun.sleep(500);
  await command({ push_start: ["door", `sdp://239.194.7.7:5020/${network?.here}?sap=true`] });
  return await found;
}
const command = async (commands: unknown) =>
  await (await fetch(`${api}/api2`, { method: "POST", body: JSON.stringify(commands) })).json();

describe.skipIf(network === undefined)("what a stream sends by itself", () => {
  test(
    "multicast: ffprobe and GStreamer open the SDP file, ffprobe finds the announcement and the source's own group",
    async () => {
      const file = join(folder, "door.sdp");
      await until(10_000, "an SDP file", () => Promise.resolve(existsSync(file) || undefined));
      await until(
        10_000,
        "the second SDP file",
        () => Promise.resolve(existsSync(join(folder, "ssm.sdp")) || undefined),
      );
      const text = readFileSync(file, "utf8");
      expect(text).toMatch(
        /^v=0\r\no=- \d+ 1 IN IP4 10\.77\.\d+\.1\r\ns=door\r\nc=IN IP4 239\.19[2-5]\.\d+\.\d+\/16\r\n/,
      );
      expect(readFileSync(join(folder, "ssm.sdp"), "utf8")).toContain(
        `a=source-filter: incl IN IP4 232.1.2.3 ${network?.here}\r\n`,
      );
      const served = await fetch(`${server.url}/door.sdp`);
      expect([served.status, served.headers.get("content-type")]).toEqual([200, "application/sdp"]);
      expect(readdirSync(folder).map((name) => readFileSync(join(folder, name), "utf8"))).toContain(
        await served.text(),
      );
      expect((await fetch(`${server.url}/other.sdp`)).status).toBe(404);
      const [sdp, ssm, sap, ts, gst] = await Promise.all([
        probe("-protocol_whitelist", "file,udp,rtp", file),
        probe("-protocol_whitelist", "file,udp,rtp", join(folder, "ssm.sdp")),
        announced(),
        // parameter sets come with the next key frame
        probe("-analyzeduration", "4000000", "udp://239.255.1.2:5000?timeout=8000000"),
        over(
          ..."gst-launch-1.0 -q filesrc".split(" "),
          `location=${file}`,
          ..."! sdpdemux latency=200 ! rtph264depay ! h264parse ! avdec_h264 ! fakesink num-buffers=25".split(
            " ",
          ),
        ),
      ]);
      expect(sdp.out).toContain("h264,640\naac,2");
      expect(ssm.out.trim()).toBe("h264,640");
      expect(sap.out).toContain("h264,640\naac,2");
      expect(ts.out).toContain("h264,640\naac,2");
      expect([gst.code, gst.said]).toEqual([0, ""]);
    },
    90_000,
  );

  test("RTP with parity: GStreamer repairs what was dropped on purpose", async () => {
    const whole = await repaired;
    const report = checkTr101290(whole.subarray(HEAD * 188, whole.length - TAIL * 188), {
      tablesMillis: 500,
    });
    expect(report.packets).toBeGreaterThan(REPAIRED - HEAD - TAIL - 10);
    // 2 % of the datagrams, of two packets each, are gone; four that make a rectangle of the matrix would stay so
    expect(report.errors.get("1.4 Continuity_count_error") ?? 0).toBeLessThanOrEqual(1);
    // two packets in a datagram, and parity besides
    await until(20_000, "counts of what was sent", async () => {
      const { push_list: pushes } = await command({ push_list: true });
      const sent = (pushes as Row[]).find((p) => p[3].startsWith("tsrtp"))?.[5];
      return Number(sent?.["pkt_sent_count"]) > (REPAIRED / 2) * 1.1 || undefined;
    });
  }, 90_000);
});

describe("pushes by hand", () => {
  test(
    "a constant rate over the API: PCR and tables in time, the rate as asked, and it ends when told",
    async () => {
      const chunks: Uint8Array[] = [];
      // room for what comes while the machine stands still
      const socket = await bindUdp(
        { address: "127.0.0.1", receiveBufferBytes: 4 << 20 },
        (bytes) => void chunks.push(bytes.slice()),
      );
      const target = `tsudp://127.0.0.1:${socket.port}?rate=3000000`;
      const started = await command({ push_start: { stream: "door", target } });
      const id = (started.push_list as [number, string, string][]).find((p) => p[2] === target)?.[0];
      await until(20_000, "a second of TS", () => Promise.resolve(chunks.length > 300 || undefined));
      await command({ push_stop: id });
      await until(20_000, "its end", async () => {
        const { push_list: rows } = await command({ push_list: true });
        return (rows as [number][]).every((p) => p[0] !== id) || undefined;
      });
      socket.close();
      expect(chunks.every((c) => c.length === 7 * 188)).toBe(true);
      const stream = new Uint8Array(chunks.length * 1316);
      chunks.forEach((c, n) => stream.set(c, n * 1316));
      const report = checkTr101290(stream, { accuracyNanos: 500 });
      expect(Object.fromEntries(report.errors)).toEqual({});
      expect(report.pcrInterval).toBeLessThanOrEqual(40);
      expect(rateOf(stream)).toBeCloseTo(3_000_000, -4);
    },
    90_000,
  );

  test("TS over TCP: ffprobe listens, and reads what is sent to it", async () => {
    const port = freePort();
    const found = runProgram(
      25_000,
      ...["ffprobe", "-v", "error", "-show_entries", "stream=codec_name,width,channels", "-of", "csv=p=0"],
      ...["-analyzeduration", "4000000", `tcp://127.0.0.1:${port}?listen=1&listen_timeout=15000`],
    );
    const target = `tstcp://127.0.0.1:${port}`;
    // it listens only when it has loaded: until then pushes end at once
    await until(15_000, "a push that sends", async () => {
      const { push_list: rows } = await command({ push_list: true });
      const push = (rows as Row[]).find((row) => row[2] === target);
      if (push === undefined) await command({ push_start: ["door", target] });
      return Number(push?.[5]["bytes"]) > 0 || undefined;
    });
    expect((await found).out).toContain("h264,640\naac,2");
  }, 90_000);

  test("what cannot be sent is refused with the reason", async () => {
    expect(await command({ push_start: ["door", "tsudp://nowhere"] })).toMatchObject({
      push_start: { error: "expected tsudp://host:port, or tsudp://host:port/interface" },
    });
    const bad = "tsrtp://127.0.0.1:5300?fec=prompeg&columns=20&rows=20";
    expect(await command({ push_start: ["door", bad] })).toMatchObject({
      push_start: { error: "Cannot protect by 20 × 20: expected at most 100 packets in a matrix, got 400" },
    });
  });

  test("a push that the system sends nothing of says so, and that all of it is lost", async () => {
    // broadcasts are only for sockets that ask for them: refused on every machine
    const started = await command({ push_start: ["door", "tsudp://255.255.255.255:5000"] });
    const id = (started.push_list as [number, string, string][]).find((p) => p[2].includes("255.255.255"))
      ?.[0];
    await server.printed("the system takes no datagrams for 255.255.255.255:5000");
    await until(10_000, "all of it to be lost", async () => {
      const { push_list } = await command({ push_list: true });
      const status = (push_list as [number, string, string, string, unknown, Record<string, number>][])
        .find((p) => p[0] === id)?.[5];
      if (status === undefined) throw new Error(`no push ${id}: ${JSON.stringify(push_list)}`);
      return status["pkt_sent_count"] === 0 && status["pkt_loss_perc"] === 100 || undefined;
    });
    await command({ push_stop: [id] });
  }, 30_000);

  test("the SDP file is gone when its push has ended, and all ends with the server", async () => {
    const file = join(folder, "own.sdp");
    const started = await command({ push_start: ["door", `sdp://127.0.0.1:5400?file=${file}`] });
    const id = (started.push_list as [number, string, string][]).find((p) => p[2].includes("own.sdp"))?.[0];
    await until(10_000, "an SDP file", () => Promise.resolve(existsSync(file) || undefined));
    await command({ push_stop: [id] });
    await until(20_000, "no SDP file", () => Promise.resolve(!existsSync(file) || undefined));
  }, 60_000);
});

test(
  "an upgrade takes pushes along, automatic ones and one by hand: the old ones end, then the new ones begin",
  async () => {
    const { code, text, senders, sessions, rtp, byHand } = await upgraded;
    expect([code, text]).toEqual([0, text]);
    // never both at once
    expect(senders.length).toBe(2);
    // receivers of RTP see one session, and no end of it
    expect(sessions[0]).toStartWith("v=0");
    expect(sessions[1]).toBe(sessions[0] as string);
    const [last, first] = rtp.border;
    expect(rtp.border).toHaveLength(2);
    expect(first?.ssrc).toBe(last?.ssrc as number);
    expect(first?.sequence).toBe(((last?.sequence as number) + 1) & 0xffff);
    // the frame that follows, which may come an eighth early
    const frames = (((first?.timestamp as number) - (last?.timestamp as number)) >>> 0) / VIDEO_TICKS;
    expect(frames).toBeGreaterThan(0.8);
    expect(frames).toBeLessThan(1.2);
    expect(rtp.byes).toBe(0);
    expect(byHand.senders.length).toBe(2);
    expect(byHand.listed[0]).toHaveLength(4);
    // its number, stream and target
    expect(byHand.listed[1]).toEqual(byHand.listed[0] as unknown[]);
  },
  120_000,
);
