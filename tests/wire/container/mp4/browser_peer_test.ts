import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { chromium } from "playwright-core";
import { launch } from "puppeteer-core";
import { type ClipName, makeClip, makeG711Clip, writeFile } from "./peer_media.ts";

const CHROMIUM_FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
  "--mute-audio",
];
const FIREFOX_PREFERENCES = {
  "media.autoplay.default": 0,
  "media.autoplay.blocking_policy": 0,
  "media.gmp-manager.updateEnabled": false,
  "app.update.enabled": false,
  "network.captive-portal-service.enabled": false,
  "datareporting.policy.dataSubmissionEnabled": false,
  "browser.safebrowsing.downloads.remote.enabled": false,
};

/** What a test needs of a browser: run a line of script in its one page; be gone. */
interface Peer {
  evaluate(script: string): Promise<unknown>;
  close(): Promise<void>;
}

async function openChromium(url: string): Promise<Peer> {
  const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args: CHROMIUM_FLAGS });
  const page = await browser.newPage();
  await page.goto(url);
  return { evaluate: (script) => page.evaluate(script), close: () => browser.close() };
}

async function openFirefox(url: string): Promise<Peer> {
  const browser = await launch({
    browser: "firefox",
    executablePath: "/usr/bin/firefox-esr",
    headless: true,
    extraPrefsFirefox: FIREFOX_PREFERENCES,
  });
  const page = await browser.newPage();
  await page.goto(url);
  return { evaluate: (script) => page.evaluate(script), close: () => browser.close() };
}

interface Case {
  readonly name: string;
  /** One clip, or several in one file. */
  readonly clips: readonly (ClipName | "g711")[];
  readonly type: string;
  /** 2 when left out. */
  readonly seconds?: number;
}

/** Both browsers play these. */
const cases: readonly Case[] = [
  { name: "H.264", clips: ["h264"], type: 'video/mp4; codecs="avc1.42C00D"' },
  {
    name: "H.264 with B-frames, negative offsets",
    clips: ["h264b"],
    type: 'video/mp4; codecs="avc1.64000D"',
  },
  {
    name: "H.264 and AAC in one file",
    clips: ["h264", "aac"],
    type: 'video/mp4; codecs="avc1.42C00D,mp4a.40.2"',
  },
  { name: "AV1", clips: ["av1"], type: 'video/mp4; codecs="av01.0.00M.08"' },
  { name: "VP9", clips: ["vp9"], type: 'video/mp4; codecs="vp09.00.11.08"' },
  { name: "AAC", clips: ["aac"], type: 'audio/mp4; codecs="mp4a.40.2"' },
  { name: "Opus", clips: ["opus"], type: 'audio/mp4; codecs="opus"' },
  { name: "FLAC", clips: ["flac"], type: 'audio/mp4; codecs="flac"' },
  { name: "G.711 made FLAC", clips: ["g711"], type: 'audio/mp4; codecs="fLaC"', seconds: 1 },
  { name: "FLAC by its name in HLS", clips: ["flac"], type: 'audio/mp4; codecs="fLaC"' },
];

/** Chromium takes MP3 outside MP4 alone (`audio/mpeg`), and Debian's has no HEVC decoder. */
const firefoxCases: readonly Case[] = [
  { name: "H.265", clips: ["h265"], type: 'video/mp4; codecs="hvc1.1.6.L60.90"' },
  { name: "MP3", clips: ["mp3"], type: 'audio/mp4; codecs="mp3"' },
  { name: "MP3 of 16 kHz", clips: ["mp3low"], type: 'audio/mp4; codecs="mp3"' },
];

const script = readFileSync(`${import.meta.dirname}/append_and_play.js`, "utf8");

const peers = [
  { name: "Chromium", open: openChromium, cases },
  { name: "Firefox", open: openFirefox, cases: [...cases, ...firefoxCases] },
];

for (const { name, open, cases } of peers) {
  describe(name, () => {
    let peer: Peer | undefined;
    const server = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () =>
        new Response(`<!doctype html><body></body><script>${script}</script>`, {
          headers: { "content-type": "text/html" },
        }),
    });

    beforeAll(async () => {
      peer = await open(`http://127.0.0.1:${server.port}/`);
    }, 30_000);

    afterAll(async () => {
      await peer?.close();
      await server.stop(true);
    });

    for (const c of cases) {
      test(`appends and plays ${c.name}`, async () => {
        const clips = c.clips.map((name) => (name === "g711" ? makeG711Clip() : makeClip(name)));
        const { init, fragments } = writeFile(clips, 5);
        const pieces = [init, ...fragments].map((p) => Buffer.from(p).toString("base64"));
        const played = (await peer?.evaluate(
          `appendAndPlay(${JSON.stringify(c.type)}, ${JSON.stringify(pieces)})`,
        )) as { error: string; ends: number[]; ranges: number; time: number; frames: number };
        expect(played.error).toBe("");
        expect(played.ranges).toBe(1);
        expect(played.ends[0]).toBe(0);
        expect(played.ends[1]).toBeGreaterThan(0);
        expect(played.ends).toEqual(played.ends.toSorted((a, b) => a - b));
        expect(played.ends.at(-1)).toBeGreaterThan((c.seconds ?? 2) - 0.1);
        expect(played.time).toBeGreaterThan((c.seconds ?? 2) - 0.1);
        if (clips[0]?.track.kind === "video") expect(played.frames).toBeGreaterThan(20);
      }, 20_000);
    }
  });
}
