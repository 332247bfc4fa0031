import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/host/clock.ts";
import { random } from "../../../src/host/hash.ts";
import { RtspClient, type RtspClientOptions } from "../../../src/link/rtsp/client.ts";
import { RtspError } from "../../../src/link/rtsp/rtsp_error.ts";
import { parseRtspUrl, type RtspUrl } from "../../../src/wire/protocol/rtsp/url.ts";
import { eventually } from "../../eventually.ts";
import { ManualClock } from "../../manual_clock.ts";
import { type Answer, framed, rtp, ScriptedCamera } from "./scripted_camera.ts";

const SDP = "v=0\r\nm=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=control:track1\r\n" +
  "m=audio 0 RTP/AVP 8\r\na=control:track2\r\n";

const lines: string[] = [];
const say = (message: string) => void lines.push(message);
const log = { debug: say, info: say, warn: say, error: say, debugging: true };
const closers: (() => void | Promise<void>)[] = [];

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
  lines.length = 0;
});

async function cameraWith(
  script: Parameters<typeof ScriptedCamera.open>[1],
  sdp = SDP,
): Promise<ScriptedCamera> {
  const camera = await ScriptedCamera.open(sdp, script);
  closers.push(() => camera.close());
  return camera;
}

function clientOf(url: string, o: Partial<RtspClientOptions> = {}) {
  const got: string[] = [];
  const closed: RtspError[] = [];
  const client = new RtspClient({
    url: parseRtspUrl(url) as RtspUrl,
    tlsVerify: false,
    userAgent: "test",
    connectMillis: 10_000,
    replyMillis: 10_000,
    clock: systemClock,
    log,
    random,
    ...o,
  }, {
    rtp: (media, bytes) => void got.push(`rtp ${media} ${bytes.length}`),
    rtcp: (media, bytes) => void got.push(`rtcp ${media} ${bytes.length}`),
    closed: (why) => void closed.push(why),
  });
  closers.push(() => client.close());
  return { client, got, closed };
}

async function failure(promise: Promise<unknown>): Promise<RtspError> {
  try {
    await promise;
  } catch (e) {
    if (e instanceof RtspError) return e;
    throw e;
  }
  throw new Error("expected an RtspError");
}

describe("RtspClient", () => {
  test("asks in order, sets up what is wanted and tears down", async () => {
    const camera = await cameraWith(() => undefined);
    const { client } = clientOf(camera.url());
    const description = await client.describe();
    expect(await client.setUp(description, [0, 1], "tcp")).toEqual([]);
    await client.play();
    await client.close();
    expect(camera.methods).toEqual(["OPTIONS", "DESCRIBE", "SETUP", "SETUP", "PLAY", "TEARDOWN"]);
    expect(camera.requests("SETUP").map((r) => r.uri)).toEqual([
      camera.url("/cam/track1"),
      camera.url("/cam/track2"),
    ]);
    expect(camera.requests("SETUP").map((r) => r.headers.get("transport"))).toEqual([
      "RTP/AVP/TCP;unicast;interleaved=0-1",
      "RTP/AVP/TCP;unicast;interleaved=2-3",
    ]);
    expect(camera.requests("PLAY")[0]?.headers.get("session")).toBe("42");
    expect(camera.seen.every((s) => s.request.headers.get("user-agent") === "test")).toBe(true);
  });

  test("follows redirects, keeps the credentials on the host that was named, and never logs them", async () => {
    const target = await cameraWith((method, _count, request) =>
      method === "DESCRIBE" && request.headers.get("authorization") === undefined
        ? { status: "401 Unauthorized", fields: ['WWW-Authenticate: Basic realm="x"'] }
        : undefined
    );
    const camera = await cameraWith((method) =>
      method === "DESCRIBE"
        ? { status: "302 Moved", fields: [`Location: ${target.url("/moved")}`] }
        : undefined
    );
    const { client } = clientOf(camera.url("/cam", "admin:topsecret@"));
    await client.describe();
    expect(target.requests("DESCRIBE")[1]?.uri).toBe(target.url("/moved"));
    expect(atob(target.requests("DESCRIBE")[1]?.headers.get("authorization")?.slice(6) ?? "")).toBe(
      "admin:topsecret",
    );
    expect(lines.join("\n")).not.toContain("topsecret");
    expect(lines.join("\n")).not.toContain("admin");
  });

  test("does not send the password itself to a host that a redirect named", async () => {
    const target = await cameraWith((method) =>
      method === "DESCRIBE"
        ? { status: "401 Unauthorized", fields: ['WWW-Authenticate: Basic realm="x"'] }
        : undefined
    );
    const elsewhere = target.url("/moved").replace("127.0.0.1", "127.0.0.2");
    const camera = await cameraWith((method) =>
      method === "DESCRIBE" ? { status: "301 Moved", fields: [`Location: ${elsewhere}`] } : undefined
    );
    const { client } = clientOf(camera.url("/cam", "admin:topsecret@"));
    // nobody listens there, or the challenge stays unanswered: in neither case is the password sent
    await failure(client.describe());
    expect(target.seen.every((s) => s.request.headers.get("authorization") === undefined)).toBe(true);
  });

  test("ends endless redirects", async () => {
    let url = "";
    const camera = await cameraWith((method) =>
      method === "DESCRIBE" ? { status: "302 Moved", fields: [`Location: ${url}`] } : undefined
    );
    url = camera.url();
    expect((await failure(clientOf(url).client.describe())).message).toBe("camera redirects without end");
    expect(camera.requests("DESCRIBE").length).toBe(6);
  });

  for (const status of ["501 Not Implemented", "404 Not Found", "401 Unauthorized", "455 Method Not Valid"]) {
    test(`goes on when OPTIONS is answered with ${status}`, async () => {
      const camera = await cameraWith((method) => method === "OPTIONS" ? { status } : undefined);
      expect((await clientOf(camera.url()).client.describe()).medias.length).toBe(2);
    });
  }

  const FAILURES: [string, Answer, string, string][] = [
    ["404", { status: "404 Not Found" }, "camera answers DESCRIBE with 404 Not Found", "refused"],
    ["403", { status: "403 Forbidden" }, "camera answers DESCRIBE with 403 Forbidden", "refused"],
    ["500", { status: "500 Oops" }, "camera answers DESCRIBE with 500 Oops", "status"],
    [
      "401 without credentials",
      { status: "401 Unauthorized", fields: ['WWW-Authenticate: Basic realm="x"'] },
      "camera wants a user name and password (401)",
      "refused",
    ],
    ["a page", { body: "<html>" }, "camera describes no media", "refused"],
    ["silence", "silence", "camera does not answer DESCRIBE within 0.4 s", "timeout"],
    ["the end", "hang up", "camera closed the connection", "closed"],
    ["rubbish", { raw: Uint8Array.of(0xff, 0xfe) }, "camera sends no RTSP", "protocol"],
    [
      "a redirect to nowhere",
      { status: "302 Moved", fields: ["Location: http://u:p@x/"] },
      "camera redirects to",
      "protocol",
    ],
  ];
  for (const [name, answer, message, fault] of FAILURES) {
    test(`names the reason when DESCRIBE is answered with ${name}`, async () => {
      const camera = await cameraWith((method) => method === "DESCRIBE" ? answer : undefined);
      const clock = new ManualClock();
      const failing = failure(clientOf(camera.url(), { clock, replyMillis: 400 }).client.describe());
      if (answer === "silence") {
        await eventually(() => camera.methods.includes("DESCRIBE"));
        clock.advance(400);
      }
      const why = await failing;
      expect([why.message.slice(0, message.length), why.fault]).toEqual([message, fault as typeof why.fault]);
    });
  }

  test("names host and port, not the password, when nobody listens", async () => {
    const camera = await cameraWith(() => undefined);
    camera.close();
    const why = await failure(clientOf(camera.url("/cam", "u:topsecret@")).client.describe());
    expect(why.message).toContain(`cannot connect to 127.0.0.1:${camera.port}`);
    expect(why.message).not.toContain("topsecret");
  });

  test("leaves out a media that the camera refuses, and fails when it refuses all", async () => {
    const camera = await cameraWith((method, count) =>
      method === "SETUP" && count === 0 ? { status: "454 Session Not Found" } : undefined
    );
    const { client } = clientOf(camera.url());
    const refused = await client.setUp(await client.describe(), [0, 1], "tcp");
    expect(refused.map((r) => [r.index, r.why.message])).toEqual([
      [0, "camera answers SETUP with 454 Session Not Found"],
    ]);
    const none = await cameraWith((method) =>
      method === "SETUP" ? { status: "461 Unsupported Transport" } : undefined
    );
    const other = clientOf(none.url()).client;
    const why = await failure(other.setUp(await other.describe(), [0, 1], "tcp"));
    expect([why.fault, why.status]).toEqual(["transport", 461]);
  });

  test("takes data before the PLAY reply, on other channels than asked, and skips unknown ones", async () => {
    const early = Uint8Array.of(
      ...framed(9, rtp(96, 1, 0)),
      ...framed(20, rtp(96, 1, 0, [1])),
      ...framed(21, rtp(72, 1, 0, [1, 2])),
    );
    const camera = await cameraWith((method, _count, request, tcp) => {
      if (method === "SETUP") {
        return { fields: ["Session: 1", "Transport: RTP/AVP;unicast;interleaved=20-21"] };
      }
      if (method === "PLAY") tcp.write(early);
      void request;
      return undefined;
    });
    const { client, got } = clientOf(camera.url());
    await client.setUp(await client.describe(), [0], "tcp");
    await client.play();
    expect(got).toEqual(["rtp 0 13", "rtcp 0 14"]);
    client.sendRtcp(0, new Uint8Array(8));
    await eventually(() => camera.interleaved > 0);
    expect(camera.interleaved).toBe(1);
  });

  test("takes a PLAY without answer for done when media flow", async () => {
    const camera = await cameraWith((method) =>
      method === "PLAY" ? { raw: framed(0, rtp(96, 1, 0)) } : undefined
    );
    const clock = new ManualClock();
    const { client, got } = clientOf(camera.url(), { clock, replyMillis: 400 });
    await client.setUp(await client.describe(), [0], "tcp");
    const playing = client.play();
    await eventually(() => got.length === 1, () => camera.methods);
    clock.advance(400);
    await playing;
  });

  test("plays without Range where the camera takes none (457)", async () => {
    const camera = await cameraWith((method, count) =>
      method === "PLAY" && count === 0 ? { status: "457 Invalid Range" } : undefined
    );
    const { client } = clientOf(camera.url());
    await client.setUp(await client.describe(), [0], "tcp");
    await client.play();
    expect(camera.requests("PLAY")[1]?.headers.get("range")).toBeUndefined();
  });

  test("keeps the session alive at half its timeout, and turns to OPTIONS when GET_PARAMETER fails", async () => {
    const camera = await cameraWith((method) => {
      if (method === "SETUP") {
        return { fields: ["Session: 7 ;timeout=2", "Transport: RTP/AVP/TCP;interleaved=0-1"] };
      }
      // the packet behind the answer shows when that was taken
      const after = framed(0, rtp(96, 1, 0));
      return method === "GET_PARAMETER" ? { status: "501 Not Implemented", after } : undefined;
    });
    const clock = new ManualClock();
    const { client, got, closed } = clientOf(camera.url(), { clock });
    await client.setUp(await client.describe(), [0], "tcp");
    await client.play();
    clock.advance(999);
    expect(camera.methods.length).toBe(4);
    clock.advance(1);
    await eventually(() => got.length === 1, () => camera.methods);
    clock.advance(1000);
    await eventually(() => camera.methods.length === 6, () => camera.methods);
    expect(camera.methods.slice(4)).toEqual(["GET_PARAMETER", "OPTIONS"]);
    expect(camera.requests("GET_PARAMETER")[0]?.headers.get("session")).toBe("7");
    expect(closed).toEqual([]);
  });

  test("asks OPTIONS where Public lists no GET_PARAMETER", async () => {
    const camera = await cameraWith((method) => {
      if (method === "OPTIONS") return { fields: ["Public: OPTIONS, DESCRIBE, SETUP, PLAY"] };
      return method === "SETUP"
        ? { fields: ["Session: 7;timeout=2", "Transport: RTP/AVP/TCP;interleaved=0-1"] }
        : undefined;
    });
    const clock = new ManualClock();
    const { client } = clientOf(camera.url(), { clock });
    await client.setUp(await client.describe(), [0], "tcp");
    await client.play();
    clock.advance(1000);
    await eventually(() => camera.methods.length > 4, () => camera.methods);
    expect(camera.methods.slice(4)).toEqual(["OPTIONS"]);
  });

  test("answers what the camera asks", async () => {
    const camera = await cameraWith((method, _count, _request, tcp) => {
      if (method === "PLAY") tcp.write(new TextEncoder().encode("OPTIONS * RTSP/1.0\r\nCSeq: 900\r\n\r\n"));
      return undefined;
    });
    const { client, closed } = clientOf(camera.url());
    await client.setUp(await client.describe(), [0], "tcp");
    await client.play();
    await eventually(() => camera.responses > 0);
    expect(closed).toEqual([]);
  });

  test("waits half a second at the most for the answer to TEARDOWN", async () => {
    const camera = await cameraWith((method) => method === "TEARDOWN" ? "silence" : undefined);
    const clock = new ManualClock();
    const { client } = clientOf(camera.url(), { clock });
    await client.setUp(await client.describe(), [0], "tcp");
    await client.play();
    const closing = client.close();
    await eventually(() => camera.methods.includes("TEARDOWN"));
    clock.advance(499);
    await Bun.sleep(20);
    expect(camera.connections).toBe(1);
    clock.advance(1);
    await closing;
    await eventually(() => camera.connections === 0);
  });

  test("tells once when the camera hangs up", async () => {
    const camera = await cameraWith(() => undefined);
    const { client, closed } = clientOf(camera.url());
    await client.setUp(await client.describe(), [0], "tcp");
    await client.play();
    camera.close();
    await eventually(() => closed.length > 0);
    expect(closed.map((c) => c.fault)).toEqual(["closed"]);
  });

  test("matches answers without CSeq to the oldest request, and skips provisional ones", async () => {
    const raw = (text: string) => ({ raw: new TextEncoder().encode(text) });
    const camera = await cameraWith((method, _count, request) => {
      if (method === "OPTIONS") return raw("RTSP/1.0 200 OK\r\nPublic: X\r\n\r\n");
      const cseq = request.headers.get("cseq");
      return method === "DESCRIBE"
        ? raw(
          `RTSP/1.0 100 Continue\r\nCSeq: ${cseq}\r\n\r\nRTSP/1.0 200 OK\r\nCseq:${cseq}\r\nContent-length: ${SDP.length}\r\n\r\n${SDP}`,
        )
        : undefined;
    });
    expect((await clientOf(camera.url()).client.describe()).medias.length).toBe(2);
  });

  test("ends a camera that sends a head or a body without end", async () => {
    const flood = new Uint8Array(100_000).fill(0x41);
    const camera = await cameraWith((method) => method === "DESCRIBE" ? { raw: flood } : undefined);
    expect((await failure(clientOf(camera.url()).client.describe())).fault).toBe("protocol");
  });
});
