import { type Browser, chromium } from "playwright-core";
import { until } from "./fogcast.ts";

/** Flags that keep Chromium from talking to anyone but the page's own server. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
  "--mute-audio",
];

export const CHROMIUM = process.env["CHROME"] ?? "/usr/bin/chromium";

/** Headless Chromium from Debian, with further flags. */
export function startChromium(...flags: string[]): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: [...FLAGS, ...flags] });
}

export interface Playback {
  /** Seconds on the media clock. */
  readonly time: number;
  /** Video frames decoded since the page was looked at first; the clock alone also advances on audio. */
  readonly frames: number;
  readonly width: number;
  /** Bytes of audio decoded. */
  readonly audio: number;
  /** Seconds behind the live edge, as the player reckons. */
  readonly latency: number | undefined;
  /** How our own player plays, and what it tells. */
  readonly way: string | undefined;
  readonly state: string | undefined;
  readonly reason: string | undefined;
  /** What a page of player_page.ts complained about. */
  readonly failures: readonly string[];
}

/** Runs in the page; text, since the page's own types are not those of the tests. */
const READ_PLAYBACK = `(() => {
  const player = document.querySelector("fogcast-player");
  const stats = player?.stats?.();
  const video = player?.video ?? document.querySelector("video");
  // a player that begins anew counts from 0 again
  const count = globalThis.framesShown ??= { before: 0, now: 0 };
  const frames = stats?.frames ?? video.getVideoPlaybackQuality().totalVideoFrames;
  if (frames < count.now) count.before += count.now;
  count.now = frames;
  return {
    time: stats?.time ?? video.currentTime,
    frames: count.before + frames,
    width: stats?.width ?? video.videoWidth,
    audio: video.webkitAudioDecodedByteCount ?? 0,
    latency: player?.latency ?? globalThis.latency?.(),
    way: player?.way,
    state: player?.state,
    reason: player?.shadowRoot?.querySelector(".text")?.textContent,
    failures: [...(globalThis.failures ?? [])],
  };
})()`;

/** A page that runs a script: of Chromium through playwright or of Firefox through puppeteer. */
export interface ScriptedPage {
  evaluate(script: string): Promise<unknown>;
}

/** What the first player of ours, or else the first `<video>` of the page, plays at the moment. */
export async function playback(page: ScriptedPage): Promise<Playback> {
  return await page.evaluate(READ_PLAYBACK) as Playback;
}

/** Waits until what the page plays is as `good` wants it; tells at which state it stayed where that does not come. */
export async function untilPlays(
  page: ScriptedPage,
  ms: number,
  what: string,
  good: (now: Playback) => boolean,
): Promise<Playback> {
  let last: Playback | undefined;
  return await until(ms, what, async () => {
    last = undefined;
    last = await playback(page);
    return good(last) ? last : undefined;
  }).catch((failure) => {
    throw new Error(`${JSON.stringify(last ?? "no answer from the page")}: ${failure.message}`);
  });
}
