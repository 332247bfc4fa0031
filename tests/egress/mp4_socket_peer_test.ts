import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser } from "playwright-core";
import { CHROMIUM, startChromium } from "../peers/browser.ts";
import { until } from "../peers/fogcast.ts";
import { gstPlay } from "../peers/gst_play.ts";
import { runProgram } from "../peers/run_program.ts";
import { aacClip, alawClip, LiveServer, videoClip } from "./live_clip.ts";

/** Software not written here; without it the suite says so, and fails where nothing may be skipped. */
const PYTHON = "/usr/bin/python3";
const MISSING = ["ffmpeg", "ffprobe", "gst-launch-1.0", PYTHON, CHROMIUM].filter((program) =>
  Bun.which(program) === null && !existsSync(program)
);
if (MISSING.length > 0) {
  console.error(`SKIPPED tests/egress/mp4_socket_peer_test.ts: not installed: ${MISSING.join(", ")}`);
  if (process.env["CI"] === "true") throw new Error(`Cannot run without ${MISSING.join(", ")}`);
}
const withPeers = MISSING.length === 0 ? test.concurrent : test.skip;

/** Asks for the codecs, appends what comes, plays from the first that is there; what was said is in `said`. */
const PAGE = `<!doctype html><video muted playsinline></video><script>
  const video = document.querySelector("video"), media = new MediaSource(), said = [], failures = [];
  let socket, buffer;
  const waiting = [];
  const pump = () => {
    if (buffer && !buffer.updating && waiting.length > 0) buffer.appendBuffer(waiting.shift());
  };
  video.onerror = () => failures.push("video: " + video.error.message);
  media.onsourceopen = () => {
    socket = new WebSocket(location.href.replace(/^http/, "ws") + "cam.mp4");
    socket.binaryType = "arraybuffer";
    const supported_codecs = ["H264", "AAC", "FLAC"];
    socket.onopen = () => socket.send(JSON.stringify({ type: "request_codec_data", supported_codecs }));
    socket.onclose = ({ code }) => failures.push("closed " + code);
    socket.onmessage = ({ data }) => {
      if (typeof data !== "string") { waiting.push(data); return pump(); }
      const { type, data: told } = JSON.parse(data);
      said.push(type);
      if (type !== "codec_data") return;
      buffer = media.addSourceBuffer('video/mp4; codecs="' + told.codecs + '"');
      buffer.onupdateend = () => {
        const { buffered } = video;
        if (buffered.length > 0 && video.currentTime < buffered.start(0)) {
          video.currentTime = buffered.end(0) - 0.1;
          video.play();
        }
        pump();
      };
      socket.send('{"type":"play"}');
    };
  };
  video.src = URL.createObjectURL(media);
  const state = () => ({
    said, failures, time: video.currentTime,
    frames: video.getVideoPlaybackQuality().totalVideoFrames, audio: video.webkitAudioDecodedByteCount,
  });
</script>`;

interface State {
  readonly said: readonly string[];
  readonly failures: readonly string[];
  readonly time: number;
  readonly frames: number;
  readonly audio: number;
}

/** Debian's WebSocket client: writes what it gets into files until it has so many binary messages of each address. */
const CLIENT = `
import json, sys, websocket
base, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
for name, head in (("cam.mp4", 0), ("cam.h264", 12)):
    ws = websocket.create_connection(base + name, timeout=10)
    ws.send(json.dumps({"type": "request_codec_data"}))
    ws.send(json.dumps({"type": "play"}))
    got = 0
    with open(folder + "/" + name, "wb") as out:
        while got < count:
            code, data = ws.recv_data()
            if code == websocket.ABNF.OPCODE_TEXT:
                print(name, json.loads(data)["type"])
            else:
                out.write(data[head:])
                got += 1
    ws.ping("x")
    ws.send(json.dumps({"type": "stop"}))
    while ws.recv_data()[0] != websocket.ABNF.OPCODE_CLOSE:
        pass
ws = websocket.create_connection(base + "json_cam.js", timeout=10)
print("info", ",".join(json.loads(ws.recv())["meta"]["tracks"]))
ws.close()
`;

let live: readonly LiveServer[] = [];
let browser: Browser | undefined;
let folder = "";
beforeAll(async () => {
  if (MISSING.length > 0) return;
  const video = videoClip();
  const page = (name: string) => name === "index.html" ? new TextEncoder().encode(PAGE) : undefined;
  const clips = [aacClip(), alawClip()];
  [browser, folder, ...live] = await Promise.all([
    startChromium(),
    mkdtemp(join(tmpdir(), "fogcast-socket-")),
    ...clips.map((sound) => LiveServer.start([video, sound], page)),
  ]);
}, 30_000);
afterAll(async () => {
  await browser?.close();
  for (const server of live) {
    await server.stop();
    expect(server.said).toEqual([]);
  }
  if (folder !== "") await rm(folder, { recursive: true });
});

const SOUNDS = ["AAC", "G.711 as FLAC"] as const;
for (const [n, sound] of SOUNDS.entries()) {
  withPeers(`Chromium plays H.264 and ${sound} from the socket`, async () => {
    const page = await (browser as Browser).newPage();
    try {
      await page.goto(`${live[n]?.url}/`);
      const state = () => page.evaluate("state()") as Promise<State>;
      const first = await until(10_000, "pictures and sound", async () => {
        const now = await state();
        return now.frames > 5 && now.audio > 0 ? now : undefined;
      });
      const later = await until(10_000, "a second more", async () => {
        const now = await state();
        return now.frames >= first.frames + 25 && now.said.includes("on_time") ? now : undefined;
      });
      expect(later.said.slice(0, 3)).toEqual(["codec_data", "info", "on_time"]);
      expect(later.time).toBeGreaterThan(first.time);
      // From the live edge again, over what is there already.
      await page.evaluate(`socket.send('{"type":"seek","seek_time":"live"}')`);
      const after = await until(10_000, "pictures after the seek", async () => {
        const now = await state();
        return now.said.includes("seek") && now.frames > later.frames + 10 ? now : undefined;
      });
      expect(after.failures).toEqual([]);
    } finally {
      await page.close();
    }
  }, 30_000);
}

withPeers("a WebSocket client of Debian gets what ffmpeg decodes without a complaint", async () => {
  const [server] = live as readonly [LiveServer];
  const base = `${server.url.replace("http", "ws")}/`;
  const client = await runProgram(20_000, PYTHON, "-c", CLIENT, base, folder, "40");
  expect(client.said).toBe("");
  const said = client.out.trim().split("\n");
  expect(said.filter((line) => line.startsWith("cam.mp4")).slice(0, 2)).toEqual([
    "cam.mp4 codec_data",
    "cam.mp4 info",
  ]);
  expect(said.at(-1)).toBe("info video_H264_320x180_25fps_0,audio_AAC_2ch_48000hz_1");
  const decode = (from: string) =>
    runProgram(20_000, "ffmpeg", "-v", "warning", "-xerror", "-i", from, "-f", "null", "-");
  const probe = async (from: string) => {
    const entries = ["-show_entries", "stream=codec_name,nb_read_frames", "-count_frames", "-of", "csv=p=0"];
    return (await runProgram(20_000, "ffprobe", "-v", "error", ...entries, from)).out.trim().split("\n");
  };
  const [mp4, raw] = [join(folder, "cam.mp4"), join(folder, "cam.h264")];
  const [decoded, streams, pictures, still] = await Promise.all([
    decode(mp4),
    probe(mp4),
    probe(raw),
    probe(`${server.url}/cam.still.mp4`),
  ]);
  expect([decoded.code, decoded.said]).toEqual([0, ""]);
  expect(streams.map((line) => line.split(",")[0])).toEqual(["h264", "aac"]);
  // 40 messages: parameter sets, and what was there at once is a message each
  expect(pictures).toEqual(["h264,39"]);
  expect(still).toEqual(["h264,1"]);
  const shown = "h264parse ! avdec_h264 ! fakesink name=video silent=false".split(" ");
  const { video } = await gstPlay(Infinity, "filesrc", `location=${raw}`, "!", ...shown);
  expect(video).toBe(39);
}, 60_000);
