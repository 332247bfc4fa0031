import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../../src/host/clock.ts";
import { bindUdp } from "../../../src/host/udp.ts";
import { Refused } from "../../../src/ingest/source.ts";
import { framed, rtp, ScriptedCamera } from "../../link/rtsp/scripted_camera.ts";
import { eventually } from "../../eventually.ts";
import { ManualClock } from "../../manual_clock.ts";
import { freePorts } from "../free_ports.ts";
import { pull } from "./pull.ts";

const SDP = "v=0\r\nm=audio 0 RTP/AVP 8\r\na=control:track1\r\n";
const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).reverse().forEach((close) => close()));

async function cameraWith(
  script: Parameters<typeof ScriptedCamera.open>[1],
  sdp = SDP,
): Promise<ScriptedCamera> {
  const camera = await ScriptedCamera.open(sdp, script);
  closers.push(() => camera.close());
  return camera;
}

/** PCMA packets, `count` of them, as interleaved frames. */
function audio(count: number, channel = 0, payloadType = 8): Uint8Array {
  const frames = Array.from(
    { length: count },
    (_, i) => framed(channel, rtp(payloadType, i, 160 * i, [0xd5, 0xd5])),
  );
  return Uint8Array.from(frames.flatMap((f) => [...f]));
}

const playing = (camera: { bytes: Uint8Array }) => (method: string) =>
  method === "PLAY" ? { fields: ["Session: 1"], after: camera.bytes } : undefined;

describe("rtspSource", () => {
  test("refuses a URL that is none, without repeating it", async () => {
    const { error } = await pull("rtsp://u:topsecret@/");
    expect(error).toBeInstanceOf(Refused);
    expect(error?.message).toBe("source is no RTSP URL: expected rtsp://host[:port]/path");
  });

  test("falls to TCP when the camera answers UDP with 461, and remembers", async () => {
    const camera = await cameraWith((method, _n, request) =>
      method === "SETUP" && request.headers.get("transport")?.includes("client_port")
        ? { status: "461 Unsupported Transport" }
        : playing({ bytes: audio(20) })(method)
    );
    const first = await pull(camera.url());
    expect(first.error).toBeUndefined();
    expect(first.sink.codecs(10)).toEqual(["alaw"]);
    const setups = camera.requests("SETUP").length;
    expect([...first.remember.values()]).toEqual(["tcp"]);
    await pull(camera.url(), { remember: first.remember });
    expect(camera.requests("SETUP").length).toBe(setups + 1);
  });

  test("falls to TCP when nothing arrives over UDP in 3 s", async () => {
    const camera = await cameraWith((method, _n, request) => {
      if (method === "SETUP" && request.headers.get("transport")?.includes("client_port")) {
        return { fields: ["Session: 1", `Transport: ${request.headers.get("transport")};server_port=9-10`] };
      }
      return method === "PLAY" && camera.requests("SETUP").length > 1
        ? { fields: ["Session: 1"], after: audio(20) }
        : undefined;
    });
    const { sink, error, lines } = await pull(camera.url());
    expect(error).toBeUndefined();
    expect(sink.codecs(10)).toEqual(["alaw"]);
    expect(lines.join("\n")).toContain("camera announces PCMA and sends nothing over UDP for 3 s");
    const asked = (method: string) => camera.seen.find((s) => s.request.method === method)?.at ?? NaN;
    expect(asked("TEARDOWN") - asked("PLAY")).toBeGreaterThanOrEqual(2999);
    // the session that was silent was ended in order before the next began
    expect(camera.methods.indexOf("TEARDOWN")).toBeLessThan(camera.methods.lastIndexOf("DESCRIBE"));
  }, 30_000);

  test("takes datagrams from the camera's address only, and learns its ports where it names none", async () => {
    const reports: number[] = [];
    const own = await bindUdp({ address: "127.0.0.1" }, (bytes) => void reports.push(bytes[1] as number));
    const foreign = await bindUdp({ address: "127.0.0.9" }, () => {});
    closers.push(() => own.close(), () => foreign.close());
    const camera = await cameraWith((method, _n, request) => {
      if (method !== "PLAY") return undefined;
      const transport = camera.requests("SETUP")[0]?.headers.get("transport") ?? "";
      const port = Number(/client_port=(\d+)/.exec(transport)?.[1]);
      for (let i = 0; i < 20; i++) {
        foreign.send(rtp(8, 5000 + i, 160 * i, [1, 2, 3, 4]), port, "127.0.0.1");
        own.send(rtp(8, i, 160 * i, [0xd5, 0xd5]), port, "127.0.0.1");
      }
      void request;
      return undefined;
    });
    const { sink, error } = await pull(camera.url(), { values: { transport: "udp" } });
    expect(error).toBeUndefined();
    expect(sink.tracks[0]?.frames.every((f) => f.size === 2)).toBe(true);
  });

  test("joins the group that the camera names, or its description does", async () => {
    const group = `239.255.${process.pid % 250}.77`;
    for (const named of [true, false]) {
      const port = await freePorts(2);
      const sender = await bindUdp({ address: "127.0.0.1" }, () => {});
      closers.push(() => sender.close());
      sender.setMulticastInterface("127.0.0.1");
      let timer: ReturnType<typeof setInterval> | undefined;
      closers.push(() => clearInterval(timer));
      const sdp = named ? SDP : `c=IN IP4 ${group}/1\r\nm=audio ${port} RTP/AVP 8\r\na=control:track1\r\n`;
      const where = named ? `;destination=${group};port=${port}-${port + 1};ttl=1` : "";
      const camera = await cameraWith((method) => {
        if (method === "SETUP") return { fields: ["Session: 1", `Transport: RTP/AVP;multicast${where}`] };
        if (method === "PLAY") {
          let n = 0;
          timer = setInterval(() => sender.send(rtp(8, n, 160 * n++, [0xd5]), port, group), 5);
        }
        return undefined;
      }, sdp);
      const { sink, error } = await pull(camera.url(), { values: { transport: "multicast" } });
      expect(error).toBeUndefined();
      expect(sink.codecs(10)).toEqual(["alaw"]);
      expect(camera.requests("SETUP")[0]?.headers.get("transport")).toBe("RTP/AVP;multicast");
    }
  });

  test("says so when a camera has no group to join", async () => {
    const camera = await cameraWith(() => undefined);
    const { error } = await pull(camera.url(), { values: { transport: "multicast" } });
    expect(error?.message).toBe("camera offers no multicast group");
  });

  test("names what the camera offers when nothing can be read", async () => {
    const sdp =
      "m=video 0 RTP/AVP 96\r\na=rtpmap:96 MP4V-ES/90000\r\nm=audio 0 RTP/AVP 97\r\na=rtpmap:97 x-asf-pf/1000\r\n";
    const camera = await cameraWith(() => undefined, sdp);
    const { error } = await pull(camera.url());
    expect(error).toBeInstanceOf(Refused);
    expect(error?.message).toBe("camera offers MP4V-ES, X-ASF-PF: none that fogcast reads");
    expect(camera.methods).not.toContain("SETUP");
  });

  test("refuses a camera that sends only formats we do not read, and names it", async () => {
    const sdp = "m=video 0 RTP/AVP 96 111\r\na=rtpmap:96 MP4V-ES/90000\r\na=rtpmap:111 H264/90000\r\n";
    const camera = await cameraWith(playing({ bytes: audio(50, 0, 96) }), sdp);
    const { error } = await pull(camera.url(), { values: { transport: "tcp" } });
    expect(error).toBeInstanceOf(Refused);
    expect(error?.message).toBe("camera sends MP4V-ES, which fogcast does not read");
  });

  test("follows the payload type where several formats are offered", async () => {
    const camera = await cameraWith(playing({ bytes: audio(20, 0, 0) }), "m=audio 0 RTP/AVP 8 0\r\n");
    const { sink } = await pull(camera.url(), { values: { transport: "tcp" } });
    expect(sink.codecs(10)).toEqual(["ulaw"]);
  });

  for (
    const [status, message] of [
      ["401 Unauthorized", "camera wants a user name and password (401)"],
      ["403 Forbidden", "camera answers DESCRIBE with 403 Forbidden"],
      ["404 Stream Not Found", "camera answers DESCRIBE with 404 Stream Not Found"],
    ] as const
  ) {
    test(`is refused by ${status}`, async () => {
      const camera = await cameraWith((method) => method === "DESCRIBE" ? { status } : undefined);
      const { error } = await pull(camera.url());
      expect(error).toBeInstanceOf(Refused);
      expect(error?.message).toBe(message);
    });
  }

  test("is refused by a wrong password, and says it nowhere", async () => {
    const camera = await cameraWith((method) =>
      method === "OPTIONS" ? undefined : {
        status: "401 Unauthorized",
        fields: ['WWW-Authenticate: Digest realm="x", nonce="1"', 'WWW-Authenticate: Basic realm="x"'],
      }
    );
    const { error, lines } = await pull(camera.url("/cam?password=topsecret", "admin:topsecret@"));
    expect(error?.message).toBe("camera refuses the user name or password (401)");
    expect([error?.message, ...lines].join("\n")).not.toContain("topsecret");
    expect(camera.requests("DESCRIBE").length).toBe(3);
  });

  test("ends when the camera is silent", async () => {
    const camera = await cameraWith(playing({ bytes: audio(20) }));
    const { sink, error } = await pull(camera.url(), {
      values: { transport: "tcp", timeout: 1000 },
      enough: () => false,
    });
    expect(error?.message).toBe("camera is silent for 1 s");
    expect(sink.codecs(10)).toEqual(["alaw"]);
  });

  test("has no sound before the picture", async () => {
    const camera = await cameraWith(
      playing({ bytes: audio(20) }),
      `${SDP}m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n`,
    );
    const { sink, error } = await pull(camera.url(), {
      values: { transport: "tcp", timeout: 1000 },
      enough: () => false,
    });
    expect(error?.message).toBe("camera is silent for 1 s");
    expect(sink.tracks.map((t) => [t.track.codec, t.frames.length])).toEqual([["alaw", 0]]);
  });

  test("ends when the camera hangs up, and remembers the keep-alive it hung up on", async () => {
    const camera = await cameraWith((method) => {
      if (method === "SETUP") {
        return { fields: ["Session: 1;timeout=2", "Transport: RTP/AVP/TCP;interleaved=0-1"] };
      }
      if (method === "GET_PARAMETER") return "hang up";
      return playing({ bytes: audio(20) })(method);
    });
    const values = { transport: "tcp" };
    const first = await pull(camera.url(), { values, enough: () => false });
    expect(first.error?.message).toBe("camera closed the connection");
    expect([...first.remember.values()]).toContain("OPTIONS");
    const second = await pull(camera.url(), {
      values,
      enough: () => false,
      remember: first.remember,
      until: eventually(() => camera.methods.at(-1) === "OPTIONS" && camera.methods.at(-2) === "PLAY"),
    });
    expect(second.error).toBeUndefined();
    expect(camera.methods.slice(-3)).toEqual(["PLAY", "OPTIONS", "TEARDOWN"]);
  });

  test("returns when the sender says BYE", async () => {
    const bye = framed(1, Uint8Array.of(0x81, 203, 0, 1, 0, 0, 0, 7));
    const camera = await cameraWith(playing({ bytes: Uint8Array.from([...audio(20), ...bye]) }));
    const { sink, error, limited } = await pull(camera.url(), {
      values: { transport: "tcp", timeout: 60_000 },
      enough: () => false,
    });
    expect([error, limited]).toEqual([undefined, false]);
    expect(sink.frames).toBeGreaterThan(10);
  });

  test("keeps its memory bounded when data come without a frame", async () => {
    // one H.264 unit that never ends, 60 MB of it
    const sdp = "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n";
    const packet = framed(0, Uint8Array.of(...rtp(96, 1, 0, [0x7c, 0x05]), ...new Uint8Array(1000)));
    packet[2] = (packet.length - 4) >> 8;
    packet[3] = (packet.length - 4) & 255;
    let sent = 0;
    const camera = await cameraWith((method, _n, _request, tcp) => {
      if (method === "PLAY") {
        const pump = () => {
          for (let i = 0; i < 4000; i++) {
            packet[6] = sent >> 8;
            packet[7] = sent++;
            tcp.write(packet);
          }
          if (sent < 60_000) systemClock.after(5, pump);
          else tcp.end();
        };
        systemClock.after(1, pump);
      }
      return undefined;
    }, sdp);
    const { sink, error, tally } = await pull(camera.url(), {
      values: { transport: "tcp" },
      enough: () => false,
    });
    expect(error).toBeInstanceOf(Error);
    expect(sink.frames).toBe(0);
    expect(tally.totals().size).toBeGreaterThan(0);
  }, 20_000);

  test("ends at once when its scope closes, wherever it is", async () => {
    for (const method of ["OPTIONS", "DESCRIBE", "SETUP", "PLAY"]) {
      const camera = await cameraWith((asked) => asked === method ? "silence" : undefined);
      // on a clock that stands still nothing but the end of the scope ends it
      const { error, limited } = await pull(camera.url(), {
        clock: new ManualClock(),
        until: eventually(() => camera.methods.includes(method)),
      });
      expect([error, limited]).toEqual([undefined, false]);
      await eventually(() => camera.connections === 0);
    }
  });
});
