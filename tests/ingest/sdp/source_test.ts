import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bindUdp, type UdpSocket } from "../../../src/host/udp.ts";
import { sdpSource } from "../../../src/ingest/sdp/source.ts";
import { encodeBye } from "../../../src/wire/protocol/rtcp/bye.ts";
import { encodeReceiverReport } from "../../../src/wire/protocol/rtcp/receiver_report.ts";
import { decodeRtcp } from "../../../src/wire/protocol/rtcp/packet.ts";
import { encodeSenderReport } from "../../../src/wire/protocol/rtcp/sender_report.ts";
import { encodeRtp } from "../../../src/wire/protocol/rtp/packet.ts";
import { clipTs, rtpDatagrams, tsDatagrams } from "../../peers/clip_ts.ts";
import { eventually } from "../../eventually.ts";
import { ManualClock } from "../../manual_clock.ts";
import { ArraySink } from "../array_sink.ts";
import { undisturbed } from "../../standstill.ts";
import { freePorts } from "../free_ports.ts";
import { pull, type PullOptions } from "../rtsp/pull.ts";

const folder = mkdtempSync(join(tmpdir(), "fogcast-sdp-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
let files = 0;

function written(lines: readonly string[]): string {
  const path = join(folder, `${files++}.sdp`);
  writeFileSync(path, ["v=0", ...lines].join("\r\n"));
  return path;
}

const pullSdp = (path: string, o: PullOptions = {}) =>
  pull(path, { source: sdpSource, ...o, values: { interface: "lo", timeout: 3000, ...o.values } });

/** A telephone: G.711 in packets of 20 ms, ten times as fast as it should. */
function startTelephone(socket: UdpSocket, port: number, address: string, ssrc = 77) {
  let n = 0;
  const timer = setInterval(() => {
    const payload = new Uint8Array(160).fill(n & 0xff);
    const packet = { payloadType: 8, marker: false, sequence: n & 0xffff, timestamp: n * 160, ssrc, payload };
    socket.send(encodeRtp(packet), port, address);
    n++;
  }, 2);
  return { sent: () => n, stop: () => clearInterval(timer) };
}

async function openSender(multicast = true): Promise<UdpSocket> {
  const socket = await bindUdp({ address: multicast ? "0.0.0.0" : "127.0.0.1" }, () => {});
  if (multicast) {
    socket.setMulticastInterface("127.0.0.1");
    socket.setMulticastTtl(1);
  }
  return socket;
}

test.concurrent(
  "several receivers of one group on one box each get everything, and report to the group",
  async () => {
    const port = await freePorts(2);
    const reports: string[] = [];
    const group = "239.255.77.1";
    const ear = await bindUdp({ address: group, port: port + 1, reuseAddr: true }, (bytes) => {
      const decoded = decodeRtcp(bytes);
      if (decoded.kind === "ok") reports.push(decoded.value.map((p) => p.kind).join("+"));
    });
    ear.joinGroup(group, { interface: "127.0.0.1" });
    const sender = await openSender();
    const phone = startTelephone(sender, port, group);
    const path = written([`c=IN IP4 ${group}/1`, `m=audio ${port} RTP/AVP 8`]);
    const enough = (s: { frames: number }) => s.frames >= 600 && reports.length >= 2;
    const [a, b] = await Promise.all([pullSdp(path, { enough }), pullSdp(path, { enough })]);
    phone.stop();
    for (const { sink, error } of [a, b]) {
      expect(error).toBeUndefined();
      expect(sink.codecs()).toEqual(["alaw"]);
      const values = sink.tracks[0]!.frames.map((f) => f.data[0]!);
      expect(values.every((v, i) => i === 0 || v === ((values[i - 1]! + 1) & 0xff))).toBe(true);
    }
    expect(reports).toContain("rr+sdes");
    ear.close();
    sender.close();
  },
  25_000,
);

test.concurrent("source-specific: only the named sender is taken, and it gets the reports", async () => {
  const port = await freePorts(2);
  const group = "232.1.77.2";
  const other = await openSender();
  const ignored = startTelephone(other, port, group);
  const path = written([
    `c=IN IP4 ${group}/1`,
    `a=source-filter: incl IN IP4 ${group} 127.9.9.9`,
    `m=audio ${port} RTP/AVP 8`,
  ]);
  const silent = { values: { timeout: 1000 } };
  const { sink, error, lines, remember } = await pullSdp(path, silent);
  expect(sink.frames).toBe(0);
  expect(error?.message).toBe("nothing comes for 1 s");
  // the description that has not changed is told of once
  const told = (said: readonly string[]) => said.filter((line) => line === "info: receives PCMA");
  expect(told(lines)).toHaveLength(1);
  expect(told((await pullSdp(path, { ...silent, remember })).lines)).toEqual([]);
  ignored.stop();
  other.close();
}, 25_000);

test.concurrent(
  "unicast: reports go to who sends sender reports; a BYE alone ends nothing, with silence it does",
  // a sender that stands still for longer after its BYE is silent indeed
  () =>
    undisturbed(300, 5, async () => {
      const port = await freePorts(2);
      const reports: number[] = [];
      const sender = await bindUdp({ address: "127.0.0.1" }, (bytes) => {
        const decoded = decodeRtcp(bytes);
        if (decoded.kind === "ok") {
          for (const p of decoded.value) if (p.kind === "rr") reports.push(p.blocks[0]?.ssrc ?? 0);
        }
      });
      const phone = startTelephone(sender, port, "127.0.0.1");
      const ntp = { ntpSeconds: 3_990_000_000, ntpFraction: 0 };
      const rtcp = setInterval(() => {
        const report = { ssrc: 77, ...ntp, timestamp: phone.sent() * 160, packets: 1, octets: 1, blocks: [] };
        sender.send(encodeSenderReport(report), port + 1, "127.0.0.1");
        // anyone may say goodbye for another
        const empty = encodeReceiverReport({ ssrc: 1, blocks: [] });
        sender.send(
          new Uint8Array([...empty, ...encodeBye([77])]),
          port + 1,
          "127.0.0.1",
        );
        if (reports.length > 0 && phone.sent() > 700) phone.stop();
      }, 100);
      const path = written(["c=IN IP4 127.0.0.1", `m=audio ${port} RTP/AVP 8`]);
      const { sink, error, limited } = await pullSdp(path, { enough: () => false });
      clearInterval(rtcp);
      phone.stop();
      expect([error, limited]).toEqual([undefined, false]);
      expect(sink.frames).toBeGreaterThan(300);
      expect(reports[0]).toBe(77);
      expect(sink.clocks.some((c) => c.wall === (ntp.ntpSeconds - 2_208_988_800) * 1000)).toBe(true);
      sender.close();
    }),
  90_000,
);

test.concurrent(
  "a machine that stood still takes what it did not do for no silence of the sender",
  async () => {
    const port = await freePorts(2);
    const sender = await openSender(false);
    const clock = new ManualClock();
    const sink = new ArraySink();
    let over = false;
    const path = written(["c=IN IP4 127.0.0.1", `m=audio ${port} RTP/AVP 8`]);
    const pulling = pullSdp(path, { clock, sink, enough: () => false }).finally(() => over = true);
    let n = 0;
    const send = () => {
      const payload = new Uint8Array(160);
      const packet = { payloadType: 8, marker: false, sequence: n, timestamp: n++ * 160, ssrc: 77, payload };
      return sender.send(encodeRtp(packet), port, "127.0.0.1");
    };
    await eventually(() => send() && sink.frames > 5);
    const report = {
      ssrc: 77,
      ntpSeconds: 3_990_000_000,
      ntpFraction: 0,
      timestamp: 0,
      packets: 1,
      octets: 1,
    };
    const goodbye = new Uint8Array([...encodeSenderReport({ ...report, blocks: [] }), ...encodeBye([77])]);
    sender.send(goodbye, port + 1, "127.0.0.1");
    const wall = (report.ntpSeconds - 2_208_988_800) * 1000;
    await eventually(() => sink.clocks.some((c) => c.wall === wall), () => sink.clocks);
    const before = sink.frames;
    send();
    clock.stall(1500);
    await eventually(() => sink.frames > before);
    clock.advance(100);
    await Bun.sleep(20);
    expect(over).toBe(false);
    // now it is silent indeed
    for (let t = 0; t < 7; t++) {
      clock.advance(100);
      await Bun.sleep(1);
    }
    const { error, limited } = await pulling;
    expect([error, limited]).toEqual([undefined, false]);
    sender.close();
  },
  25_000,
);

test.concurrent("a description that changes is read anew", async () => {
  const port = await freePorts(2);
  const lines = ["c=IN IP4 127.0.0.1", `m=audio ${port} RTP/AVP 8`];
  const path = written(lines);
  let changes = 0;
  const change = setInterval(
    () => writeFileSync(path, ["v=0", `s=change ${changes++}`, ...lines].join("\r\n")),
    100,
  );
  const { error } = await pullSdp(path, { values: { timeout: 10_000 }, limitMillis: 15_000 });
  clearInterval(change);
  expect(error?.message).toBe("the description has changed");
}, 25_000);

test.concurrent("what cannot be received is said with its line", async () => {
  const path = written(["c=IN IP4 127.0.0.1", "m=video 0 RTP/AVP 96", "m=audio 5004 RTP/AVP 4"]);
  expect((await pullSdp(path)).error?.message).toBe(
    "line 3: m=video has port 0, which switches it off; line 4: m=audio is G723, which fogcast does not read",
  );
  expect((await pullSdp(join(folder, "none.sdp"))).error?.message).toContain("no such file");
}, 25_000);

test.concurrent("a description of a transport stream is received as one, in RTP or without", async () => {
  const [port, plain] = [await freePorts(6), await freePorts(6)];
  const sender = await openSender(false);
  const clip = clipTs(6);
  const [wrapped, raw] = [rtpDatagrams(clip), tsDatagrams(clip)];
  let n = 0;
  const timer = setInterval(() => {
    for (let i = 0; i < 4; i++, n++) {
      sender.send(wrapped[n % wrapped.length]!, port, "127.0.0.1");
      sender.send(raw[n % raw.length]!, plain, "127.0.0.1");
    }
  }, 2);
  const found = await Promise.all([
    pullSdp(written(["c=IN IP4 127.0.0.1", `m=video ${port} RTP/AVP 33`])),
    pullSdp(written(["c=IN IP4 127.0.0.1", `m=video ${plain} UDP 33`])),
  ]);
  clearInterval(timer);
  sender.close();
  for (const { sink, error } of found) {
    expect(error).toBeUndefined();
    expect(sink.codecs()).toEqual(["h264", "aac"]);
  }
}, 25_000);

test.concurrent("a description is read over HTTP; a server that refuses it is said", async () => {
  const port = await freePorts(2);
  const server = Bun.serve({
    port: 0,
    fetch: (request) =>
      new URL(request.url).pathname === "/studio.sdp"
        ? new Response(`v=0\r\nc=IN IP4 127.0.0.1\r\nm=audio ${port} RTP/AVP 8\r\n`)
        : new Response("", { status: 404 }),
  });
  const at = `127.0.0.1:${server.port}`;
  const sender = await openSender(false);
  const phone = startTelephone(sender, port, "127.0.0.1");
  const { sink, error } = await pullSdp(`http://${at}/studio.sdp`);
  phone.stop();
  sender.close();
  expect(error).toBeUndefined();
  expect(sink.codecs()).toEqual(["alaw"]);
  const gone = await pullSdp(`http://${at}/gone.sdp`);
  expect([gone.error?.message, gone.error?.constructor.name]).toEqual([`${at} answers 404`, "Refused"]);
  void server.stop(true);
}, 25_000);
