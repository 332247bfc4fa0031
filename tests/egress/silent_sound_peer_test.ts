import { existsSync } from "node:fs";
import { expect, test } from "bun:test";
import type { Browser, Page } from "playwright-core";
import { readAsset } from "../../src/host/assets.ts";
import { CHROMIUM, playback, startChromium } from "../peers/browser.ts";
import { until } from "../peers/fogcast.ts";
import { type PlayerSite, startPlayerSite } from "../peers/player_page.ts";
import { aacClip, alawClip, LiveServer, type LiveTrack, videoClip } from "./live_clip.ts";
import { undisturbed } from "../standstill.ts";

/** Software not written here; without it the suite says so, and fails where nothing may be skipped. */
const MISSING = ["ffmpeg", CHROMIUM].filter((program) => Bun.which(program) === null && !existsSync(program));
if (MISSING.length > 0) {
  console.error(`SKIPPED tests/egress/silent_sound_peer_test.ts: not installed: ${MISSING.join(", ")}`);
  if (process.env["CI"] === "true") throw new Error(`Cannot run without ${MISSING.join(", ")}`);
}
const withPeers = MISSING.length === 0 ? test : test.skip;

/** Seconds that are played without sound, and with it again. */
const WITHOUT = 5, AFTERWARDS = 4;

/** What is buffered, as pairs of seconds. */
async function buffered(page: Page): Promise<[number, number][]> {
  return await page.evaluate(`(() => {
    const { buffered } = document.querySelector("video");
    return Array.from({ length: buffered.length }, (_, i) => [buffered.start(i), buffered.end(i)]);
  })()`) as [number, number][];
}

/** Waits until the page has played up to `seconds`, with pictures. */
async function playsTo(page: Page, seconds: number, limit: number) {
  const { frames } = await playback(page);
  return await until(limit, `playing to ${seconds} s`, async () => {
    const now = await playback(page);
    return now.time >= seconds && now.frames > frames ? now : undefined;
  });
}

async function goesOn(browser: Browser, site: PlayerSite, sound: LiveTrack): Promise<void> {
  const live = await LiveServer.start([videoClip(), sound]);
  try {
    const page = await browser.newPage();
    await page.goto(site.page("hls", live.playlist));
    const before = await playsTo(page, 3, 30_000);
    live.muted.add(sound.track.id);
    const [, silentFrom] = (await buffered(page)).at(-1) as [number, number];
    // no sound comes again before the picture has gone on without it
    const without = await playsTo(page, silentFrom + WITHOUT, 30_000);
    expect(without.frames - before.frames).toBeGreaterThan(WITHOUT * 20);
    live.muted.clear();
    const after = await playsTo(page, without.time + (without.latency ?? 0) + AFTERWARDS, 30_000);
    expect(after.audio).toBeGreaterThan(without.audio);
    // nothing was jumped over
    const [from, to] = (await buffered(page)).at(-1) as [number, number];
    expect(from).toBeLessThan(silentFrom);
    expect(to).toBeGreaterThanOrEqual(after.time);
    expect(after.failures.filter((f) => f.startsWith("fatal") || f.includes("Hole"))).toEqual([]);
  } finally {
    await live.stop();
  }
  expect(live.said).toEqual([]);
}

withPeers(
  "hls.js in Chromium shows the picture while AAC and G.711 have stopped, and hears them again",
  async () => {
    const site = startPlayerSite();
    const browser = await startChromium();
    try {
      await Promise.all([aacClip(), alawClip()].map((clip) => goesOn(browser, site, clip)));
    } finally {
      await browser.close();
      await site.stop();
    }
  },
  100_000,
);

/** Plays over a socket with our own player; answers once sound is heard again. */
async function goesOnOverSocket(browser: Browser, video: LiveTrack, sound: LiveTrack): Promise<void> {
  const live = await LiveServer.start([video, sound], readAsset);
  try {
    const page = await browser.newPage();
    const sockets: string[] = [];
    page.on("websocket", (socket) => sockets.push(socket.url()));
    await page.goto(`${live.url}/cam.html?forcePlayer=mews&muted`);
    const before = await playsTo(page, 3, 30_000);
    live.muted.add(sound.track.id);
    // what was on its way is played, and more than the player waits for before it begins anew
    const quiet = await playsTo(page, before.time + 2, 30_000);
    const without = await playsTo(page, quiet.time + 2 * WITHOUT, 30_000);
    expect(without.frames - quiet.frames).toBeGreaterThan(WITHOUT * 20);
    live.muted.clear();
    const heard = await playsTo(page, without.time + (without.latency ?? 0) + 2, 30_000);
    const after = await playsTo(page, heard.time + AFTERWARDS, 30_000);
    const rate = (from: typeof after, to: typeof after) => (to.audio - from.audio) / (to.time - from.time);
    // a silent frame is some bytes long
    expect(rate(heard, after)).toBeGreaterThan(2 * rate(quiet, without));
    // one socket is for media, from the beginning to the end
    expect(sockets.filter((url) => url.includes(".mp4"))).toHaveLength(1);
    expect([after.way, after.state]).toEqual([before.way, "playing"]);
  } finally {
    await live.stop();
  }
  expect(live.said).toEqual([]);
}

withPeers(
  "over a socket Chromium shows the picture while AAC and G.711 have stopped, and hears them again",
  async () => {
    const browser = await startChromium();
    try {
      // making them keeps this process from running, which is no fault of the machine
      const [video, ...sounds] = [videoClip(), aacClip(), alawClip()] as const;
      // what the player takes for a broken connection
      await undisturbed(
        500,
        3,
        () => Promise.all(sounds.map((sound) => goesOnOverSocket(browser, video, sound))),
      );
    } finally {
      await browser.close();
    }
  },
  240_000,
);
