import type { FogcastPlayer } from "../player/element.ts";
import { type ListedStream, STATES } from "./streams.ts";

const DRAWINGS = {
  enlarge: '<path d="M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5"/>',
  close: '<path d="m6 6 12 12M18 6 6 18"/>',
  page: '<path d="M10 5H5v14h14v-5M14 4h6v6M20 4l-9 9"/>',
} as const;

function drawing(name: keyof typeof DRAWINGS): string {
  return `<svg viewBox="0 0 24 24" aria-hidden="true">${DRAWINGS[name]}</svg>`;
}

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  properties: Partial<HTMLElementTagNameMap[K]> = {},
): HTMLElementTagNameMap[K] {
  return Object.assign(document.createElement(tag), properties);
}

/** So often a tile that does not play gets a new still, milliseconds: seldom enough for streams on demand to end. */
const STILL_EVERY = 60_000;

/** Codecs of tracks that a still can be had of, as the list names them. */
const PICTURES = /^(?:avc|hvc|hev|av01|vp0?[89]|jpeg)/;

/** The tile of one stream. */
export class Card {
  readonly element = element("article");
  readonly player: FogcastPlayer;
  readonly name: string;
  readonly #dot = element("span", { className: "dot" });
  readonly #tracks = element("span", { className: "tracks" });
  readonly #reason = element("span", { className: "reason" });
  /** When the still was asked for, milliseconds. */
  #stillAt = -Infinity;
  readonly #enlarge = element("button", {
    type: "button",
    className: "enlarge",
  });

  constructor(name: string, onEnlarge: (card: Card) => void) {
    this.name = name;
    this.player = document.createElement("fogcast-player") as FogcastPlayer;
    this.player.setAttribute("stream", name);
    this.player.setAttribute("muted", "");
    this.player.setAttribute("poster", "none");
    const title = element("h2", { textContent: name });
    const page = element("a", {
      className: "page",
      href: `${encodeURIComponent(name)}.html`,
      innerHTML: drawing("page"),
    });
    page.setAttribute("aria-label", `Page of ${name} alone`);
    page.title = "Page of its own";
    this.#enlarge.addEventListener("click", () => onEnlarge(this));
    const links = element("div", { className: "links" });
    links.append(page, this.#enlarge);
    const about = element("div", { className: "about" });
    about.append(this.#dot, title, links, this.#tracks, this.#reason);
    this.element.append(this.player, about);
    this.element.setAttribute("aria-label", name);
    this.large = false;
  }

  set large(large: boolean) {
    this.element.classList.toggle("large", large);
    this.#enlarge.innerHTML = drawing(large ? "close" : "enlarge");
    this.#enlarge.setAttribute(
      "aria-label",
      large ? `Back to all streams` : `Enlarge ${this.name}`,
    );
    this.#enlarge.title = large ? "Back (Escape)" : "Enlarge (Enter)";
  }

  /** Shows what the list says of it. */
  fill(stream: ListedStream): void {
    const state = STATES[stream.state] ?? stream.state;
    this.#dot.className = `dot ${stream.state}`;
    this.#dot.title = state;
    const tracks = stream.tracks.map((t) => t.label).join(" + ");
    this.#tracks.textContent = tracks === "" ? state : `${tracks} · ${state}`;
    this.#reason.textContent = stream.state === "waiting" || stream.state === "refused" ? stream.reason : "";
    this.#still(stream);
  }

  /** A still of a stream that runs anyway; one that starts with its first viewer is not started for a still. */
  #still({ state, tracks }: ListedStream): void {
    const now = performance.now();
    if (state !== "online" || this.player.playing || now - this.#stillAt < STILL_EVERY) return;
    if (!tracks.some((t) => PICTURES.test(t.codec))) return;
    this.#stillAt = now;
    const ending = tracks.some((t) => t.codec === "jpeg") ? "jpg" : "still.mp4";
    this.player.setAttribute("poster", `${encodeURIComponent(this.name)}.${ending}?at=${Math.round(now)}`);
  }
}
