import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import type { Browser, Page } from "playwright-core";
import { CHROMIUM, playback, startChromium } from "../peers/browser.ts";
import { until } from "../peers/fogcast.ts";
import { type ClipName, makeClip } from "../wire/container/mp4/peer_media.ts";
import { LiveServer, type LiveTrack } from "./live_clip.ts";

/** Software not written here; without it the suite says so, and fails where nothing may be skipped. */
const MISSING = ["ffmpeg", CHROMIUM].filter((program) => Bun.which(program) === null && !existsSync(program));
if (MISSING.length > 0) {
  console.error(`SKIPPED tests/egress/enhanced_flv_peer_test.ts: not installed: ${MISSING.join(", ")}`);
  if (process.env["CI"] === "true") throw new Error(`Cannot run without ${MISSING.join(", ")}`);
}
const withPeers = MISSING.length === 0 ? test : test.skip;

/** Plays what stands behind the question mark with mpegts.js, and keeps what it says of the media. */
const PAGE =
  `<!doctype html><link rel="icon" href="data:,"><video muted autoplay></video><script src="mpegts.js"></script>
<script>
  var failures = [], info;
  const video = document.querySelector("video");
  mpegts.LoggingControl.enableAll = false;
  const url = location.origin + "/cam.flv" + location.search;
  const player = mpegts.createPlayer({ type: "flv", url, isLive: true });
  player.on(mpegts.Events.ERROR, (kind, detail, said) => failures.push([kind, detail, said.msg].join(" ")));
  player.on(mpegts.Events.MEDIA_INFO, (found) => info = found);
  player.attachMediaElement(video);
  player.load();
</script>`;

function assets(name: string): Uint8Array | undefined {
  if (name === "index.html") return new TextEncoder().encode(PAGE);
  return name === "mpegts.js"
    ? readFileSync(new URL("../../node_modules/mpegts.js/dist/mpegts.js", import.meta.url).pathname)
    : undefined;
}

/** Frames of a clip in a loop; a last one may be shorter than the others. */
function looped(name: ClipName, id: number): LiveTrack {
  const { track, samples } = makeClip(name);
  return { track: { ...track, id }, frames: samples.slice(0, -1), step: samples[0]?.duration ?? 0 };
}

const NAMES = ["h265", "av1", "opus"] as const satisfies readonly ClipName[];
let live: LiveServer;
let browser: Browser;
beforeAll(async () => {
  if (MISSING.length > 0) return;
  [live, browser] = await Promise.all([LiveServer.start(NAMES.map(looped), assets), startChromium()]);
}, 30_000);
afterAll(async () => {
  await browser?.close();
  await live?.stop();
  expect(live?.said ?? []).toEqual([]);
});

/** Opens the page with these tracks and waits for what `find` looks for. */
async function watch<T>(query: string, find: (page: Page) => Promise<T | undefined>): Promise<T> {
  const page = await browser.newPage();
  try {
    await page.goto(`${live.url}/?${query}`);
    return await until(20_000, query, () => find(page)).catch(async (failure) => {
      throw new Error(`${failure}: ${JSON.stringify(await playback(page)).slice(0, 500)}`);
    });
  } finally {
    await page.close();
  }
}

withPeers("mpegts.js plays FLV of AV1 and Opus", async () => {
  const played = await watch("video=av1&audio=opus", async (page) => {
    const now = await playback(page);
    return now.failures.length > 0 || (now.frames > 25 && now.audio > 0) ? now : undefined;
  });
  expect([played.failures, played.width]).toEqual([[], 320]);
}, 45_000);

// Chromium has no decoder for it here.
withPeers("mpegts.js reads FLV of H.265 and Opus", async () => {
  const info = await watch(
    "video=h265&audio=opus",
    (page) => page.evaluate("info") as Promise<object | undefined>,
  );
  expect(info).toMatchObject({
    ...{ videoCodec: expect.stringMatching(/^hvc1\.1\./), profile: "Main", width: 320, height: 180, fps: 25 },
    ...{ audioCodec: "opus", audioSampleRate: 48_000, audioChannelCount: 2 },
  });
}, 45_000);
