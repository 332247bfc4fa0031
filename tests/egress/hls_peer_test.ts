import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import type { Page } from "playwright-core";
import { CHROMIUM, startChromium } from "../peers/browser.ts";
import { gstPlay } from "../peers/gst_play.ts";
import { aacClip, alawClip, LiveServer, videoClip } from "./live_clip.ts";
import { run } from "./run_program.ts";
import { withStandstill } from "../standstill.ts";

/** Software not written here; without it the suite says so, and fails where nothing may be skipped. */
const MISSING = ["ffmpeg", "ffprobe", "gst-launch-1.0", CHROMIUM].filter((program) =>
  Bun.which(program) === null && !existsSync(program)
);
if (MISSING.length > 0) {
  console.error(`SKIPPED tests/egress/hls_peer_test.ts: not installed: ${MISSING.join(", ")}`);
  if (process.env["CI"] === "true") throw new Error(`Cannot run without ${MISSING.join(", ")}`);
}
const withPeers = MISSING.length === 0 ? test : test.skip;

const PAGE = `<!doctype html><script src="hls.js"></script><video muted autoplay playsinline></video>`;
const HLS_JS = new URL("../../node_modules/hls.js/dist/hls.min.js", import.meta.url).pathname;

function assets(name: string): Uint8Array | undefined {
  if (name === "index.html") return new TextEncoder().encode(PAGE);
  return name === "hls.js" ? readFileSync(HLS_JS) : undefined;
}

let aac: LiveServer;
let alaw: LiveServer;
beforeAll(async () => {
  if (MISSING.length > 0) return;
  const video = videoClip();
  aac = await LiveServer.start([video, aacClip()], assets);
  alaw = await LiveServer.start([video, alawClip()], assets);
}, 60_000);
afterAll(async () => {
  for (const live of [aac, alaw]) {
    await live?.stop();
    expect(live?.said ?? []).toEqual([]);
  }
});

withPeers("ffprobe finds video and AAC", async () => {
  const { out } = await run(
    "ffprobe",
    "-v",
    "error",
    "-show_entries",
    "stream=codec_name,width,sample_rate",
    "-of",
    "csv=p=0",
    aac.playlist,
  );
  expect(out).toContain("h264,320");
  expect(out).toContain("aac,48000");
}, 30_000);

withPeers("ffprobe finds G.711 as FLAC", async () => {
  const { out } = await run(
    "ffprobe",
    "-v",
    "error",
    "-show_entries",
    "stream=codec_name,sample_rate",
    "-of",
    "csv=p=0",
    alaw.playlist,
  );
  expect(out).toContain("flac,8000");
}, 30_000);

for (const [what, path] of [["renditions", ""], ["one muxed playlist", "?muxed=1"]] as const) {
  for (const sound of ["AAC", "G.711"] as const) {
    withPeers(`ffmpeg decodes 3 s of video with ${sound} as ${what} without a complaint`, async () => {
      const url = (sound === "AAC" ? aac : alaw).playlist + path;
      const { said, out, code } = await run(
        "ffmpeg",
        "-hide_banner",
        "-v",
        "warning",
        "-progress",
        "-",
        "-i",
        url,
        "-t",
        "3",
        "-map",
        "0:v",
        "-map",
        "0:a",
        "-f",
        "null",
        "-",
      );
      // ffmpeg reads the init section again when a live playlist is reloaded, and wonders about it itself.
      expect([code, said.replace(/^.*Found duplicated MOOV Atom.*\n/gm, "")]).toEqual([0, ""]);
      const frames = Number(/frame=(\d+)\n[^]*progress=end/.exec(out.slice(out.lastIndexOf("frame=")))?.[1]);
      expect(frames).toBeGreaterThanOrEqual(70);
    }, 30_000);
  }
}

withPeers("GStreamer's hlsdemux plays the muxed playlist", async () => {
  const { video, audio, said } = await gstPlay(
    60,
    "souphttpsrc",
    `location=${aac.playlist}?muxed=1`,
    ..."! hlsdemux ! qtdemux name=d".split(" "),
    ..."d. ! queue ! h264parse ! avdec_h264 ! fakesink name=video silent=false sync=false".split(" "),
    ..."d. ! queue ! aacparse ! avdec_aac ! fakesink name=audio silent=false sync=false".split(" "),
  );
  expect(said).toBe("");
  expect(Math.min(video, audio)).toBeGreaterThanOrEqual(60);
}, 30_000);

withPeers("GStreamer's playbin3 plays video and audio from their renditions", async () => {
  const { video, audio, said } = await gstPlay(
    60,
    "playbin3",
    `uri=${aac.playlist}`,
    "video-sink=fakesink name=video silent=false sync=false",
    "audio-sink=fakesink name=audio silent=false sync=false",
  );
  expect(said).toBe("");
  expect(Math.min(video, audio)).toBeGreaterThanOrEqual(60);
}, 30_000);

/** Runs in the page; text, since the page's own types are not those of the tests. */
const play = (url: string, seconds: number) =>
  `(async () => {
  const video = document.querySelector("video");
  const events = [];
  // a start on a busy machine is late, and made up for by playing faster
  const hls = new Hls({ lowLatencyMode: true, maxLiveSyncPlaybackRate: 1.5 });
  hls.on(Hls.Events.ERROR, (_, data) => events.push((data.fatal ? "FATAL " : "") + data.details + " " + (data.reason ?? "")));
  hls.loadSource(${JSON.stringify(url)});
  hls.attachMedia(video);
  let last = performance.now(), standstill = 0;
  const timer = setInterval(() => {
    standstill = Math.max(standstill, performance.now() - last - 20);
    last = performance.now();
  }, 20);
  await new Promise((resolve) => setTimeout(resolve, ${seconds * 1000}));
  for (let n = 0; n < 100 && hls.latency >= 2; n++) await new Promise((resolve) => setTimeout(resolve, 100));
  clearInterval(timer);
  const { totalVideoFrames, droppedVideoFrames } = video.getVideoPlaybackQuality();
  return {
    time: video.currentTime, frames: totalVideoFrames, dropped: droppedVideoFrames, audio: video.webkitAudioDecodedByteCount,
    latency: hls.latency, events, standstill,
  };
})()`;

interface Played {
  readonly time: number;
  readonly frames: number;
  readonly dropped: number;
  readonly audio: number;
  readonly latency: number;
  readonly events: readonly string[];
  /** Longest that the page was kept from running, milliseconds. */
  readonly standstill: number;
}

async function inChromium<T>(live: LiveServer, use: (page: Page) => Promise<T>): Promise<T> {
  const browser = await startChromium();
  try {
    const page = await browser.newPage();
    await page.goto(`${live.url}/`);
    return await use(page);
  } finally {
    await browser.close();
  }
}

/** A page that has less than two seconds in hand cannot play on while server or page stand still for longer than this. */
const STANDSTILL_MAX = 150;
const ATTEMPTS = 5;

const isSmooth = ({ events, frames, audio, latency }: Played) =>
  events.length === 0 && frames > 40 && audio > 1000 && latency < 2;

/** Plays for four seconds, again where it was not smooth and server or page stood still; the last attempt counts whatever was. */
async function playUndisturbed(live: LiveServer, path: string): Promise<Played> {
  for (let attempt = 1;; attempt++) {
    const { answer, standstill } = await inChromium(
      live,
      (page) => withStandstill(() => page.evaluate<Played>(play(live.playlist + path, 4))),
    );
    const longest = Math.max(standstill, answer.standstill);
    if (isSmooth(answer) || longest < STANDSTILL_MAX || attempt === ATTEMPTS) return answer;
    console.log(`  it stood still for ${longest.toFixed(0)} ms: once more`);
  }
}

for (const [what, path] of [["renditions", ""], ["one muxed playlist", "?muxed=1"]] as const) {
  for (const sound of ["AAC", "G.711"] as const) {
    withPeers(`hls.js in Chromium plays video with ${sound} as ${what} at low latency`, async () => {
      const live = sound === "AAC" ? aac : alaw;
      const played = await playUndisturbed(live, path);
      console.log(`  hls.js, ${sound}, ${what}: ${JSON.stringify(played)}`);
      expect(played.events).toEqual([]);
      expect(played.frames).toBeGreaterThan(40);
      expect(played.audio).toBeGreaterThan(1000);
      expect(played.latency).toBeLessThan(2);
    }, 90_000);
  }
}
