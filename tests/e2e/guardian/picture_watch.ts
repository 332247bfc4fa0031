import type { Page } from "playwright-core";

/** How the picture of a page has moved since {@link watchPicture}. */
export interface PictureSeen {
  /** Longest time that it stood still, milliseconds. */
  readonly longest: number;
  /** How often the player ran dry, and how often its clock went back. */
  readonly waiting: number;
  readonly back: number;
  /** How often it was moved on over what it lacked, and how often it began anew. */
  readonly jumps: number;
  readonly begun: number;
}

/** In the page: notes how long the picture stood still, and what happened to the player. */
const WATCH = `(() => {
  const current = () => document.querySelector("fogcast-player")?.video ?? document.querySelector("video");
  const seen = globalThis.seen = { longest: 0, waiting: 0, back: 0, jumps: 0, begun: 0 };
  let video;
  let last, at;
  const look = () => {
    if (current() !== video) {
      if (video !== undefined) seen.begun++;
      video = current();
      last = undefined;
      video.addEventListener("waiting", () => seen.waiting++);
      video.addEventListener("seeking", () => seen.jumps++);
      video.addEventListener("emptied", () => seen.begun++);
    }
    const now = performance.now(), time = video.currentTime;
    if (time < last) seen.back++;
    if (time !== last) at = now;
    else seen.longest = Math.max(seen.longest, now - at);
    last = time;
  };
  look();
  setInterval(look, 20);
})()`;

export async function watchPicture(page: Page): Promise<void> {
  await page.evaluate(WATCH);
}

export async function pictureSeen(page: Page): Promise<PictureSeen> {
  return await page.evaluate("globalThis.seen") as PictureSeen;
}
