import { afterEach, describe, expect, test } from "bun:test";
import { systemClock } from "../../src/host/clock.ts";
import { type RtspServerOptions, serveRtsp } from "../../src/link/rtsp/server.ts";
import { printSdp } from "../../src/wire/protocol/sdp/print.ts";
import { until } from "../peers/fogcast.ts";
import { gstRtspPlay } from "../peers/gst_rtsp.ts";
import { rtp } from "../link/rtsp/scripted_camera.ts";

const quiet = { debug() {}, info() {}, warn() {}, error() {}, debugging: false };
const missing = ["ffprobe", "gst-launch-1.0"].filter((name) => Bun.which(name) === null);
if (missing.length > 0) console.warn(`SKIPPED: players of the RTSP server: no ${missing.join(", ")}`);

const SDP = printSdp({
  name: "tone",
  id: 1,
  origin: "127.0.0.1",
  address: "0.0.0.0",
  control: "*",
  medias: [{
    type: "audio",
    port: 0,
    control: "trackID=0",
    formats: [{ payloadType: 0, encoding: "PCMU", clockRate: 8000, channels: 1, fmtp: new Map() }],
  }],
});

const closers: (() => void)[] = [];
afterEach(() => closers.splice(0).forEach((close) => close()));

/** A server that sends a G.711 tone, 20 ms a packet. */
async function serveTone(o: Partial<RtspServerOptions> = {}) {
  let players = 0;
  const server = await serveRtsp({
    host: "127.0.0.1",
    port: 0,
    clock: systemClock,
    log: quiet,
    describe: (path) =>
      path === "tone" ? { sdp: SDP, tracks: [{ control: "trackID=0", clockRate: 8000 }] } : undefined,
    play(session) {
      players++;
      const payload = Array.from({ length: 160 }, (_, i) => i % 20 < 10 ? 0xa0 : 0x20);
      let sent = 0;
      const started = systemClock.mono();
      const timer = setInterval(() => {
        for (; sent * 20 < systemClock.mono() - started; sent++) {
          session.send(0, rtp(0, sent, 160 * sent, payload));
        }
      }, 10);
      return () => {
        players--;
        clearInterval(timer);
      };
    },
    ...o,
  });
  closers.push(() => server.close());
  return { server, players: () => players };
}

async function run(...command: string[]): Promise<{ code: number; text: string }> {
  const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const timer = setTimeout(() => child.kill("SIGKILL"), 40_000);
  const text = await new Response(child.stdout).text() + await new Response(child.stderr).text();
  const code = await child.exited;
  clearTimeout(timer);
  return { code, text };
}

function ffprobe(url: string, transport: string) {
  return run(
    ...["ffprobe", "-v", "error", "-rtsp_transport", transport, "-read_intervals", "%+#20", "-count_packets"],
    ...["-show_entries", "stream=codec_name,sample_rate,nb_read_packets", "-of", "csv=p=0", url],
  );
}

describe.skipIf(missing.length > 0)("RTSP server", () => {
  for (const transport of ["tcp", "udp"]) {
    test(`ffprobe plays over ${transport}, and its session ends with it`, async () => {
      const { server, players } = await serveTone();
      const { code, text } = await ffprobe(`rtsp://127.0.0.1:${server.port}/tone`, transport);
      expect([code, text.trim()]).toEqual([0, "pcm_mulaw,8000,20"]);
      await until(20_000, "the end of the session", () => {
        if (players() > 0) throw new Error(`there are ${players()} still`);
        return Promise.resolve(true);
      });
    }, 90_000);

    test(`GStreamer plays over ${transport}`, async () => {
      const { server } = await serveTone();
      const said = await gstRtspPlay(
        40_000,
        ...[`location=rtsp://127.0.0.1:${server.port}/tone`, `protocols=${transport}`, "latency=0", "!"],
        ...["rtppcmudepay", "!", "mulawdec", "!", "fakesink", "num-buffers=20"],
      );
      expect(said).toBe(0);
    }, 90_000);
  }

  test("ffprobe answers Digest, and a wrong password is refused", async () => {
    const { server } = await serveTone({ auth: { user: "admin", password: "p@ss w0rd", realm: "fogcast" } });
    const place = `127.0.0.1:${server.port}/tone`;
    expect((await ffprobe(`rtsp://admin:p%40ss%20w0rd@${place}`, "tcp")).text.trim()).toBe(
      "pcm_mulaw,8000,20",
    );
    const wrong = await ffprobe(`rtsp://admin:no@${place}`, "tcp");
    expect(wrong.code).not.toBe(0);
    expect(wrong.text).toContain("401");
  }, 90_000);

  test("GStreamer answers Digest", async () => {
    const { server } = await serveTone({ auth: { user: "admin", password: "hush", realm: "fogcast" } });
    const said = await gstRtspPlay(
      40_000,
      ...[`location=rtsp://127.0.0.1:${server.port}/tone`, "protocols=tcp"],
      ...["user-id=admin", "user-pw=hush", "!", "fakesink", "num-buffers=20"],
    );
    expect(said).toBe(0);
  }, 90_000);

  test("an unknown path is 404 to ffprobe", async () => {
    const { server } = await serveTone();
    expect((await ffprobe(`rtsp://127.0.0.1:${server.port}/other`, "tcp")).text).toContain("404");
  }, 90_000);
});
