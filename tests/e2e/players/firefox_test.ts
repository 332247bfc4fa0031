import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "puppeteer-core";
import { playback } from "../../peers/browser.ts";
import { startFirefox } from "../../peers/firefox.ts";
import { type RunningFogcast, startFogcast, until } from "../../peers/fogcast.ts";
import { type GstCamera, startGstCamera } from "../../peers/gst_camera.ts";

const CASES = [
  { name: "H.265 and AAC", mount: "h265aac", label: "H.265 + AAC" },
  { name: "H.264 and G.711 A-law, as FLAC", mount: "h264pcma", label: "H.264 + G.711 A-law" },
] as const;

describe("the server's own page in Firefox", () => {
  let camera: GstCamera;
  let browser: Browser;
  beforeAll(async () => {
    [camera, browser] = await Promise.all([startGstCamera(), startFirefox()]);
  }, 40_000);
  afterAll(async () => {
    await browser?.close();
    await camera?.kill();
  });

  for (const { name, mount, label } of CASES) {
    test(`${name} play by themselves`, async () => {
      const server: RunningFogcast = await startFogcast(
        `streams:\n  cam:\n    source: ${camera.url(mount)}\n`,
      );
      const page = await browser.newPage();
      try {
        await page.goto(`${server.url}/`);
        let last: unknown;
        const first = await until(15_000, "the first frames", async () => {
          last = await page.evaluate("document.body.innerText");
          const now = await playback(page);
          return now.frames > 5 ? now : undefined;
        }).catch((failure) => {
          throw new Error(`${failure}: ${last}`);
        });
        const later = await until(8000, "1.6 s more", async () => {
          const now = await playback(page);
          return now.frames >= first.frames + 40 ? now : undefined;
        });
        console.log(`  Firefox ${mount}: ${JSON.stringify(later)}`);
        expect(later.time).toBeGreaterThan(first.time);
        expect(later.width).toBe(320);
        expect(await page.evaluate('document.querySelector("video").mozHasAudio')).toBe(true);
        expect(await page.evaluate('document.querySelector(".tracks").textContent')).toContain(label);
      } finally {
        await page.close();
        await server.stop();
      }
    }, 30_000);
  }
});
