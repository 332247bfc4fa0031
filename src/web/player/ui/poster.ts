import { make } from "./elements.ts";

/**
 * A still of the stream until it plays: a given image, else the server's JPEG snapshot, else its key frame as an MP4 of
 * one frame. One that there is not is simply not shown.
 */
export class Poster {
  readonly element = make("div", "poster");
  readonly #addresses: string[];

  constructor(addresses: readonly string[]) {
    this.#addresses = [...addresses];
    this.#next();
  }

  /** Fetches the still anew. */
  refresh(addresses: readonly string[]): void {
    this.#addresses.splice(0, Infinity, ...addresses);
    this.#next();
  }

  set gone(gone: boolean) {
    this.element.classList.toggle("gone", gone);
  }

  #next(): void {
    const address = this.#addresses.shift();
    if (address === undefined) return;
    const film = /\.mp4(\?|$)/.test(address);
    const still = film
      ? make("video", "poster", {
        muted: true,
        playsInline: true,
        preload: "auto",
      })
      : make("img", "poster", { alt: "" });
    still.setAttribute("aria-hidden", "true");
    still.tabIndex = -1;
    // the last still stays until the next one is there
    still.addEventListener(
      film ? "loadeddata" : "load",
      () => this.element.replaceChildren(still),
    );
    still.addEventListener("error", () => this.#next());
    still.src = address;
  }
}
