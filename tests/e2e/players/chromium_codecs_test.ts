import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { Browser } from "playwright-core";
import { answeredText } from "../../peers/answered.ts";
import { startChromium, untilPlays } from "../../peers/browser.ts";
import type { RunningFogcast } from "../../peers/fogcast.ts";
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

/**
 * What a player says, and mends by itself, when the machine was too busy to play, or when it begins where a camera that
 * just started has sent pictures and no sound as yet.
 */
const isMended = (failure: string) =>
  /^(?:buffer(?:StalledError|NudgeOnStall|SeekOverHole)|fragGap)$/.test(failure);

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
  }, 30_000);

  /** Plays in a page of its own for a second; answers what the player had to complain of. */
  async function play({ mount, player, sound, file, query = "" }: Case): Promise<readonly string[]> {
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
      const first = await untilPlays(
        page,
        30_000,
        "the first frames",
        (now) => now.frames > 5 && (!sound || now.audio > 0),
      );
      const later = await untilPlays(
        page,
        20_000,
        "a second more",
        (now) =>
          now.frames >= first.frames + 25 && now.time > first.time && (!sound || now.audio > first.audio),
      );
      console.log(`  ${player} ${path}: ${JSON.stringify(later)}`);
      expect(later.width).toBe(320);
      expect(elsewhere).toEqual([]);
      return later.failures;
    } finally {
      await context.close();
    }
  }

  for (const one of CASES) {
    test(`${one.name} in ${one.player}`, async () => {
      let failures: readonly string[] = [];
      for (let pages = 0; pages < 3; pages++) {
        failures = await play(one);
        // one that never plays without is faulty, whatever it complains of
        if (failures.length === 0 || !failures.every(isMended)) break;
      }
      expect(failures).toEqual([]);
      if (one.codecs === undefined) return;
      const query = one.query ?? "";
      expect(await answeredText(`${server.url}/hls/${one.mount}/index.m3u8${query}`)).toMatch(one.codecs);
    }, 170_000);
  }
});
