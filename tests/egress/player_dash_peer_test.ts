import { existsSync } from "node:fs";
import { expect, test } from "bun:test";
import { readAsset } from "../../src/host/assets.ts";
import { CHROMIUM, playback, startChromium } from "../peers/browser.ts";
import { until } from "../peers/fogcast.ts";
import { aacClip, LiveServer, videoClip } from "./live_clip.ts";

/** Software not written here; without it the suite says so, and fails where nothing may be skipped. */
const MISSING = ["ffmpeg", CHROMIUM].filter((program) => Bun.which(program) === null && !existsSync(program));
if (MISSING.length > 0) {
  console.error(`SKIPPED tests/egress/player_dash_peer_test.ts: not installed: ${MISSING.join(", ")}`);
  if (process.env["CI"] === "true") throw new Error(`Cannot run without ${MISSING.join(", ")}`);
}
const withPeers = MISSING.length === 0 ? test : test.skip;

withPeers("the player goes on with DASH beyond what the first manifest has", async () => {
  const live = await LiveServer.start([videoClip(), aacClip()], readAsset);
  const browser = await startChromium();
  try {
    const page = await browser.newPage();
    const manifests: string[] = [];
    page.on("request", (request) => request.url().includes(".mpd") && manifests.push(request.url()));
    await page.goto(`${live.url}/cam.html?forcePlayer=dashjs&muted`);
    const first = await until(20_000, "a picture", async () => {
      const now = await playback(page);
      return now.frames > 0 && now.time > 0 ? now : undefined;
    });
    expect(first.way).toBe("dashjs");
    await until(30_000, "ten seconds more", async () => {
      const now = await playback(page);
      return now.time > first.time + 10 ? now : undefined;
    });
    // read again by its Location, and not begun anew
    const [begun, ...later] = manifests;
    expect(begun).not.toContain("since=");
    expect(later.length).toBeGreaterThan(3);
    for (const url of later) expect(url).toContain("since=");
  } finally {
    await browser.close();
    await live.stop();
  }
}, 80_000);
