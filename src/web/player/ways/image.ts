import type { Opening, Playback, PlaybackStats } from "../playback.ts";

/** A single still is asked for again after this, milliseconds. */
const STILL_EVERY = 1000;

/** Motion JPEG in an image: the browser replaces the picture as each comes. */
export function openImage(opening: Opening): Playback {
  const { stage, events, url, info } = opening;
  const image = document.createElement("img");
  image.alt = "";
  image.className = "surface";
  const still = /\.jpe?g(\?|$)/.test(new URL(url).pathname);
  let pictures = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const load = () => {
    const address = new URL(url);
    if (still) address.searchParams.set("at", String(Date.now()));
    image.src = address.href;
  };
  image.onload = () => {
    pictures++;
    events.alive();
    if (still) timer = setTimeout(load, STILL_EVERY);
  };
  image.onerror = () => events.failed("the pictures stopped");
  stage.append(image);
  load();
  const began = performance.now();
  return {
    surface: image,
    // of a multipart image nobody says when a picture comes: it is taken to live as long as it has a size
    stats: (): PlaybackStats => ({
      time: image.naturalWidth > 0 ? (performance.now() - began) / 1000 : 0,
      frames: still ? pictures : undefined,
      width: image.naturalWidth || info.width,
      height: image.naturalHeight || info.height,
    }),
    choices: () => [],
    choose() {},
    close() {
      clearTimeout(timer);
      image.onerror = null;
      image.onload = null;
      image.removeAttribute("src");
      image.remove();
    },
  };
}
