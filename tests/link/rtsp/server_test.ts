import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/host/clock.ts";
import { random } from "../../../src/host/hash.ts";
import { connectTcp } from "../../../src/host/tcp.ts";
import { RtspClient } from "../../../src/link/rtsp/client.ts";
import { RtspError } from "../../../src/link/rtsp/rtsp_error.ts";
import {
  type PlaySession,
  type RtspServer,
  type RtspServerOptions,
  serveRtsp,
} from "../../../src/link/rtsp/server.ts";
import { decodeRtcp } from "../../../src/wire/protocol/rtcp/packet.ts";
import { parseRtspUrl, type RtspUrl } from "../../../src/wire/protocol/rtsp/url.ts";
import { printSdp } from "../../../src/wire/protocol/sdp/print.ts";
import { eventually } from "../../eventually.ts";
import { ManualClock } from "../../manual_clock.ts";
import { rtp } from "./scripted_camera.ts";

const format = (payloadType: number, encoding: string, clockRate: number) => ({
  payloadType,
  encoding,
  clockRate,
  channels: 1,
  fmtp: new Map<string, string>(),
});

const SDP = printSdp({
  name: "test",
  id: 1,
  origin: "127.0.0.1",
  address: "0.0.0.0",
  control: "*",
  medias: [
    { type: "video", port: 0, formats: [format(96, "H264", 90000)], control: "trackID=0" },
    { type: "audio", port: 0, formats: [format(8, "PCMA", 8000)], control: "trackID=1" },
  ],
});
const STREAM = {
  sdp: SDP,
  tracks: [{ control: "trackID=0", clockRate: 90000 }, { control: "trackID=1", clockRate: 8000 }],
};

const quiet = { debug() {}, info() {}, warn() {}, error() {}, debugging: false };
const closers: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

interface Served {
  readonly server: RtspServer;
  readonly sessions: PlaySession[];
  gone: number;
}

async function serve(o: Partial<RtspServerOptions> = {}): Promise<Served> {
  const sessions: PlaySession[] = [];
  const server = await serveRtsp({
    host: "127.0.0.1",
    port: 0,
    clock: systemClock,
    log: quiet,
    describe: (path) => path === "live/a" ? STREAM : undefined,
    play(session) {
      sessions.push(session);
      return () => void served.gone++;
    },
    ...o,
  });
  const served: Served = { server, sessions, gone: 0 };
  closers.push(() => server.close());
  return served;
}

function clientOf(port: number, path = "/live/a?x=1", credentials = "") {
  const rtps: string[] = [];
  const rtcps: Uint8Array[] = [];
  const closed: RtspError[] = [];
  const client = new RtspClient({
    url: parseRtspUrl(`rtsp://${credentials}127.0.0.1:${port}${path}`) as RtspUrl,
    tlsVerify: false,
    userAgent: "test",
    connectMillis: 10_000,
    replyMillis: 10_000,
    clock: systemClock,
    log: quiet,
    random,
  }, {
    rtp: (media, bytes) => void rtps.push(`${media}:${bytes[3]}`),
    rtcp: (media, bytes) => void (media === 0 && rtcps.push(bytes.slice())),
    closed: (why) => void closed.push(why),
  });
  closers.push(() => client.close());
  return { client, rtps, rtcps, closed };
}

/** Sends bytes over a bare connection and answers what comes back until it is `whole`, or the server hangs up. */
async function raw(port: number, text: string, whole: (got: string) => boolean): Promise<string> {
  let got = "";
  let closed = false;
  const tcp = await connectTcp({ host: "127.0.0.1", port, timeoutMs: 10_000 }, {
    data: (bytes) => void (got += new TextDecoder().decode(bytes)),
    close: () => void (closed = true),
  });
  tcp.write(new TextEncoder().encode(text));
  await eventually(() => closed || whole(got), () => got);
  tcp.destroy();
  return got;
}

/** Numbers of the answers in a text. */
const statusesIn = (got: string) => [...got.matchAll(/RTSP\/1\.0 (\d+)/g)].map((m) => Number(m[1]));

describe("serveRtsp()", () => {
  for (const transport of ["tcp", "udp"] as const) {
    test(`plays to a client over ${transport}, with sender reports, BYE and an end`, async () => {
      const begun = systemClock.wall();
      const served = await serve();
      const { client, rtps, rtcps } = clientOf(served.server.port);
      const description = await client.describe();
      expect(description.medias.map((m) => m.formats[0]?.encoding)).toEqual(["H264", "PCMA"]);
      await client.setUp(description, [0, 1], transport);
      await client.play();
      const [session] = served.sessions;
      expect(session?.path).toBe("live/a");
      for (let i = 1; i <= 3; i++) {
        session?.send(0, rtp(96, i, 3600 * i));
        session?.send(1, rtp(8, 100 + i, 160 * i));
        session?.send(2, rtp(8, 0, 0));
      }
      const reported = () =>
        rtcps.map(decodeRtcp).flatMap((d) => d.kind === "ok" ? d.value : []).filter((p) => p.kind === "sr");
      await eventually(() => rtps.length >= 6 && reported().length > 0, () => [rtps, reported()]);
      expect(rtps.filter((l) => l.startsWith("0"))).toEqual(["0:1", "0:2", "0:3"]);
      expect(rtps.filter((l) => l.startsWith("1"))).toEqual(["1:101", "1:102", "1:103"]);
      expect(rtps.length).toBe(6);
      const reports = reported();
      expect(reports[0]).toMatchObject({ ssrc: 7, timestamp: 3600, packets: 0 });
      const seconds = (reports[0]?.ntpSeconds ?? 0) - 2208988800;
      expect(seconds).toBeWithin(begun / 1000 - 1, systemClock.wall() / 1000 + 1);
      client.sendRtcp(0, Uint8Array.of(0x80, 201, 0, 1, 0, 0, 0, 1));
      await client.close();
      await eventually(() => served.gone > 0 && served.server.connections === 0);
      expect(served.gone).toBe(1);
    });
  }

  const transport = "tcp";

  test("plays one media where one is set up", async () => {
    const served = await serve();
    const { client, rtps } = clientOf(served.server.port);
    await client.setUp(await client.describe(), [1], transport);
    await client.play();
    served.sessions[0]?.send(0, rtp(96, 1, 0));
    served.sessions[0]?.send(1, rtp(8, 2, 0));
    await eventually(() => rtps.length > 0);
    expect(rtps).toEqual(["1:2"]);
  });

  test("says goodbye to players when it closes", async () => {
    const served = await serve();
    const { client, rtcps, closed } = clientOf(served.server.port);
    await client.setUp(await client.describe(), [0, 1], transport);
    await client.play();
    served.sessions[0]?.send(0, rtp(96, 1, 0));
    served.server.close();
    await eventually(() => closed.length > 0 && served.gone > 0);
    const kinds = rtcps.map(decodeRtcp).flatMap((d) => d.kind === "ok" ? d.value.map((p) => p.kind) : []);
    expect(kinds).toContain("bye");
    expect(closed.length).toBe(1);
    expect(served.gone).toBe(1);
  });

  test("lets in who knows the password, and nobody else", async () => {
    const served = await serve({ auth: { user: "admin", password: "p@ss w0rd", realm: "fogcast" } });
    const good = clientOf(served.server.port, "/live/a", "admin:p%40ss%20w0rd@").client;
    expect((await good.describe()).medias.length).toBe(2);
    for (const credentials of ["", "admin:no@", "other:p%40ss%20w0rd@"]) {
      const { client } = clientOf(served.server.port, "/live/a", credentials);
      const why = await client.describe().then(() => undefined, (e: unknown) => e);
      expect(why).toBeInstanceOf(RtspError);
      expect((why as RtspError).status).toBe(401);
    }
  });

  test("answers 404 for a path that it does not have", async () => {
    const served = await serve();
    const why = await clientOf(served.server.port, "/other").client.describe().then(
      () => undefined,
      (e) => e,
    );
    expect((why as RtspError).status).toBe(404);
  });

  test("refuses what it cannot do, and goes on", async () => {
    const { server } = await serve();
    const uri = `rtsp://127.0.0.1:${server.port}/live/a`;
    const ask = (method: string, n: number, rest = "") =>
      `${method} ${uri} RTSP/1.0\r\nCSeq: ${n}\r\n${rest}\r\n`;
    const got = await raw(
      server.port,
      ask("RECORD", 1) + ask("PLAY", 2) + ask("SETUP", 3) + ask("DESCRIBE", 4) +
        ask("SETUP", 5, "Transport: RTP/AVP;multicast;port=5000-5001\r\n") +
        `SETUP ${uri}/trackID=9 RTSP/1.0\r\nCSeq: 6\r\nTransport: RTP/AVP/TCP;interleaved=0-1\r\n\r\n` +
        `SETUP ${uri}/trackID=1 RTSP/1.0\r\nCSeq: 7\r\nTransport: RTP/SAVP;client_port=2-3,RTP/AVP/TCP;interleaved=4-5\r\n\r\n` +
        ask("SET_PARAMETER", 8),
      (text) => /CSeq: 8\r\n(.+\r\n)*\r\n/.test(text),
    );
    expect(statusesIn(got)).toEqual([501, 455, 455, 200, 404, 404, 200, 200]);
    expect(got).toContain("interleaved=4-5");
  });

  test("sends to the player's own address, whatever destination it names", async () => {
    const { server } = await serve();
    const uri = `rtsp://127.0.0.1:${server.port}/live/a`;
    const got = await raw(
      server.port,
      `DESCRIBE ${uri} RTSP/1.0\r\nCSeq: 1\r\n\r\nSETUP ${uri}/trackID=0 RTSP/1.0\r\nCSeq: 2\r\n` +
        "Transport: RTP/AVP;unicast;destination=10.1.2.3;client_port=5000-5001\r\n\r\n",
      (text) => /CSeq: 2\r\n(.+\r\n)*\r\n/.test(text),
    );
    expect(got).toContain("client_port=5000-5001;server_port=");
    expect(got).not.toContain("10.1.2.3");
  });

  test("ends a connection that sends rubbish or too many requests", async () => {
    const { server } = await serve();
    expect(await raw(server.port, "\xff\xff", () => false)).toBe("");
    await raw(server.port, "OPTIONS * RTSP/1.0\r\nCSeq: 1\r\n\r\n".repeat(1000), () => false);
    await eventually(() => server.connections === 0);
  });

  test("ends a session that is silent", async () => {
    const clock = new ManualClock();
    const served = await serve({ timeoutSeconds: 10, clock });
    const { client, closed } = clientOf(served.server.port);
    await client.setUp(await client.describe(), [0], "udp");
    clock.advance(15_000);
    await Bun.sleep(20);
    expect(closed).toEqual([]);
    // what the client sends to open its way through routers may be heard late, and counts
    await eventually(() => {
      clock.advance(5000);
      return closed.length > 0;
    });
    expect(closed.length).toBe(1);
  });
});
