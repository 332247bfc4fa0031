import { type Browser, chromium, type Page } from "playwright-core";

/** Flags that keep Chromium from talking to anyone but the page's own server. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--autoplay-policy=no-user-gesture-required",
  "--mute-audio",
];

export const CHROMIUM = process.env["CHROME"] ?? "/usr/bin/chromium";

/** Headless Chromium from Debian. */
export function startChromium(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, headless: true, args: FLAGS });
}

export interface Playback {
  /** Seconds on the media clock. */
  readonly time: number;
  /** Video frames decoded; the clock alone also advances on audio. */
  readonly frames: number;
  readonly width: number;
  /** Bytes of audio decoded. */
  readonly audio: number;
  /** Seconds behind the live edge, as the player reckons. */
  readonly latency: number | undefined;
}

/** Runs in the page; text, since the page's own types are not those of the tests. */
const READ_PLAYBACK = `(() => {
  const video = document.querySelector("video");
  return {
    time: video.currentTime,
    frames: video.getVideoPlaybackQuality().totalVideoFrames,
    width: video.videoWidth,
    audio: video.webkitAudioDecodedByteCount ?? 0,
    latency: document.querySelector("fogcast-player")?.latency,
  };
})()`;

/** What the first `<video>` of the page plays at the moment. */
export function playback(page: Page): Promise<Playback> {
  return page.evaluate<Playback>(READ_PLAYBACK);
}
