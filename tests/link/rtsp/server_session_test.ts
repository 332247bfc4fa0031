import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/host/clock.ts";
import { bindUdp, type UdpSocket } from "../../../src/host/udp.ts";
import type { Asked, Playing, PlaySession, Publishing } from "../../../src/link/rtsp/served.ts";
import { type RtspServerOptions, serveRtsp } from "../../../src/link/rtsp/server.ts";
import { encodeBye } from "../../../src/wire/protocol/rtcp/bye.ts";
import { PacketBatch } from "../../../src/wire/protocol/rtp/packetize/packet_place.ts";
import { PacketWriter } from "../../../src/wire/protocol/rtp/packetize/packetizer.ts";
import { eventually } from "../../eventually.ts";
import { fieldOf, RawPeer, request, statusOf } from "./raw_peer.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {}, debugging: false };
const SDP = "v=0\r\no=- 1 1 IN IP4 0.0.0.0\r\ns=-\r\nt=0 0\r\nm=video 0 RTP/AVP 96\r\n" +
  "a=rtpmap:96 H264/90000\r\na=control:trackID=7\r\n";
const STREAM = { sdp: SDP, tracks: [{ control: "trackID=7", clockRate: 90_000 }] };
const TCP = { Transport: "RTP/AVP/TCP;unicast;interleaved=2-3" };

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).reverse().forEach((close) => close()));

async function serve(o: Partial<RtspServerOptions> = {}) {
  const server = await serveRtsp({
    host: "127.0.0.1",
    port: 0,
    clock: systemClock,
    log: quiet,
    describe: (path) => path === "a" ? STREAM : undefined,
    ...o,
  });
  closers.push(() => server.close());
  return server;
}

async function peerOf(server: { readonly port: number }): Promise<RawPeer> {
  const peer = await RawPeer.open(server.port);
  closers.push(() => peer.tcp.destroy());
  return peer;
}

async function socket(on: (bytes: Uint8Array) => void = () => {}): Promise<UdpSocket> {
  const udp = await bindUdp({ address: "127.0.0.1" }, (bytes) => on(bytes.slice()));
  closers.push(() => udp.close());
  return udp;
}

/** A batch of three packets, numbered from 40 on. */
function batchOfThree(): PacketBatch {
  const batch = new PacketBatch(200);
  const writer = new PacketWriter({ payloadType: 96, ssrc: 9, sequence: 40, packetMax: 200 }, batch);
  for (let i = 0; i < 3; i++) writer.sendPiece([i], new Uint8Array(10), 0, 10, 7000, i === 2);
  return batch;
}

function recordingCue() {
  const sessions: PlaySession[] = [];
  const heard: string[] = [];
  const cue = (session: PlaySession) => ({
    heads: new Map(session.tracks.map((n) => [n, { sequence: 40, timestamp: 7000 }])),
    begin(): Playing {
      sessions.push(session);
      return {
        stop: () => void heard.push("stop"),
        rtcp: (track, bytes) => void heard.push(`rtcp ${track} ${bytes.length}`),
      };
    },
  });
  return { sessions, heard, cue };
}

describe("a player", () => {
  test("is told where the stream begins, pauses, plays again and tears down", async () => {
    const { sessions, heard, cue } = recordingCue();
    const server = await serve({ cue });
    const peer = await peerOf(server);
    const uri = `rtsp://127.0.0.1:${server.port}/a?video=1`;
    expect(fieldOf(await peer.ask("OPTIONS", uri), "Public")).toContain("PAUSE");
    const described = await peer.ask("DESCRIBE", uri);
    const base = fieldOf(described, "Content-Base");
    expect(base).toBe(`rtsp://127.0.0.1:${server.port}/a/`);
    expect(described.endsWith(SDP)).toBe(true);
    const set = await peer.ask("SETUP", `${base}trackID=7`, TCP);
    const session = fieldOf(set, "Session");
    expect(session).toMatch(/^[0-9a-f]{16};timeout=60$/);
    expect(statusOf(await peer.ask("PAUSE", base))).toBe(455);
    const played = await peer.ask("PLAY", base, { Session: session.split(";")[0]!, Range: "npt=0-" });
    expect(fieldOf(played, "Range")).toBe("npt=now-");
    expect(fieldOf(played, "RTP-Info")).toBe(`url=${base}trackID=7;seq=40;rtptime=7000`);
    expect(sessions[0]?.asked.query("video")).toBe("1");
    expect(sessions[0]?.batch(0, batchOfThree(), 1, 3)).toBe(2 * (4 + 12 + 11));
    await eventually(() => [...peer.received].filter((c) => c === "$").length === 2);
    expect(peer.received).toContain("$\x02\x00\x17\x80\x60\x00\x29");
    peer.tcp.write(Uint8Array.of(0x24, 3, 0, 8, 0x80, 201, 0, 1, 0, 0, 0, 9));
    expect(statusOf(await peer.ask("PLAY", base))).toBe(200);
    expect(statusOf(await peer.ask("PAUSE", base))).toBe(200);
    expect(statusOf(await peer.ask("PLAY", base))).toBe(200);
    expect(statusOf(await peer.ask("PLAY", base, { Session: "other" }))).toBe(454);
    expect(statusOf(await peer.ask("GET_PARAMETER", base))).toBe(200);
    expect(statusOf(await peer.ask("TEARDOWN", base))).toBe(200);
    expect(heard).toEqual(["rtcp 0 8", "stop", "stop"]);
    expect(sessions.length).toBe(2);
  });

  test("gets batches as datagrams from ports that all players share, and is heard by its own port", async () => {
    const { sessions, heard, cue } = recordingCue();
    const server = await serve({ cue });
    const got: Uint8Array[][] = [[], []];
    const ports: string[] = [];
    for (const packets of got) {
      const udp = await socket((bytes) => packets.push(bytes));
      const rtcp = await socket();
      const peer = await peerOf(server);
      const uri = `rtsp://127.0.0.1:${server.port}/a`;
      await peer.ask("DESCRIBE", uri);
      const set = await peer.ask("SETUP", `${uri}/trackID=7`, {
        Transport: `RTP/AVP;unicast;client_port=${udp.port}-${rtcp.port}`,
      });
      ports.push(/server_port=([\d-]+)/.exec(set)?.[1] ?? "");
      expect(statusOf(await peer.ask("PLAY", uri))).toBe(200);
      rtcp.send(new Uint8Array(8 + ports.length * 4), Number(ports[0]!.split("-")[1]), "127.0.0.1");
    }
    expect(ports[0]).toBe(ports[1]!);
    for (const session of sessions) expect(session.batch(0, batchOfThree(), 0, 3)).toBe(3 * 23);
    await eventually(() => got.every((packets) => packets.length === 3));
    expect(got[1]?.map((p) => p[3])).toEqual([40, 41, 42]);
    await eventually(() => heard.length === 2);
    expect(new Set(heard)).toEqual(new Set(["rtcp 0 12", "rtcp 0 16"]));
  });

  test("who asks for multicast is told the group, and leaves it at the end", async () => {
    let left = 0;
    const group = {
      address: "239.1.2.3",
      ports: [30_000, 30_001] as const,
      ttl: 4,
      leave: () => void left++,
    };
    const { sessions, cue } = recordingCue();
    const stream = { sdp: SDP, tracks: [{ ...STREAM.tracks[0]!, multicast: () => Promise.resolve(group) }] };
    const server = await serve({ cue, describe: () => stream });
    const peer = await peerOf(server);
    const uri = `rtsp://127.0.0.1:${server.port}/a`;
    await peer.ask("DESCRIBE", uri);
    const set = await peer.ask("SETUP", `${uri}/trackID=7`, { Transport: "RTP/AVP;multicast" });
    expect(fieldOf(set, "Transport"))
      .toBe("RTP/AVP;multicast;destination=239.1.2.3;source=127.0.0.1;ttl=4;port=30000-30001");
    await peer.ask("PLAY", uri);
    expect([sessions[0]?.isMulticast(0), sessions[0]?.batch(0, batchOfThree(), 0, 3)]).toEqual([true, 0]);
    await peer.ask("TEARDOWN", uri);
    expect(left).toBe(1);
  });

  test("requests come whole, however they are cut; SETUP without DESCRIBE opens the stream", async () => {
    const { sessions, cue } = recordingCue();
    const server = await serve({ cue });
    const peer = await peerOf(server);
    const uri = `rtsp://127.0.0.1:${server.port}/a`;
    await peer.drip(
      request("GET_PARAMETER", uri) + request("SETUP", `${uri}/trackID=7`, TCP) + request("PLAY", uri),
    );
    for (const status of [200, 200, 200]) expect(statusOf(await peer.answer())).toBe(status);
    expect(sessions.length).toBe(1);
  });
});

describe("credentials", () => {
  const askedOf = (server: { readonly port: number }) => `rtsp://127.0.0.1:${server.port}/a`;

  test("Basic is a proof of the password, which describe() looks at", async () => {
    const proofs: Asked["proof"][] = [];
    const server = await serve({
      describe(_path, asked) {
        proofs.push(asked.proof);
        return asked.proof.kind === "none" ? { status: 401, reason: "" } : STREAM;
      },
    });
    const peer = await peerOf(server);
    const refused = await peer.ask("DESCRIBE", askedOf(server));
    expect(statusOf(refused)).toBe(401);
    expect(refused.match(/^WWW-Authenticate: \w+/gm)).toEqual([
      "WWW-Authenticate: Digest",
      "WWW-Authenticate: Digest",
      "WWW-Authenticate: Basic",
    ]);
    const basic = { Authorization: `Basic ${btoa("joe:a:b")}` };
    expect(statusOf(await peer.ask("DESCRIBE", askedOf(server), basic))).toBe(200);
    expect(proofs[1]).toEqual({ kind: "password", user: "joe", password: "a:b" });
  });

  test("who guesses is cut off", async () => {
    const server = await serve({ auth: { user: "u", password: "p", realm: "r" } });
    const peer = await peerOf(server);
    const wrong = { Authorization: `Basic ${btoa("u:no")}` };
    for (let i = 0; i < 9; i++) await peer.ask("DESCRIBE", askedOf(server), wrong);
    await eventually(() => peer.closed);
  });
});

describe("a publisher", () => {
  function recording() {
    const heard: string[] = [];
    let out: Parameters<Publishing["begin"]>[0] | undefined;
    const publishing: Publishing = {
      controls: ["streamid=0", "streamid=1"],
      setUp: (media, datagrams) => {
        heard.push(`set up ${media} ${datagrams}`);
        return media === 0;
      },
      begin: (o) => void (out = o),
      rtp: (media, bytes) => void heard.push(`rtp ${media} ${bytes[0]}`),
      rtcp: (media, bytes) => void heard.push(`rtcp ${media} ${bytes[1]}`),
      stop: () => void heard.push("stop"),
    };
    return { heard, publishing, out: () => out };
  }

  test("announces, sets up, records and leaves", async () => {
    const { heard, publishing, out } = recording();
    let announced = "";
    const server = await serve({
      announce(asked, sdp) {
        announced = `${asked.path} ${asked.query("pass")} ${asked.url.includes("hush")} ${sdp.length}`;
        return publishing;
      },
    });
    const peer = await peerOf(server);
    const uri = `rtsp://127.0.0.1:${server.port}/live/%78?pass=hush`;
    const announce = { "Content-Type": "application/sdp" };
    expect(statusOf(await peer.ask("ANNOUNCE", uri, announce, SDP))).toBe(200);
    expect(announced).toBe(`live/x hush false ${SDP.length}`);
    expect(statusOf(await peer.ask("RECORD", uri))).toBe(455);
    const mode = { Transport: "RTP/AVP/TCP;unicast;interleaved=4-5;mode=record" };
    expect(fieldOf(await peer.ask("SETUP", `${uri}/streamid=0`, mode), "Transport")).toContain(
      "interleaved=4-5",
    );
    expect(statusOf(await peer.ask("SETUP", `${uri}/streamid=1`, mode))).toBe(415);
    peer.tcp.write(Uint8Array.of(0x24, 4, 0, 1, 99));
    expect(statusOf(await peer.ask("RECORD", uri))).toBe(200);
    peer.tcp.write(Uint8Array.of(0x24, 4, 0, 1, 1, 0x24, 5, 0, 2, 0, 200, 0x24, 6, 0, 1, 1));
    out()?.rtcp(0, Uint8Array.of(7, 7));
    await eventually(() => peer.received.includes("$\x05\x00\x02\x07\x07"));
    await peer.ask("TEARDOWN", uri);
    expect(heard).toEqual(["set up 0 false", "set up 1 false", "rtp 0 1", "rtcp 0 200", "stop"]);
  });

  test("sends datagrams, and nobody else says goodbye for it", async () => {
    const { heard, publishing } = recording();
    const server = await serve({ announce: () => publishing });
    const peer = await peerOf(server);
    const [rtp, rtcp, stranger] = [await socket(), await socket(), await socket()];
    const uri = `rtsp://127.0.0.1:${server.port}/live`;
    await peer.ask("ANNOUNCE", uri, {}, SDP);
    const set = await peer.ask("SETUP", `${uri}/streamid=0`, {
      Transport: `RTP/AVP/UDP;unicast;client_port=${rtp.port}-${rtcp.port};mode=record`,
    });
    const [to = 0, toRtcp = 0] = /server_port=(\d+)-(\d+)/.exec(set)!.slice(1).map(Number);
    await peer.ask("RECORD", uri);
    stranger.send(encodeBye([1]), toRtcp, "127.0.0.1");
    stranger.send(Uint8Array.of(66), to, "127.0.0.1");
    rtp.send(Uint8Array.of(77), to, "127.0.0.1");
    rtcp.send(encodeBye([1]), toRtcp, "127.0.0.1");
    await eventually(() => heard.length === 3);
    expect(new Set(heard.slice(1))).toEqual(new Set(["rtp 0 77", "rtcp 0 203"]));
    peer.tcp.destroy();
    await eventually(() => heard.at(-1) === "stop");
  });

  test("is refused with a reason; without somebody to announce to there is no such method", async () => {
    const refusing = await peerOf(
      await serve({ announce: () => ({ status: 403, reason: "not from\r\nhere" }) }),
    );
    const answer = await refusing.ask("ANNOUNCE", "rtsp://h/live", {}, SDP);
    expect(answer.split("\r\n")[0]).toBe("RTSP/1.0 403 not from here");
    const plain = await peerOf(await serve());
    expect(statusOf(await plain.ask("ANNOUNCE", "rtsp://h/live", {}, SDP))).toBe(501);
  });
});

test("connections without a session are bounded: the oldest goes, and a new player is served", async () => {
  const { cue } = recordingCue();
  const server = await serve({ cue, halfOpenMax: 20 });
  const player = await peerOf(server);
  const uri = `rtsp://127.0.0.1:${server.port}/a`;
  await player.ask("SETUP", `${uri}/trackID=7`, TCP);
  const idle = await Promise.all(Array.from({ length: 50 }, () => peerOf(server)));
  await eventually(() => idle.filter((peer) => peer.closed).length === 30 && server.connections === 21);
  // It came before them all and has a session.
  expect(statusOf(await player.ask("PLAY", uri))).toBe(200);
  expect(statusOf(await (await peerOf(server)).ask("OPTIONS", uri))).toBe(200);
});
