import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { playback, startChromium } from "../../peers/browser.ts";
import { type RunningFogcast, until } from "../../peers/fogcast.ts";
import { type PlayerSite, startPlayerSite } from "../../peers/player_page.ts";
import { startWatchedCamera, type WatchedCamera } from "../../peers/watched_camera.ts";

interface Case {
  readonly name: string;
  readonly mount: string;
  readonly player: "hls" | "mpegts" | "shaka";
  /** Of the multivariant playlist, where that is what is played. */
  readonly codecs?: RegExp;
  readonly sound: boolean;
  readonly query?: string;
  /** The endless file that is played, by its ending. */
  readonly file?: "flv" | "ts";
}

const CASES: readonly Case[] = [
  { name: "H.264 and AAC", mount: "h264aac", player: "hls", codecs: /avc1\.\w+,mp4a\.40\.2/, sound: true },
  {
    name: "H.264 and AAC in one playlist",
    mount: "h264aac",
    player: "hls",
    codecs: /avc1\.\w+,mp4a\.40\.2/,
    sound: true,
    query: "?muxed=1",
  },
  {
    name: "H.264 with B-frames",
    mount: "h264bframes",
    player: "hls",
    codecs: /"avc1\.4d\w+"/i,
    sound: false,
  },
  { name: "AAC in LATM", mount: "h264latm", player: "hls", codecs: /,mp4a\.40\.2"/, sound: true },
  { name: "G.711 A-law, as FLAC", mount: "h264pcma", player: "hls", codecs: /,fLaC"/, sound: true },
  { name: "L16, as FLAC", mount: "h264l16", player: "hls", codecs: /,fLaC"/, sound: true },
  { name: "Opus", mount: "h264opus", player: "hls", codecs: /,opus"/i, sound: true },
  { name: "VP9", mount: "vp9", player: "hls", codecs: /"vp09\.00\./, sound: false },
  { name: "H.264 and AAC", mount: "h264aac", player: "shaka", codecs: /avc1\.\w+,mp4a\.40\.2/, sound: true },
  { name: "H.264 and AAC as endless FLV", mount: "h264aac", player: "mpegts", file: "flv", sound: true },
  { name: "H.264 and AAC as endless MPEG-TS", mount: "h264aac", player: "mpegts", file: "ts", sound: true },
  {
    name: "H.264 and MPEG audio as endless MPEG-TS",
    mount: "h264mp3",
    player: "mpegts",
    file: "ts",
    sound: true,
  },
];

describe("a GStreamer camera in Chromium, on a page of another origin", () => {
  let watched: WatchedCamera<Browser>;
  let server: RunningFogcast;
  let browser: Browser;
  let site: PlayerSite;

  beforeAll(async () => {
    const mounts = [...new Set(CASES.map((c) => c.mount))];
    watched = await startWatchedCamera(mounts, startChromium(), { idle: "1s" });
    ({ server, browser } = watched);
    site = startPlayerSite();
  }, 30_000);
  afterAll(async () => {
    await site?.stop();
    await watched?.stop();
  });

  for (const { name, mount, player, codecs, sound, file, query = "" } of CASES) {
    test(`${name} in ${player}`, async () => {
      const path = file === undefined ? `hls/${mount}/index.m3u8${query}` : `${mount}.${file}`;
      const address = `${server.url}/${path}`;
      const context = await browser.newContext();
      try {
        const page = await context.newPage();
        const elsewhere: string[] = [];
        const { host } = new URL(server.url);
        const own = new URL(site.page(player, address)).host;
        page.on("request", (request) => {
          const url = new URL(request.url());
          if (/^https?:/.test(url.protocol) && url.host !== host && url.host !== own) {
            elsewhere.push(url.href);
          }
        });
        await page.goto(site.page(player, address));
        let last: unknown;
        const first = await until(12_000, "the first frames", async () => {
          const now = await playback(page);
          last = now;
          return now.frames > 5 && (!sound || now.audio > 0) ? now : undefined;
        }).catch((failure) => {
          throw new Error(`${failure}: ${JSON.stringify(last)}`);
        });
        const later = await until(10_000, "a second more", async () => {
          const now = await playback(page);
          return now.frames >= first.frames + 25 ? now : undefined;
        });
        console.log(`  ${player} ${path}: ${JSON.stringify(later)}`);
        expect(later.failures).toEqual([]);
        expect(later.time).toBeGreaterThan(first.time);
        expect(later.width).toBe(320);
        if (sound) expect(later.audio).toBeGreaterThan(first.audio);
        expect(elsewhere).toEqual([]);
      } finally {
        await context.close();
      }
      if (codecs !== undefined) expect(await (await fetch(address)).text()).toMatch(codecs);
    }, 25_000);
  }
});
