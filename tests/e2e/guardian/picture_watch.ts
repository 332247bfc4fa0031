import type { Page } from "playwright-core";

/** How the picture of a page has moved since {@link watchPicture}. */
export interface PictureSeen {
  /** Longest time that it stood still, milliseconds. */
  readonly longest: number;
  /** How often the player ran dry, and how often its clock went back. */
  readonly waiting: number;
  readonly back: number;
  readonly samples: number;
}

/** In the page: notes how long the picture stood still, and how often the player ran dry. */
const WATCH = `(() => {
  const video = (document.querySelector("fogcast-player")?.video ?? document.querySelector("video"));
  const seen = globalThis.seen = { longest: 0, waiting: 0, back: 0, samples: 0 };
  let last = video.currentTime, at = performance.now();
  video.addEventListener("waiting", () => seen.waiting++);
  setInterval(() => {
    const now = performance.now(), time = video.currentTime;
    seen.samples++;
    if (time < last) seen.back++;
    if (time !== last) at = now;
    else seen.longest = Math.max(seen.longest, now - at);
    last = time;
  }, 20);
})()`;

export async function watchPicture(page: Page): Promise<void> {
  await page.evaluate(WATCH);
}

export async function pictureSeen(page: Page): Promise<PictureSeen> {
  return await page.evaluate("globalThis.seen") as PictureSeen;
}
