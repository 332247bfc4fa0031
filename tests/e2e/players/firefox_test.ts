import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "puppeteer-core";
import { type Playback, playback } from "../../peers/browser.ts";
import { startFirefox } from "../../peers/firefox.ts";
import { type RunningFogcast, until } from "../../peers/fogcast.ts";
import { startWatchedCamera, type WatchedCamera } from "../../peers/watched_camera.ts";

/** H.265 is decoded by Firefox itself there, not by the page. */
const CASES = [
  { name: "H.265 and AAC", address: "h265aac.html", way: "mews" },
  {
    name: "H.264 and G.711 A-law as FLAC, over LL-HLS",
    address: "h264pcma.html?forcePlayer=hlsjs",
    way: "hlsjs",
  },
  { name: "H.264 and G.711 over DASH", address: "h264pcma.html?forcePlayer=dashjs", way: "dashjs" },
  {
    name: "H.264 and G.711 as endless MP4",
    address: "h264pcma.html?forceType=html5/video/mp4",
    way: "html5",
  },
  { name: "VP8 and Opus as endless WebM", address: "vp8opus.html?forceType=html5/video/webm", way: "html5" },
  { name: "H.265 and AAC, decoded by the page", address: "h265aac.html?forcePlayer=canvas", way: "canvas" },
] as const;

describe("the player in Firefox", () => {
  let watched: WatchedCamera<Browser>;
  let browser: Browser;
  let server: RunningFogcast;
  beforeAll(async () => {
    watched = await startWatchedCamera(["h265aac", "h264pcma", "vp8opus", "mjpegpcma"], startFirefox());
    ({ server, browser } = watched);
  }, 40_000);
  afterAll(() => watched?.stop(), 30_000);

  for (const { name, address, way } of CASES) {
    test(`plays ${name}`, async () => {
      const page = await browser.newPage();
      let last: Playback | undefined;
      const frames = (least: number, ms: number) =>
        until(ms, `${least} frames`, async () => {
          last = await playback(page);
          return last.frames >= least && last.way === way ? last : undefined;
        }).catch((failure) => {
          throw new Error(`${failure}: ${JSON.stringify(last)}`);
        });
      try {
        await page.goto(`${server.url}/${address}`);
        const first = await frames(5, 20_000);
        const later = await frames(first.frames + 25, 10_000);
        console.log(`  Firefox ${address}: ${JSON.stringify(later)}`);
        expect(later.time).toBeGreaterThan(first.time);
        expect(later.width).toBe(320);
        // without a sound card Firefox plays no sound alone, as the page would for pictures that it decodes
        if (way === "canvas") return;
        expect(await page.evaluate('document.querySelector("fogcast-player").video.mozHasAudio')).toBe(true);
      } finally {
        await page.close();
      }
    }, 35_000);
  }

  test("shows Motion JPEG in an image", async () => {
    const page = await browser.newPage();
    try {
      await page.goto(`${server.url}/mjpegpcma.html?forcePlayer=img`);
      const { width } = await until(20_000, "a picture", async () => {
        const now = await playback(page);
        return now.way === "img" && now.state === "playing" && now.width > 0 ? now : undefined;
      });
      expect(width).toBe(320);
    } finally {
      await page.close();
    }
  }, 25_000);
});
